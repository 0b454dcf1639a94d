using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Node.Rest.Calls;

/// <summary>Chooses the form of an answer by the Accept header (RFC 9110, 12.5.1).</summary>
internal static class Negotiation
{
    /// <returns>The name of the form; null when none is accepted.</returns>
    public static string? Choose(StringValues accept, IReadOnlyList<(string Name, string MediaType)> forms)
    {
        if (accept.Count == 0 || !MediaTypeHeaderValue.TryParseList(accept, out IList<MediaTypeHeaderValue>? wanted))
            return forms[0].Name;

        (string? best, double quality) = (null, 0);
        foreach ((string name, string mediaType) in forms)
        {
            double offered = QualityOf(mediaType, wanted);
            if (offered > quality)
                (best, quality) = (name, offered);
        }

        return best;
    }

    /// <summary>True when JSON is asked for by name, not by a wildcard.</summary>
    public static bool NamesJson(StringValues accept) =>
        MediaTypeHeaderValue.TryParseList(accept, out IList<MediaTypeHeaderValue>? wanted)
        && wanted.Any(type => type.MediaType.Equals(Call.JsonMediaType, StringComparison.OrdinalIgnoreCase)
            && type.Quality is null or > 0);

    // The most specific range that holds the type decides.
    private static double QualityOf(string mediaType, IList<MediaTypeHeaderValue> wanted)
    {
        var offered = new MediaTypeHeaderValue(new StringSegment(mediaType).Split([';']).First());
        (int rank, double quality) = (-1, 0);
        foreach (MediaTypeHeaderValue range in wanted)
        {
            int specificity = range.MatchesAllTypes ? 0 : range.MatchesAllSubTypes ? 1 : 2;
            bool holds = range.MatchesAllTypes
                || (range.MatchesAllSubTypes && range.Type.Equals(offered.Type, StringComparison.OrdinalIgnoreCase))
                || range.MediaType.Equals(offered.MediaType, StringComparison.OrdinalIgnoreCase);
            if (holds && specificity > rank)
                (rank, quality) = (specificity, range.Quality ?? 1);
        }

        return quality;
    }
}
