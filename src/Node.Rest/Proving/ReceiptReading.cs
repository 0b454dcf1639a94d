using Microsoft.AspNetCore.Http;
using Node.Client.Receipts;
using Node.Protocol;
using Node.Rest.Calls;
using Node.Rest.Identities;
using Node.Rest.Records;

namespace Node.Rest.Proving;

/// <summary>Operations that answer receipts: files that prove a record offline.</summary>
internal sealed class ReceiptReading(RestChannel channel)
{
    private const string Tag = "Proofs";

    private static readonly IdParameter s_transaction =
        new("transactionId", "A transaction id: 64 lower-case hex digits");

    public IEnumerable<Operation> Operations() =>
    [
        .. RecordSelector.Twice(new(
            "GET", "/receipt", "getReceipt", "Get a receipt of the newest record", OfRecordAsync)
        {
            Tag = Tag,
            Description = "Verified before it is sent. Verify it yourself, against a genesis hash that you know from "
                + "elsewhere: ./hyperprov verify-receipt FILE --genesis HASH",
            Answers = [Answer.Bytes("The receipt", "application/octet-stream")],
        }),
        new("GET", "/api/v1/transactions/{transactionId}/receipt", "getReceiptOfTransaction",
            "Get a receipt of a transaction", call => SendAsync(call, call.Id(s_transaction)))
        {
            Tag = Tag,
            Parameters = [s_transaction],
            Answers = [Answer.Bytes("The receipt", "application/octet-stream")],
        },
    ];

    private async Task OfRecordAsync(Call call) =>
        await SendAsync(call, (await RecordSelector.FindAsync(call)).CommittedBy);

    private async Task SendAsync(Call call, TxId transaction)
    {
        Receipt receipt = channel.GenesisHash is { } genesis
            ? await call.Session.Network.GetReceiptAsync(transaction, genesis, call.Cancellation)
            : await call.Session.Network.GetReceiptAsync(transaction, call.Cancellation);
        call.Response.Headers.ContentDisposition = $"attachment; filename=\"{transaction}{Receipt.FileExtension}\"";
        await call.WriteBytesAsync(StatusCodes.Status200OK, "application/octet-stream", receipt.Bytes);
    }
}
