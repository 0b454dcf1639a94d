using Node.Protocol.Wire.Peer;

namespace Node.Protocol.Decoding;

/// <summary>
/// Which check of block validation a fault belongs to. Earlier stages win over the checks between them.
/// </summary>
public enum DecodeStage
{
    /// <summary>Envelope, payload, headers: before the creator's signature is looked at.</summary>
    Envelope,

    /// <summary>
    /// Transaction id and the shape of the transaction: after the signature, before the duplicate check.
    /// </summary>
    Transaction,

    /// <summary>Contract names, event, read-write set: only for a transaction whose id is new.</summary>
    Content,
}

/// <summary>Why bytes are no transaction, and the validation code that says so.</summary>
/// <param name="Text">A phrase without full stop, without bytes of the input.</param>
public readonly record struct DecodeFault(TxValidationCode Code, DecodeStage Stage, string Text)
{
    internal static DecodeFault Envelope(TxValidationCode code, string text) => new(code, DecodeStage.Envelope, text);

    internal static DecodeFault Transaction(TxValidationCode code, string text) =>
        new(code, DecodeStage.Transaction, text);

    internal static DecodeFault Content(TxValidationCode code, string text) => new(code, DecodeStage.Content, text);
}
