using System.Globalization;

namespace Node.Client.Trees;

/// <summary>A folder cannot be recorded as it is. Nothing was recorded.</summary>
public sealed class TreeRefusedException : Exception
{
    private const int Shown = 5;

    internal TreeRefusedException(string folder, IReadOnlyList<TreeFault> faults)
        : base(Describe(folder, faults)) =>
        Faults = faults;

    public IReadOnlyList<TreeFault> Faults { get; }

    private static string Describe(string folder, IReadOnlyList<TreeFault> faults)
    {
        string list = string.Join("; ", faults.Take(Shown).Select(fault => $"{fault.Path}: {fault.Reason}"));
        string more = faults.Count > Shown
            ? string.Create(CultureInfo.InvariantCulture, $"; and {faults.Count - Shown} more")
            : "";
        return $"The folder {folder} cannot be recorded: {list}{more}. Remove or mend them, then put it again.";
    }
}

/// <summary>A record says that it is of a tree, its content is as recorded, and that is no tree.</summary>
public sealed class MalformedTreeException : Exception
{
    internal MalformedTreeException(string key, string fault)
        : base($"The record of key \"{key}\" is of type {TreeHead.RecordType}, but of its content: {fault}. " +
            "Ask whoever recorded it.")
    {
    }
}
