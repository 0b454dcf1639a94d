using System.Diagnostics.CodeAnalysis;
using Node.Membership.Blocks;
using Wire = Node.Protocol.Wire.Hyperprov;

namespace Node.Client.Receipts;

/// <summary>
/// A proof, in one file, that a transaction is on a channel's ledger and valid. It says nothing until
/// <see cref="ReceiptVerification"/> has held it against a genesis hash that one knows from elsewhere.
/// </summary>
/// <remarks>Immutable; any thread. docs/receipts.md.</remarks>
public sealed class Receipt
{
    /// <summary>What receipt files are called.</summary>
    public const string FileExtension = ".receipt";

    private readonly Lazy<ReadOnlyMemory<byte>> _file;

    private Receipt(Wire.Receipt message, Lazy<ReadOnlyMemory<byte>> file)
    {
        Message = message;
        _file = file;
    }

    /// <summary>The whole file.</summary>
    public ReadOnlyMemory<byte> Bytes => _file.Value;

    /// <summary>Not to be changed.</summary>
    internal Wire.Receipt Message { get; }

    private static ReadOnlySpan<byte> Magic => "HPRECPT\n"u8;

    /// <summary>Reads a file from anywhere. That it can be read does not make it true.</summary>
    /// <param name="file">Not changed afterwards.</param>
    /// <param name="fault">A clause: "its checksum is wrong".</param>
    public static bool TryParse(
        ReadOnlyMemory<byte> file, [NotNullWhen(true)] out Receipt? receipt, [NotNullWhen(false)] out string? fault)
    {
        bool decoded = ProofFile.TryDecode(
            file.Span, Magic, "receipt", Wire.Receipt.Parser, out Wire.Receipt? message, out fault);
        receipt = decoded && message is not null ? new Receipt(message, new Lazy<ReadOnlyMemory<byte>>(file)) : null;
        return receipt is not null;
    }

    public byte[] ToBytes() => Bytes.ToArray();

    /// <summary>Of what a peer answered, or of a receipt built elsewhere. Not to be changed afterwards.</summary>
    public static Receipt Of(Wire.Receipt message) =>
        new(message, new Lazy<ReadOnlyMemory<byte>>(() => ProofFile.Encode(Magic, message)));
}
