using Node.Protocol;

namespace Node.Contracts;

/// <summary>
/// The fence between a contract and its peer: what a contract throws by mistake becomes a failed response.
/// </summary>
public static class ContractHost
{
    /// <summary>Simulates one call.</summary>
    /// <exception cref="NodeException">Storage failed; that says nothing about the contract.</exception>
    /// <exception cref="InvariantViolatedException">The process must end.</exception>
    public static ContractResponse Invoke(IContract contract, IContractContext context)
    {
        try
        {
            return contract.Invoke(context);
        }
        catch (Exception e) when (e is not NodeException)
        {
            // Only the type is told: it is the same on every peer, a message may carry what is not.
            return ContractResponse.Refusal(
                ContractResponse.Failed,
                $"Contract {contract.Name} failed in {Quoted.Text(context.Function)}: {e.GetType().Name}. "
                + "This is a defect of the contract; nothing was recorded.");
        }
    }
}
