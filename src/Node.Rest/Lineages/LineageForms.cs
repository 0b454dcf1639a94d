using System.Text;
using Microsoft.AspNetCore.Http;
using Node.Client.Exporting.Prov;
using Node.Client.Lineages;
using Node.Rest.Calls;

namespace Node.Rest.Lineages;

/// <summary>The forms that a lineage is answered in, by <c>?format=</c> or by Accept.</summary>
internal static class LineageForms
{
    private const int TextWidth = 50;

    private static readonly IReadOnlyList<(string Name, string MediaType)> s_forms =
    [
        ("json", Call.JsonMediaType),
        ("text", "text/plain; charset=utf-8"),
        ("dot", "text/vnd.graphviz; charset=utf-8"),
        ("mermaid", "text/vnd.mermaid; charset=utf-8"),
        ("svg", "image/svg+xml"),
        ("prov-json", "application/prov+json"),
        ("prov-n", "text/provenance-notation; charset=utf-8"),
    ];

    public static ChoiceParameter Format { get; } = new(
        "format", "The form of the answer; absent: by Accept, else json", [.. s_forms.Select(form => form.Name)], "");

    public static Answer Answer { get; } = new(
        StatusCodes.Status200OK, "Each record once, and the edges between them", typeof(LineageView),
        [.. s_forms.Select(form => form.MediaType.Split(';')[0])]);

    public static async Task WriteAsync(Call call, LineageGraph graph)
    {
        string form = call.Form(Format, s_forms);
        call.Response.Headers.Vary = "Accept";
        if (form == "json")
        {
            await call.WriteJsonAsync(StatusCodes.Status200OK, LineageView.Of(graph), RestJson.Api.LineageView);
            return;
        }

        // A picture is opened in browsers: whatever keys are made of, nothing in it runs or loads.
        call.Response.Headers.ContentSecurityPolicy = "default-src 'none'; style-src 'unsafe-inline'; sandbox";
        string mediaType = s_forms.First(one => one.Name == form).MediaType;
        await call.WriteBytesAsync(StatusCodes.Status200OK, mediaType, BytesOf(graph, form));
    }

    private static byte[] BytesOf(LineageGraph graph, string form) => form switch
    {
        "text" => Encoding.UTF8.GetBytes(LineageText.Write(graph, TextWidth)),
        "dot" => Encoding.UTF8.GetBytes(LineageDot.Write(graph)),
        "mermaid" => Encoding.UTF8.GetBytes(LineageMermaid.Write(graph)),
        "svg" => LineageSvg.Draw(graph, new LineageSvgOptions()),
        "prov-json" => ProvJson.Write(ProvLineage.Of(graph)),
        _ => ProvN.Write(ProvLineage.Of(graph)),
    };
}
