namespace Node.Rest.Calls;

/// <summary>What an operation answers: status, meaning, and the forms of the body.</summary>
/// <param name="Body">The type whose JSON is answered; null for other forms, and for none.</param>
/// <param name="MediaTypes">Empty for no body.</param>
internal sealed record Answer(int Status, string Description, Type? Body, IReadOnlyList<string> MediaTypes)
{
    public static Answer Json(int status, string description, Type body) =>
        new(status, description, body, [Call.JsonMediaType]);

    public static Answer Bytes(string description, params IReadOnlyList<string> mediaTypes) =>
        new(200, description, Body: null, mediaTypes);

    public static Answer Empty(int status, string description) => new(status, description, Body: null, []);
}

/// <summary>The body that an operation reads.</summary>
/// <param name="Type">The type whose JSON is read; null for bytes and forms.</param>
internal sealed record RequestBody(string Description, Type? Type, IReadOnlyList<string> MediaTypes)
{
    public bool IsOptional { get; init; }

    public static RequestBody Json(string description, Type type) => new(description, type, [Call.JsonMediaType]);
}

/// <summary>One method on one path: what it takes, what it answers, who may call it, and what carries it out.</summary>
/// <remarks>Routes, checks of parameters and the OpenAPI document are all made from this. Immutable.</remarks>
internal sealed record Operation(string Method, string Path, string Id, string Summary, Func<Call, Task> Run)
{
    /// <summary>The heading it stands under in the document.</summary>
    public required string Tag { get; init; }

    public string Description { get; init; } = "";

    public IReadOnlyList<Parameter> Parameters { get; init; } = [];

    public RequestBody? Body { get; init; }

    /// <summary>Beside problems, which all operations share.</summary>
    public required IReadOnlyList<Answer> Answers { get; init; }

    /// <summary>Needs no credentials.</summary>
    public bool IsOpen { get; init; }

    /// <summary>Query parameters that are not listed are refused.</summary>
    public bool IsStrict { get; init; } = true;

    /// <summary>Largest body in bytes; null for the server's limit of uploads.</summary>
    public long? BodyBytesMax { get; init; } = 0;

    /// <summary>Runs until the caller goes away, so it does not count as a request in progress.</summary>
    public bool IsEndless { get; init; }
}
