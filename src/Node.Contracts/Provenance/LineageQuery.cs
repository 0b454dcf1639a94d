using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Node.Protocol;

namespace Node.Contracts.Provenance;

/// <summary>Answers about derivation: getlineage as a flat graph, getdependencies as a tree.</summary>
internal static class LineageQuery
{
    /// <summary>getlineage txid-or-key [, direction [, depth [, nodes]]].</summary>
    public static ContractResponse GetLineage(IContractContext context)
    {
        var arguments = new CallArguments(context.Arguments);
        const string Expecting = "a txid or key, and potentially direction, depth and most nodes";
        if (!arguments.TryCount(min: 1, max: 4, Expecting, out ContractResponse? refusal)
            || !TryReadDirection(arguments, out string direction, out refusal)
            || !TryReadDepth(arguments, index: 2, out int depth, out refusal)
            || !TryReadNodes(arguments, out int nodes, out refusal)
            || !TryFindRoot(context.State, arguments, out LocatedRecord? root, out refusal))
            return refusal;

        var walk = new LineageWalk(context.State, new LineageBounds(depth, nodes), root);
        if (direction is "up" or "both")
            walk.Up();
        if (direction is "down" or "both")
            walk.Down();
        return ContractResponse.Success(Graph(walk, direction));
    }

    /// <summary>getdependencies txid [, depth].</summary>
    /// <remarks>
    /// The root's own record is the first level: depth 1 names its parents without reading them, as in the 2019
    /// contract.
    /// </remarks>
    public static ContractResponse GetDependencies(IContractContext context)
    {
        var arguments = new CallArguments(context.Arguments);
        if (!arguments.TryCount(min: 1, max: 2, "a txid, and potentially depth", out ContractResponse? refusal)
            || !RecordQueries.TryReadTxId(arguments, out TxId id, out refusal)
            || !TryReadDepth(arguments, index: 1, out int depth, out refusal))
            return refusal;
        if (!RecordIndex.TryFind(context.State, id, out LocatedRecord? root))
            return RecordQueries.NoSuchTransaction(id);

        var walk = new LineageWalk(context.State, new LineageBounds(depth - 1, Limits.LineageNodesMax), root);
        if (depth > 0)
            walk.Up();
        return ContractResponse.Success(DependencyTree.Write(walk, isRead: depth > 0));
    }

    private static ReadOnlyMemory<byte> Graph(LineageWalk walk, string direction)
    {
        var json = new JsonText(walk.BytesMax);
        json.BeginObject();
        json.Text("root"u8, walk.Root.Located.TxId.Value);
        json.Text("direction"u8, direction);
        json.Name("nodes"u8);
        json.BeginArray();
        foreach (LineageNode node in walk.Nodes)
            WriteNode(json, node);
        json.EndArray();

        json.Name("edges"u8);
        json.BeginArray();
        foreach ((TxId child, TxId parent) in walk.Edges)
        {
            json.BeginArray();
            json.Text(child.Value);
            json.Text(parent.Value);
            json.EndArray();
        }

        json.EndArray();
        json.Flag("truncated"u8, walk.IsTruncated);
        json.Name("missing"u8);
        json.BeginArray();
        foreach (TxId id in walk.Missing)
            json.Text(id.Value);
        json.EndArray();
        json.EndObject();
        return json.Written;
    }

    private static void WriteNode(JsonText json, LineageNode node)
    {
        json.BeginObject();
        RecordAnswer.WriteLineageMembers(json, node.Located);
        json.Number("level"u8, (ulong)node.Level);
        json.Flag("outdated"u8, node.Located.IsOutdated);
        if (node.Located.IsOutdated)
            json.Text("newestTxid"u8, node.Located.NewestTxId.Value);
        if (node.IsTruncated)
            json.Flag("truncated"u8, value: true);
        json.EndObject();
    }

    /// <summary>A txid wins over a key that looks like one.</summary>
    private static bool TryFindRoot(
        IContractState state,
        CallArguments arguments,
        [NotNullWhen(true)] out LocatedRecord? root,
        [NotNullWhen(false)] out ContractResponse? refusal)
    {
        root = null;
        if (!arguments.TryKey(0, out string text, out refusal))
            return false;

        if (TxId.TryParse(text, out TxId id, out _) && RecordIndex.TryFind(state, id, out root))
            return true;
        if (!RecordIndex.TryFindNewest(state, text, out root))
            refusal = RecordQueries.NoSuchKey(text);
        return refusal is null;
    }

    private static bool TryReadDirection(
        CallArguments arguments, out string direction, [NotNullWhen(false)] out ContractResponse? refusal)
    {
        const int CharsMax = 8;
        if (!arguments.TryText(1, "direction", CharsMax, out direction, out refusal))
            return false;

        if (direction.Length == 0)
            direction = "up";
        if (direction is not ("up" or "down" or "both"))
            refusal = ContractResponse.Refusal(
                ContractResponse.BadRequest, $"The direction is up, down or both, not {Quoted.Text(direction)}.");
        return refusal is null;
    }

    /// <summary>A negative depth means as deep as the limit allows.</summary>
    private static bool TryReadDepth(
        CallArguments arguments, int index, out int depth, [NotNullWhen(false)] out ContractResponse? refusal)
    {
        if (!arguments.TryNumber(index, "depth", absent: Limits.LineageDepthDefault, out depth, out refusal))
            return false;

        if (depth < 0)
            depth = Limits.LineageDepthMax;
        if (depth > Limits.LineageDepthMax)
            refusal = OutOfRange("depth", depth, Limits.LineageDepthMax);
        return refusal is null;
    }

    private static bool TryReadNodes(
        CallArguments arguments, out int nodes, [NotNullWhen(false)] out ContractResponse? refusal)
    {
        if (!arguments.TryNumber(3, "number of nodes", absent: Limits.LineageNodesMax, out nodes, out refusal))
            return false;

        if (nodes is < 1 or > Limits.LineageNodesMax)
            refusal = OutOfRange("number of nodes", nodes, Limits.LineageNodesMax);
        return refusal is null;
    }

    private static ContractResponse OutOfRange(string what, int given, int max) =>
        ContractResponse.Refusal(
            ContractResponse.BadRequest,
            string.Create(
                CultureInfo.InvariantCulture, $"The {what} {given} is out of range; at most {max} is accepted."));
}
