using System.Text;
using Microsoft.AspNetCore.Http;
using Node.Client.Exporting.OpenLineage;
using Node.Client.Exporting.Prov;
using Node.Client.Lineages;
using Node.Rest.Calls;
using Node.Rest.Identities;
using Node.Rest.Problems;

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
        ("openlineage", "application/x-ndjson"),
    ];

    public static ChoiceParameter Format { get; } = new(
        "format", "The form of the answer; absent: by Accept, else json", [.. s_forms.Select(form => form.Name)], "");

    public static Answer Answer { get; } = new(
        StatusCodes.Status200OK, "Each record once, and the edges between them", typeof(LineageView),
        [.. s_forms.Select(form => form.MediaType.Split(';')[0])]);

    public static async Task WriteAsync(Call call, LineageGraph graph, RestChannel channel)
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
        byte[] body = form is "prov-json" or "prov-n" or "openlineage"
            ? ExportOf(await CompleteAsync(call, graph), form, channel)
            : DrawingOf(graph, form);
        await call.WriteBytesAsync(StatusCodes.Status200OK, mediaType, body);
    }

    private static byte[] DrawingOf(LineageGraph graph, string form) => form switch
    {
        "text" => Encoding.UTF8.GetBytes(LineageText.Write(graph, TextWidth)),
        "dot" => Encoding.UTF8.GetBytes(LineageDot.Write(graph)),
        "mermaid" => Encoding.UTF8.GetBytes(LineageMermaid.Write(graph)),
        _ => LineageSvg.Draw(graph, new LineageSvgOptions()),
    };

    private static byte[] ExportOf(LineageGraph graph, string form, RestChannel channel) => form switch
    {
        "prov-json" => ProvJson.Write(ProvLineage.Of(graph)),
        "prov-n" => ProvN.Write(ProvLineage.Of(graph)),
        _ => OpenLineageEvents.Write(graph, channel.Id.Value),
    };

    // An answer about lineage leaves descriptions out; a document for others should hold everything.
    private static Task<LineageGraph> CompleteAsync(Call call, LineageGraph graph)
    {
        if (graph.Nodes.Count > RestLimits.ExportRecordsMax)
            throw new RequestFault(new Problem(ProblemKind.TooLarge, "The lineage is too large for this form.")
            {
                Subject = Format.Name,
                Value = FormattableString.Invariant($"{graph.Nodes.Count} records"),
                Limit = FormattableString.Invariant($"{RestLimits.ExportRecordsMax} records"),
                Next = "Ask for less depth, for format=json, or use ./hyperprov export.",
            });

        return new RecordGraphs(call.Session.Provenance).CompleteAsync(graph, call.Cancellation);
    }
}
