using Node.Protocol;

namespace Node.Client.Storing;

/// <summary>How content comes into a store.</summary>
public sealed record AddOptions
{
    /// <summary>Content with no name of its own.</summary>
    public static AddOptions None { get; } = new();

    /// <summary>
    /// A readable name, such as the key, for stores that keep readable names; others ignore it. Empty: content that is
    /// nobody's file, such as the list of a tree, which goes under its checksum everywhere. Null: not said.
    /// </summary>
    public string? Name { get; init; }

    /// <summary>
    /// The file that the content is read from, absolute. A plain store whose folder holds it leaves it where it is.
    /// Null for content that is no file.
    /// </summary>
    public string? SourcePath { get; init; }

    /// <summary>Ends the object's name: ".hpe" for encrypted content. Empty for none.</summary>
    public string Suffix { get; init; } = "";

    /// <summary>
    /// Under exactly this pointer of an existing record: to repair what it names. Null: the store chooses.
    /// </summary>
    public string? Pointer { get; init; }

    /// <summary>Told the bytes of each piece as it is stored. Null: nobody.</summary>
    public IProgress<long>? Progress { get; init; }
}

/// <summary>What <see cref="IContentStore.AddAsync"/> made durable.</summary>
/// <param name="Checksum">SHA-256 of the stored bytes.</param>
/// <param name="Location">For the record.</param>
/// <param name="Pointer">For the record.</param>
public sealed record StoredContent(Hash32 Checksum, long Bytes, string Location, string Pointer)
{
    /// <summary>For people: a path for files, else a URI.</summary>
    public string Place => StorePlace.Of(Location, Pointer);
}

/// <summary>Something that lies in a store.</summary>
public sealed record StoredObject(string Pointer, long Bytes, DateTimeOffset LastWrite)
{
    /// <summary>What the store remembers of its content, not verified; null for what was never complete.</summary>
    public Hash32? Checksum { get; init; }
}

public enum ContentState
{
    Intact,
    Altered,
    Missing,
}

/// <summary>Stored content held against its checksum.</summary>
/// <param name="Path">Where it was looked for: a path for files, else a URI.</param>
/// <param name="Found">Null when there is nothing.</param>
public sealed record ContentCheck(string Path, Checksum Expected, Checksum? Found, ContentState State);
