namespace Node.Hosting.Tls;

/// <summary>
/// What client certificates must chain to where one is required: the configured roots and those of all channels.
/// </summary>
/// <param name="rootFiles">PEM; read once.</param>
/// <param name="ofChannels">
/// PEM certificates, as the channels stand now: organisations join and leave. Called on any thread, once for each
/// handshake.
/// </param>
public sealed class ClientRoots(
    IReadOnlyList<string> rootFiles, Func<IEnumerable<ReadOnlyMemory<byte>>> ofChannels)
{
    private readonly ReadOnlyMemory<byte>[] _configured = RootFiles.Read(rootFiles);

    public IReadOnlyList<ReadOnlyMemory<byte>> Read() => [.. _configured, .. ofChannels()];
}
