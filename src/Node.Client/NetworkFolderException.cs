namespace Node.Client;

/// <summary>A network's folder lacks something that a client needs, or holds something that cannot be read.</summary>
public sealed class NetworkFolderException : Exception
{
    internal NetworkFolderException(string message)
        : base(message)
    {
    }
}
