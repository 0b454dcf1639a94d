using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Node.Protocol;

namespace Node.Contracts.Provenance;

/// <summary>What getlineage and getimpact are asked for beside their roots.</summary>
/// <param name="Height">Count of the blocks that are seen; null for all.</param>
internal readonly record struct LineageArguments(LineageBounds Bounds, ulong? Height, LineageForm Form)
{
    /// <param name="depthIndex">Of the depth; nodes, height and form follow it.</param>
    /// <param name="depthAbsent">Levels when the argument is missing or empty.</param>
    public static bool TryRead(
        CallArguments arguments,
        int depthIndex,
        int depthAbsent,
        out LineageArguments read,
        [NotNullWhen(false)] out ContractResponse? refusal)
    {
        const int FormBytesMax = 16;
        read = default;
        if (!TryReadDepth(arguments, depthIndex, depthAbsent, out int depth, out refusal)
            || !TryReadNodes(arguments, depthIndex + 1, out int nodes, out refusal)
            || !TryReadHeight(arguments, depthIndex + 2, out ulong? height, out refusal)
            || !arguments.TryText(depthIndex + 3, "form", FormBytesMax, out string formText, out refusal))
            return false;

        if (!LineageForm.TryParse(formText, out LineageForm form))
            refusal = ContractResponse.Refusal(
                ContractResponse.BadRequest, $"The form is 'compact' or left out, not {Quoted.Text(formText)}.");
        read = new LineageArguments(new LineageBounds(depth, nodes), height, form);
        return refusal is null;
    }

    /// <summary>A negative depth means as deep as the limit allows.</summary>
    public static bool TryReadDepth(
        CallArguments arguments,
        int index,
        int absent,
        out int depth,
        [NotNullWhen(false)] out ContractResponse? refusal)
    {
        if (!arguments.TryNumber(index, "depth", absent, out depth, out refusal))
            return false;

        if (depth < 0)
            depth = Limits.LineageDepthMax;
        if (depth > Limits.LineageDepthMax)
            refusal = OutOfRange("depth", depth, Limits.LineageDepthMax);
        return refusal is null;
    }

    private static bool TryReadNodes(
        CallArguments arguments, int index, out int nodes, [NotNullWhen(false)] out ContractResponse? refusal)
    {
        if (!arguments.TryNumber(index, "number of nodes", absent: Limits.LineageNodesMax, out nodes, out refusal))
            return false;

        if (nodes is < 1 or > Limits.LineageNodesMax)
            refusal = OutOfRange("number of nodes", nodes, Limits.LineageNodesMax);
        return refusal is null;
    }

    private static bool TryReadHeight(
        CallArguments arguments, int index, out ulong? height, [NotNullWhen(false)] out ContractResponse? refusal)
    {
        const int DigitsMax = 20;
        height = null;
        if (!arguments.TryText(index, "height", DigitsMax, out string text, out refusal) || text.Length == 0)
            return refusal is null;

        if (ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ulong count))
            height = count;
        else
            refusal = ContractResponse.Refusal(
                ContractResponse.BadRequest,
                $"The height is a count of blocks, {Quoted.Text(text)} is not. After block 12 it is 13.");
        return refusal is null;
    }

    private static ContractResponse OutOfRange(string what, int given, int max) =>
        ContractResponse.Refusal(
            ContractResponse.BadRequest,
            string.Create(
                CultureInfo.InvariantCulture, $"The {what} {given} is out of range; at most {max} is accepted."));
}
