using Node.Membership;

namespace Node.Peer.Validating;

/// <summary>Stands where a policy is missing or unreadable. Nobody satisfies it.</summary>
internal sealed class RejectAllPolicy : Policy
{
    private RejectAllPolicy()
    {
    }

    public static RejectAllPolicy Instance { get; } = new();

    public override bool IsSatisfiedBy(ReadOnlySpan<Identity> signers) => false;

    public override string Describe() => "nobody";
}
