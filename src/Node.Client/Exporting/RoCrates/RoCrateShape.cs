using System.Text.Json;

namespace Node.Client.Exporting.RoCrates;

/// <summary>
/// What RO-Crate 1.1 and 1.2 require of a metadata file, and what makes it useless without being forbidden.
/// </summary>
internal static class RoCrateShape
{
    private const string Specification = "https://w3id.org/ro/crate/";

    public static string? FaultOf(ReadOnlyMemory<byte> metadata)
    {
        if (!LocatedJson.TryParse(metadata, out LocatedJson? root, out string? wrong))
            return wrong;
        if (root["@context"] is not { } context || !ContextsOf(context).Any(IsCrateContext))
            return $"line {root.Line}: \"@context\" names no {Specification}VERSION/context";
        if (root["@graph"] is not { Kind: JsonValueKind.Array } graph)
            return $"line {root.Line}: there is no \"@graph\" array";

        var entities = new Dictionary<string, LocatedJson>(StringComparer.Ordinal);
        foreach (LocatedJson entity in graph.Items)
        {
            if (entity.TextOf("@id") is not { Length: > 0 } id || entity["@type"] is null)
                return $"line {entity.Line}: an entity without \"@id\" or \"@type\"";
            if (!entities.TryAdd(id, entity))
                return $"line {entity.Line}: \"{Quoted.Short(id)}\" stands twice in the graph";
        }

        return DescriptorFault(entities) ?? RootFault(entities) ?? ReferenceFault(entities);
    }

    private static IEnumerable<string> ContextsOf(LocatedJson context) =>
        (context.Kind == JsonValueKind.Array ? context.Items : [context]).Select(item => item.Text);

    private static bool IsCrateContext(string text) =>
        text.StartsWith(Specification, StringComparison.Ordinal) && text.EndsWith("/context", StringComparison.Ordinal);

    private static string? DescriptorFault(Dictionary<string, LocatedJson> entities)
    {
        if (!entities.TryGetValue(RoCrate.FileName, out LocatedJson? descriptor))
            return $"no entity describes {RoCrate.FileName}";
        if (descriptor.TextOf("@type") != "CreativeWork")
            return $"line {descriptor.Line}: {RoCrate.FileName} is no CreativeWork";
        if (ReferenceOf(descriptor, "conformsTo")?.StartsWith(Specification, StringComparison.Ordinal) != true)
            return $"line {descriptor.Line}: {RoCrate.FileName} conforms to no {Specification}VERSION";

        return ReferenceOf(descriptor, "about") == "./"
            ? null
            : $"line {descriptor.Line}: {RoCrate.FileName} is not about \"./\"";
    }

    private static string? RootFault(Dictionary<string, LocatedJson> entities)
    {
        if (!entities.TryGetValue("./", out LocatedJson? root))
            return "there is no root data entity \"./\"";
        if (root.TextOf("@type") != "Dataset")
            return $"line {root.Line}: the root is no Dataset";

        foreach (string required in new[] { "name", "description", "datePublished" })
        {
            if (root.TextOf(required) is not { Length: > 0 })
                return $"line {root.Line}: the root has no {required}";
        }

        return root["license"] is null ? $"line {root.Line}: the root has no license" : null;
    }

    /// <summary>Files are parts of the crate, and whatever an entity points at within the crate is there.</summary>
    private static string? ReferenceFault(Dictionary<string, LocatedJson> entities)
    {
        HashSet<string> parts = [.. References(entities["./"]["hasPart"])];
        foreach ((string id, LocatedJson entity) in entities)
        {
            if (entity.TextOf("@type") == "File" && !parts.Contains(id))
                return $"line {entity.Line}: the file \"{Quoted.Short(id)}\" is no part of the root";

            string? dangling = entity.Ordered.SelectMany(member => References(member.Value))
                .FirstOrDefault(target => !target.Contains(':', StringComparison.Ordinal)
                    && !entities.ContainsKey(target));
            if (dangling is not null)
                return $"line {entity.Line}: \"{Quoted.Short(dangling)}\" is named and not described";
        }

        return null;
    }

    private static string? ReferenceOf(LocatedJson entity, string member) =>
        References(entity[member]).FirstOrDefault();

    private static IEnumerable<string> References(LocatedJson? value) => value?.Kind switch
    {
        JsonValueKind.Object => value.TextOf("@id") is { } id ? [id] : [],
        JsonValueKind.Array => value.Items.SelectMany(References),
        _ => [],
    };
}
