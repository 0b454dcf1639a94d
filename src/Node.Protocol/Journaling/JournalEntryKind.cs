namespace Node.Protocol.Journaling;

/// <summary>What an entry of a device's journal says. The numbers are part of the format.</summary>
public enum JournalEntryKind : byte
{
    /// <summary>Entry 0: which device this is, with its certificate. Its hash names the journal.</summary>
    Open = 0,

    /// <summary>One record for the ledger.</summary>
    Record = 1,

    /// <summary>A new certificate of the same device, signed with the key of the one before.</summary>
    Renew = 2,
}
