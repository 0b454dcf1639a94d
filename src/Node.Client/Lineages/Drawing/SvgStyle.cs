using System.Globalization;
using System.Text;

namespace Node.Client.Lineages.Drawing;

/// <summary>The colours and faces of the picture, by day and by night.</summary>
internal static class SvgStyle
{
    /// <summary>How many organisations have a colour of their own; beyond it colours repeat.</summary>
    public static int Organizations => s_light.Length;

    // Equal lightness, hues apart; red and amber are kept for what is wrong.
    private static readonly string[] s_light =
        ["#2563c9", "#0d8577", "#7a4cc9", "#b8397f", "#1a7fa6", "#5f7a13", "#8c5a2b", "#56657a"];

    private static readonly string[] s_dark =
        ["#6ea8fe", "#43c6b4", "#b494f0", "#ee86bd", "#5cc1e3", "#a9c44f", "#d3a06a", "#a4b1c2"];

    public static string Text { get; } = Build();

    private static string Build()
    {
        var css = new StringBuilder();
        css.Append("text{font-family:system-ui,-apple-system,'Segoe UI',Arial,'DejaVu Sans',sans-serif}")
            .Append(".h{font-size:17px;font-weight:600}.c{font-size:12px}.t{font-size:13px;font-weight:600}")
            .Append(".f{font-size:11px}.p{font-size:9px;font-weight:600}.m{text-anchor:middle}")
            .Append(".e{fill:none;stroke-width:1.4}.b{stroke-width:1.2}.r{stroke-width:2.6}")
            .Append(".outdated{stroke-dasharray:5 3}.missing{stroke-dasharray:4 3}.leftout{stroke-dasharray:2 3}");
        AppendColours(css, s_light, new Scheme(
            Page: "#ffffff", Text: "#17202c", Facts: "#57647a", Box: "#ffffff", Edge: "#93a0b4", Group: "#f6f8fb",
            Amber: "#b26a00", AmberFill: "#fff4dc", Red: "#c62f2f", RedFill: "#fdeaea"));
        css.Append("@media (prefers-color-scheme:dark){");
        AppendColours(css, s_dark, new Scheme(
            Page: "#0d1117", Text: "#e8edf4", Facts: "#9aa7b8", Box: "#161c26", Edge: "#5f6d82", Group: "#131924",
            Amber: "#e3a03a", AmberFill: "#33270f", Red: "#f47272", RedFill: "#361a1c"));
        return css.Append('}').ToString();
    }

    private static void AppendColours(StringBuilder css, string[] organizations, Scheme scheme)
    {
        css.Append(CultureInfo.InvariantCulture, $".page{{fill:{scheme.Page}}}.h,.t{{fill:{scheme.Text}}}")
            .Append(CultureInfo.InvariantCulture, $".c,.f{{fill:{scheme.Facts}}}.b{{fill:{scheme.Box}}}")
            .Append(CultureInfo.InvariantCulture, $".group{{fill:{scheme.Group};stroke:{scheme.Edge}}}")
            .Append(CultureInfo.InvariantCulture, $".e{{stroke:{scheme.Edge}}}.a{{fill:{scheme.Edge}}}");
        for (int index = 0; index < organizations.Length; index++)
            css.Append(
                CultureInfo.InvariantCulture,
                $".o{index}{{stroke:{organizations[index]}}}.s{index}{{fill:{organizations[index]}}}");

        css.Append(CultureInfo.InvariantCulture, $".outdated{{stroke:{scheme.Amber}}}")
            .Append(CultureInfo.InvariantCulture, $".b.outdated{{fill:{scheme.AmberFill}}}")
            .Append(CultureInfo.InvariantCulture, $".tainted{{stroke:{scheme.Red}}}.b.tainted{{fill:{scheme.RedFill}}}")
            .Append(CultureInfo.InvariantCulture, $".missing{{stroke:{scheme.Red}}}.leftout{{stroke:{scheme.Edge}}}")
            .Append(CultureInfo.InvariantCulture, $".a.outdated,.pill.outdated{{fill:{scheme.Amber};stroke:none}}")
            .Append(CultureInfo.InvariantCulture, $".a.missing,.a.tainted,.pill.tainted{{fill:{scheme.Red}")
            .Append(";stroke:none}")
            .Append(CultureInfo.InvariantCulture, $".p{{fill:{scheme.Page}}}");
    }

    private sealed record Scheme(
        string Page, string Text, string Facts, string Box, string Edge, string Group, string Amber, string AmberFill,
        string Red, string RedFill);
}
