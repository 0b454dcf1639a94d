using Node.Protocol;

namespace Node.Ledger.Storage;

/// <summary>Opens the databases beneath ledgers and orderer stores: RocksDB, or a simulated disk.</summary>
/// <remarks>
/// Both ways to open create what is not there, and recover: whatever was written with
/// <see cref="WriteDurability.Synced"/>, and everything written before it, is there.
/// </remarks>
internal interface IStorageEngine
{
    /// <summary>The database of a channel on a peer, with the families of <see cref="ColumnFamilySet"/>.</summary>
    /// <exception cref="StorageFailedException">The folder cannot be read or written, or somebody has it.</exception>
    /// <exception cref="LedgerCorruptException">Its bytes are damaged.</exception>
    IStorage OpenLedger(string folder, LedgerOptions options);

    /// <summary>The database of a channel on an orderer, with the families of
    /// <see cref="OrdererFamilySet"/>.</summary>
    /// <inheritdoc cref="OpenLedger" path="/exception"/>
    IStorage OpenOrderer(string folder);
}
