using Node.Contracts.Provenance.Policies;

namespace Node.Contracts.Provenance;

/// <summary>
/// The contract <c>hyperprov</c>: who recorded which data, when, with which checksum, where it lies, and from what it
/// was derived. Functions, arguments and answers are described in docs/provenance-contract.md.
/// </summary>
public sealed class ProvenanceContract : IContract
{
    public const string ContractName = "hyperprov";

    private static readonly SortedDictionary<string, Func<IContractContext, ContractResponse>> s_functions =
        new(StringComparer.Ordinal)
        {
            ["Init"] = RecordSetting.Init,
            ["set"] = RecordSetting.Set,
            ["setbatch"] = BatchSetting.SetBatch,
            ["get"] = RecordQueries.Get,
            ["checkhash"] = RecordQueries.CheckHash,
            ["getwithid"] = RecordQueries.GetWithId,
            ["getwriters"] = RecordQueries.GetWriters,
            ["setpolicy"] = PolicyFunctions.Set,
            ["removepolicy"] = PolicyFunctions.Remove,
            ["getpolicy"] = PolicyFunctions.Get,
            ["listpolicies"] = PolicyFunctions.List,
            ["getfromid"] = RecordQueries.GetFromId,
            ["getdependencies"] = LineageQuery.GetDependencies,
            ["getlineage"] = LineageQuery.GetLineage,
            ["getimpact"] = ImpactQuery.GetImpact,
            ["getbywriter"] = WriterQuery.GetByWriter,
            ["getkeyhistory"] = HistoryQuery.GetKeyHistory,
            ["getbyrange"] = RangeQuery.GetByRange,
            ["appendjournal"] = JournalAppending.Append,
            ["getjournal"] = JournalAppending.Get,
        };

    public string Name => ContractName;

    public string Version => "1.0";

    public ContractResponse Invoke(IContractContext context)
    {
        if (s_functions.TryGetValue(context.Function, out Func<IContractContext, ContractResponse>? function))
            return function(context);

        return ContractResponse.Refusal(
            ContractResponse.NotFound,
            $"Unknown function {Quoted.Text(context.Function)}. {Name} has {string.Join(", ", s_functions.Keys)}.");
    }
}
