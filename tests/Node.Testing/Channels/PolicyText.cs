using Node.Protocol.Wire.Common;
using SignaturePolicy = Node.Membership.SignaturePolicy;

namespace Node.Testing.Channels;

/// <summary>Signature policies as tests write them.</summary>
public static class PolicyText
{
    /// <summary>
    /// Reads text such as <c>AND('Org1MSP.peer', 'Org2MSP.peer')</c>; wrong text is a bug in the test.
    /// </summary>
    public static SignaturePolicyEnvelope Parse(string text) =>
        SignaturePolicy.TryParse(text, out SignaturePolicyEnvelope? envelope, out _) && envelope is not null
            ? envelope
            : throw new InvalidOperationException($"{text} is no signature policy.");
}
