using Google.Protobuf;
using Node.Protocol.Wire.Lifecycle;
using Node.Protocol.Wire.Peer;
using Node.Testing.Channels;
using StateMetadata = Node.Protocol.Wire.Lifecycle.StateMetadata;

namespace Node.Testing.Transactions;

/// <summary>Transactions that commit contract definitions, as the system contract _lifecycle writes them.</summary>
public static class Definitions
{
    private const string Lifecycle = "_lifecycle";

    /// <summary>Defines a contract whose endorsement policy is a signature policy in text.</summary>
    public static Tx Define(
        TestChannel channel, string name, string policy, params StaticCollectionConfig[] collections)
    {
        var signatures = new ApplicationPolicy { SignaturePolicy = PolicyText.Parse(policy) };
        return Define(Tx.Valid(channel), name, signatures.ToByteString(), collections);
    }

    /// <param name="tx">Says who commits the definition on which channel.</param>
    /// <param name="policy">An encoded ApplicationPolicy, or anything else.</param>
    public static Tx Define(Tx tx, string name, ByteString policy, params StaticCollectionConfig[] collections)
    {
        var package = new CollectionConfigPackage();
        foreach (StaticCollectionConfig collection in collections)
            package.Config.Add(new CollectionConfig { StaticCollectionConfig = collection });

        var metadata = new StateMetadata
        {
            Datatype = "ChaincodeDefinition",
            Fields = { "Sequence", "EndorsementInfo", "ValidationInfo", "Collections" },
        };
        var endorsement = new ChaincodeEndorsementInfo { Version = "1.0", EndorsementPlugin = "escc" };
        var validation = new ChaincodeValidationInfo { ValidationPlugin = "vscc", ValidationParameter = policy };
        return tx.Calling(Lifecycle)
            .WritingTo(Lifecycle, $"namespaces/fields/{name}/Collections", Bytes(package))
            .WritingTo(Lifecycle, $"namespaces/fields/{name}/EndorsementInfo", Bytes(endorsement))
            .WritingTo(Lifecycle, $"namespaces/fields/{name}/Sequence", new StateData { Int64 = 1 }.ToByteString())
            .WritingTo(Lifecycle, $"namespaces/fields/{name}/ValidationInfo", Bytes(validation))
            .WritingTo(Lifecycle, $"namespaces/metadata/{name}", metadata.ToByteString());
    }

    private static ByteString Bytes(IMessage message) =>
        new StateData { Bytes = message.ToByteString() }.ToByteString();
}
