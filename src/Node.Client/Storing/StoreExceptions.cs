namespace Node.Client.Storing;

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

/// <summary>A store has nothing under a pointer.</summary>
public sealed class ContentMissingException : Exception
{
    internal ContentMissingException(string location, string pointer)
        : base($"There is nothing at {StorePlace.Of(location, pointer)}.") =>
        (Location, Pointer) = (location, pointer);

    public string Location { get; }

    public string Pointer { get; }
}

/// <summary>A store did not answer, or not in time. Nothing is known about what it did.</summary>
public sealed class StoreUnreachableException : Exception
{
    internal StoreUnreachableException(string location, string reason, Exception? inner)
        : base($"The store {location} cannot be reached: {reason}. Check its address and that it runs there.", inner) =>
        Location = location;

    public string Location { get; }
}

/// <summary>
/// A record says that its content lies in a place that nobody on this machine allowed to read from.
/// </summary>
/// <remarks>Whoever writes records must not choose which files and hosts a reader's machine touches.</remarks>
public sealed class LocationRefusedException : Exception
{
    internal LocationRefusedException(string location, string pointer, string reason)
        : base(
            $"The record's content lies at {Quoted(location)}, {Quoted(pointer)}: {reason}. If you trust that " +
            "place, name it: --store URI, or a line under stores: in stores.yaml.") =>
        (Location, Pointer) = (location, pointer);

    public string Location { get; }

    public string Pointer { get; }

    private static string Quoted(string text) => $"\"{(text.Length <= 200 ? text : text[..200] + "…")}\"";
}

/// <summary>The description of a store is wrong: in stores.yaml, or where a person named one.</summary>
public sealed class StoreConfigException : Exception
{
    internal StoreConfigException(string message)
        : base(message)
    {
    }
}

/// <summary>
/// Stored content is encrypted and cannot be opened here: no key fits, or it was altered before recording.
/// </summary>
public sealed class ContentEncryptedException : Exception
{
    internal ContentEncryptedException(string place, string fault)
        : base($"The content at {place} cannot be decrypted: {fault}. Give the private key of one it was encrypted " +
            "for (--decrypt-with FILE), or take the encrypted bytes (--raw).") =>
        Place = place;

    public string Place { get; }
}
