using System.Globalization;
using System.Text;

namespace Node.LoadGen;

/// <summary>Fills one argument per transaction.</summary>
/// <remarks>
/// Placeholders: <c>{n}</c> the transaction's number in this run, <c>{run}</c> eight digits that differ between runs,
/// <c>{hex:L}</c> L pseudo-random hex digits, <c>{mod:M}</c> the number modulo M, <c>{pad:L}</c> the number filled
/// with zeros to L digits, <c>{last}</c> the id of the same worker's last successful
/// transaction (a chain with one client). Anything else is taken as it stands.
/// </remarks>
internal sealed class ArgumentTemplate
{
    private readonly List<(string Kind, int Length, string Text)> _parts = [];
    private readonly string _run;

    public ArgumentTemplate(string template, string run)
    {
        _run = run;
        int at = 0;
        while (at < template.Length)
        {
            int open = template.IndexOf('{', at);
            int close = open < 0 ? -1 : template.IndexOf('}', open);
            if (close < 0)
                break;

            _parts.Add(("text", 0, template[at..open]));
            string[] inner = template[(open + 1)..close].Split(':');
            bool sized = inner.Length == 2
                && int.TryParse(inner[1], NumberStyles.None, CultureInfo.InvariantCulture, out _);
            bool known = inner[0] is "n" or "run" or "last"
                ? inner.Length == 1
                : inner[0] is "hex" or "mod" or "pad" && sized;
            _parts.Add(known
                ? (inner[0], sized ? int.Parse(inner[1], CultureInfo.InvariantCulture) : 0, "")
                : ("text", 0, template[open..(close + 1)]));
            at = close + 1;
        }

        _parts.Add(("text", 0, template[at..]));
    }

    public string Fill(long number, string last)
    {
        var filled = new StringBuilder();
        foreach ((string kind, int length, string text) in _parts)
            _ = kind switch
            {
                "n" => filled.Append(number),
                "run" => filled.Append(_run),
                "last" => filled.Append(last),
                "mod" => filled.Append(number % Math.Max(1, length)),
                "pad" => filled.Append(number.ToString("D" + length, CultureInfo.InvariantCulture)),
                "hex" => AppendHex(filled, (ulong)number, length),
                _ => filled.Append(text),
            };

        return filled.ToString();
    }

    // SplitMix64: well mixed, and the same number always gives the same digits.
    private static StringBuilder AppendHex(StringBuilder filled, ulong seed, int digits)
    {
        unchecked
        {
            for (; digits > 0; digits -= 16)
            {
                seed += 0x9E3779B97F4A7C15;
                ulong mixed = (seed ^ (seed >> 30)) * 0xBF58476D1CE4E5B9;
                mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
                mixed ^= mixed >> 31;
                string hex = mixed.ToString("x16", CultureInfo.InvariantCulture);
                filled.Append(hex, 0, Math.Min(16, digits));
            }
        }

        return filled;
    }
}
