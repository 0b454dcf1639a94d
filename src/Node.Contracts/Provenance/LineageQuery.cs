using System.Diagnostics.CodeAnalysis;
using Node.Protocol;

namespace Node.Contracts.Provenance;

/// <summary>Answers about derivation: getlineage as a flat graph, getdependencies as a tree.</summary>
internal static class LineageQuery
{
    /// <summary>getlineage id-or-key [, direction [, depth [, nodes [, height [, form]]]]].</summary>
    public static ContractResponse GetLineage(IContractContext context)
    {
        var arguments = new CallArguments(context.Arguments);
        const string Expecting = "a txid or key, and potentially direction, depth, most nodes, height and form";
        if (!arguments.TryCount(min: 1, max: 6, Expecting, out ContractResponse? refusal)
            || !TryReadDirection(arguments, out string direction, out refusal)
            || !LineageArguments.TryRead(
                arguments, depthIndex: 2, Limits.LineageDepthDefault, out LineageArguments asked, out refusal)
            || !arguments.TryKey(0, out string text, out refusal))
            return refusal;

        var records = new RecordsAt(context.State, asked.Height);
        if (!TryFindRoot(records, text, out LocatedRecord? root))
            return RecordQueries.NoSuchKey(text);

        var walk = new LineageWalk(records, asked.Bounds, asked.Form);
        walk.TryAddRoot(root);
        if (direction is "up" or "both")
            walk.Up();
        if (direction is "down" or "both")
            walk.Down();
        return ContractResponse.Success(asked.Form.Write(walk, direction, hasManyRoots: false));
    }

    /// <summary>getdependencies txid [, depth [, "legacy"]].</summary>
    /// <remarks>
    /// The root's own record is the first level: depth 1 names its parents without reading them, as in the 2019
    /// contract.
    /// </remarks>
    public static ContractResponse GetDependencies(IContractContext context)
    {
        var arguments = new CallArguments(context.Arguments);
        if (!arguments.TryCount(min: 1, max: 3, "a txid, and potentially depth", out ContractResponse? refusal)
            || !RecordQueries.TryReadForm(arguments, index: 2, out bool isLegacy, out refusal)
            || !RecordQueries.TryReadTxId(arguments, out TxId id, out refusal)
            || !LineageArguments.TryReadDepth(
                arguments, index: 1, Limits.LineageDepthDefault, out int depth, out refusal))
            return refusal;

        RecordsAt records = RecordsAt.Present(context.State);
        if (!records.TryFind(id.ToHash(), out LocatedRecord? root))
            return RecordQueries.NoSuchTransaction(id);

        var walk = new LineageWalk(records, new LineageBounds(depth - 1, Limits.LineageNodesMax), LineageForm.Full);
        walk.TryAddRoot(root);
        if (depth > 0)
            walk.Up();
        bool isRead = depth > 0;
        return ContractResponse.Success(
            isLegacy ? LegacyTexts.Dependencies(walk, isRead) : DependencyTree.Write(walk, isRead));
    }

    /// <summary>An id wins over a key that looks like one.</summary>
    public static bool TryFindRoot(RecordsAt records, string text, [NotNullWhen(true)] out LocatedRecord? root) =>
        (TxId.TryParse(text, out TxId id, out _) && records.TryFind(id.ToHash(), out root))
        || records.TryFindNewest(text, out root);

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
}
