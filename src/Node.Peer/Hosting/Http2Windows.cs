namespace Node.Peer.Hosting;

/// <summary>Flow-control windows of HTTP/2, in bytes. Too small, and one block waits for several round trips.</summary>
internal static class Http2Windows
{
    public const int StreamBytes = 1 << 20;

    public const int ConnectionBytes = 4 << 20;
}
