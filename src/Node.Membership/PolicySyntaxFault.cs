namespace Node.Membership;

/// <summary>Where a policy text stops making sense, and what could have stood there.</summary>
/// <param name="Text">The whole text.</param>
/// <param name="Column">Of the first character that does not fit, counted from 1.</param>
/// <param name="Found">What stands there, in words.</param>
/// <param name="Expected">What could have stood there; empty when the fault is not one of form.</param>
public sealed record PolicySyntaxFault(string Text, int Column, string Found, IReadOnlyList<string> Expected)
{
    /// <summary>One line.</summary>
    public string Message
    {
        get
        {
            string expected = Expected.Count == 0 ? "" : $", expected {string.Join(" or ", Expected)}";
            return $"column {Column}: {Found}{expected}";
        }
    }

    /// <summary>Three lines: the message, the text, and a mark below the place.</summary>
    public override string ToString() => $"{Message}\n{Text}\n{new string(' ', Column - 1)}^";
}
