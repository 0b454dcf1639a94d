using Node.Protocol;

namespace Node.Client.Storing;

/// <summary>What <see cref="ContentStore.AddAsync"/> made durable.</summary>
public sealed record StoredContent(Hash32 Checksum, long Bytes, string Path);

public enum ContentState
{
    Intact,
    Altered,
    Missing,
}

/// <summary>A stored file held against its checksum.</summary>
/// <param name="Found">Null when there is no file.</param>
public sealed record ContentCheck(string Path, Checksum Expected, Checksum? Found, ContentState State);

/// <summary>Stored bytes are gone or are not what was recorded. They must not be used.</summary>
public sealed class ContentMismatchException : Exception
{
    internal ContentMismatchException(ContentCheck check)
        : base(check.State == ContentState.Missing
            ? $"The stored file {check.Path} is missing ({check.Expected}). Put the original file again."
            : $"The stored file {check.Path} was altered: expected {check.Expected}, found {check.Found?.Hex}. " +
              "Put the original file again.") =>
        Check = check;

    public ContentCheck Check { get; }
}
