using Node.Protocol.Wire.Peer;

namespace Node.Protocol;

/// <summary>What a validation code means, for people: in plain words, and what to do about it.</summary>
public readonly record struct TxValidationCodeText(string Words, string NextStep)
{
    private const string MendTheClient = "The client built it wrong: build it anew with an up-to-date SDK.";
    private const string AskTheOperator = "Show this transaction to the operator of the peer.";

    /// <summary>The texts of <paramref name="code"/>. A number nobody defined gets a text too.</summary>
    public static TxValidationCodeText Of(TxValidationCode code) => code switch
    {
        TxValidationCode.Valid =>
            new("valid, its writes are in the world state", "Nothing to do."),
        TxValidationCode.NilEnvelope =>
            new("the envelope is empty", MendTheClient),
        TxValidationCode.BadPayload =>
            new("the payload cannot be read", MendTheClient),
        TxValidationCode.BadCommonHeader =>
            new("the channel header or the signature header is missing or malformed", MendTheClient),
        TxValidationCode.BadCreatorSignature =>
            new("the creator is unknown to the channel, or its signature is wrong",
                "Check that the identity belongs to an organisation of this channel and signs with its own key."),
        TxValidationCode.InvalidEndorserTransaction =>
            new("the parts of the transaction do not belong together", MendTheClient),
        TxValidationCode.InvalidConfigTransaction =>
            new("the configuration transaction is malformed", "Compute the configuration update again."),
        TxValidationCode.UnsupportedTxPayload =>
            new("this kind of payload may not be in a block", MendTheClient),
        TxValidationCode.BadProposalTxid =>
            new("the transaction id is not the digest of its nonce and creator", MendTheClient),
        TxValidationCode.DuplicateTxid =>
            new("a transaction with this id is on the ledger already",
                "Look at the first one; send a new proposal with a fresh nonce if you want another."),
        TxValidationCode.EndorsementPolicyFailure =>
            new("the endorsements do not satisfy the policy of a contract or key that it writes",
                "Collect endorsements from the organisations the policy names, each from its own peer."),
        TxValidationCode.MvccReadConflict =>
            new("a key it read was changed before it was committed", "Propose it again: it will read the new value."),
        TxValidationCode.PhantomReadConflict =>
            new("the result of a range it read was changed before it was committed",
                "Propose it again: it will read the new range."),
        TxValidationCode.UnknownTxType =>
            new("the type of the transaction is unknown", MendTheClient),
        TxValidationCode.TargetChainNotFound =>
            new("it names a channel that this peer does not have", "Check the channel name."),
        TxValidationCode.MarshalTxError =>
            new("the transaction cannot be encoded again", MendTheClient),
        TxValidationCode.NilTxaction =>
            new("the transaction holds no action", MendTheClient),
        TxValidationCode.ExpiredChaincode =>
            new("the contract it ran is no longer defined", "Propose it again with the current contract."),
        TxValidationCode.ChaincodeVersionConflict =>
            new("it ran a version of the contract that is not the committed one",
                "Propose it again after the peers have the same version."),
        TxValidationCode.BadHeaderExtension =>
            new("the extension of the channel header cannot be read", MendTheClient),
        TxValidationCode.BadChannelHeader =>
            new("the channel header cannot be read", MendTheClient),
        TxValidationCode.BadResponsePayload =>
            new("the endorsed response cannot be read", "Check the version of the endorsing peers."),
        TxValidationCode.BadRwset =>
            new("the read-write set cannot be read", "Check the version of the endorsing peers."),
        TxValidationCode.IllegalWriteset =>
            new("the read-write set names a namespace twice", "Check the version of the endorsing peers."),
        TxValidationCode.InvalidWriteset =>
            new("a key or value that it writes is not acceptable to the world state",
                "Check key and value sizes in the contract."),
        TxValidationCode.InvalidChaincode =>
            new("the contract it names is not defined on this channel, or its parts name different contracts",
                "Check the contract's name and that its definition is committed."),
        TxValidationCode.NotValidated =>
            new("not validated yet", AskTheOperator),
        TxValidationCode.InvalidOtherReason =>
            new("malformed in a way that has no code of its own", MendTheClient),
        _ => new($"unknown validation code {(int)code}", AskTheOperator),
    };
}
