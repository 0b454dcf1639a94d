using Node.Client.Recording;
using Node.Protocol;
using Node.Rest.Calls;

namespace Node.Rest.Records;

/// <summary>
/// Makes each operation on a record twice: for the newest record of a key, and for one version by its id.
/// </summary>
internal static class RecordSelector
{
    /// <summary>/api/v1/records/KEY: behind "api", "v1" and "records".</summary>
    public static KeyParameter Key { get; } = new(segmentIndex: 3);

    public static IdParameter Id { get; } = new("id", "A record's id: 64 lower-case hex digits");

    /// <param name="template">Its path is the part behind the record: "/content".</param>
    public static IEnumerable<Operation> Twice(Operation template)
    {
        yield return template with
        {
            Path = "/api/v1/records/{key}" + template.Path,
            Parameters = [Key, .. template.Parameters],
        };
        yield return template with
        {
            Path = "/api/v1/versions/{id}" + template.Path,
            Id = template.Id + "OfVersion",
            Summary = template.Summary.Replace("the newest record", "one version", StringComparison.Ordinal),
            Parameters = [Id, .. template.Parameters],
        };
    }

    /// <exception cref="RecordNotFoundException">There is no such record.</exception>
    public static Task<ProvenanceRecord> FindAsync(Call call)
    {
        ProvenanceClient provenance = call.Session.Provenance;
        return IsById(call)
            ? provenance.FindByTransactionAsync(call.Id(Id), call.Cancellation)
            : provenance.FindAsync(call.Key(Key), call.Cancellation);
    }

    /// <summary>The key or the id, for functions of the contract that take either.</summary>
    /// <exception cref="RecordNotFoundException">There is no such record.</exception>
    public static async Task<string> NameAsync(Call call)
    {
        if (IsById(call))
            return call.Id(Id).Value;

        // A key that looks like an id would be taken for one.
        string key = call.Key(Key);
        return TxId.TryParse(key, out _, out _)
            ? (await call.Session.Provenance.FindAsync(key, call.Cancellation)).TransactionId.Value
            : key;
    }

    public static bool IsById(Call call) => call.Operation.Parameters.Contains(Id);
}
