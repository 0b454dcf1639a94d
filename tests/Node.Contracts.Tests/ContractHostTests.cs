using Node.Protocol;
using Node.Testing.Contracts;

namespace Node.Contracts.Tests;

public class ContractHostTests
{
    private static ContractResponse Invoke(Exception thrown)
    {
        var call = new ContractCall(new InMemoryState(new InMemoryNamespace()), ContractBench.Id(1), "explode");
        return ContractHost.Invoke(new Throwing(thrown), call);
    }

    [Fact]
    public void A_contract_that_throws_gives_a_failed_response_without_its_message()
    {
        ContractResponse response = Invoke(new InvalidOperationException("at address 0x1234"));

        Assert.Equal(ContractResponse.Failed, response.Status);
        Assert.Contains("'explode'", response.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("0x1234", response.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_violated_invariant_passes_through() =>
        Assert.Throws<InvariantViolatedException>(() => Invoke(new InvariantViolatedException("wrong")));

    [Fact]
    public void Failed_storage_passes_through() =>
        Assert.Throws<LedgerCorruptException>(() => Invoke(new LedgerCorruptException("x", "y", blockNumber: null)));

    private sealed class Throwing(Exception thrown) : IContract
    {
        public string Name => "throwing";

        public string Version => "1";

        public ContractResponse Invoke(IContractContext context) => throw thrown;
    }
}
