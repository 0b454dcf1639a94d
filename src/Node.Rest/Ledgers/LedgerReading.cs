using System.Globalization;
using Microsoft.AspNetCore.Http;
using Node.Client;
using Node.Protocol;
using Node.Protocol.Wire.Common;
using Node.Protocol.Wire.Peer;
using Node.Rest.Calls;
using Node.Rest.Identities;
using Node.Rest.Problems;
using Node.Rest.Records;

namespace Node.Rest.Ledgers;

/// <summary>Operations that answer blocks and what became of transactions.</summary>
internal sealed class LedgerReading(RestChannel channel, PendingTransactions pending)
{
    private const string Tag = "Ledger";

    private static readonly IdParameter s_transaction =
        new("transactionId", "A transaction id: 64 lower-case hex digits");

    private static readonly SwitchParameter s_wait =
        new("wait", "true: wait up to a minute for its block", absent: false);

    private static readonly TextParameter s_number =
        new("number", ParameterPlace.Path, "The block's number, from 0, or latest");

    public IEnumerable<Operation> Operations() =>
    [
        new("GET", "/api/v1/transactions/{transactionId}", "getTransaction", "What became of a transaction", FindAsync)
        {
            Tag = Tag,
            Parameters = [s_transaction, s_wait],
            Answers =
            [
                Answer.Json(200, "It is on the ledger", typeof(TransactionView)),
                Answer.Json(202, "This server sent it to order; its block is not there yet", typeof(TransactionView)),
            ],
        },
        new("GET", "/api/v1/blocks/{number}", "getBlock", "A block and the verdicts on its transactions", BlockAsync)
        {
            Tag = Tag,
            Parameters = [s_number],
            Answers = [Answer.Json(200, "The block", typeof(BlockView))],
        },
        new("GET", "/api/v1/channel", "getChannel", "How high the channel is", ChannelAsync)
        {
            Tag = Tag,
            Answers = [Answer.Json(200, "As the caller's peer has it", typeof(ChannelView))],
        },
        new("GET", "/api/v1/caller", "getCaller", "Who is calling: the identity behind the credentials", CallerAsync)
        {
            Tag = Tag,
            Answers = [Answer.Json(200, "The identity that writes are signed with", typeof(CallerView))],
        },
    ];

    /// <summary>The height as a peer has it.</summary>
    public static async Task<BlockchainInfo> HeightAsync(
        CallerSession session, RestChannel channel, CancellationToken cancellation) =>
        WireReading.Parse(
            BlockchainInfo.Parser,
            await session.Ledger.EvaluateAsync("GetChainInfo", [channel.Id.Value], cancellation));

    private async Task FindAsync(Call call)
    {
        TxId id = call.Id(s_transaction);
        CommitStatus? awaited = call.Get(s_wait)
            ? await call.Session.Network.GetCommit(id).GetStatusAsync(call.Cancellation)
            : null;
        ReadOnlyMemory<byte>? answer = await AskAsync(call, "GetTransactionByID", id.Value);
        if (answer is not { } bytes)
        {
            if (!pending.Contains(id))
                throw Missing(
                    ProblemKind.TransactionUnknown, $"There is no transaction {id} on channel {channel.Id}.", id.Value,
                    "Check the id. One that was just sent to order may take a moment: add ?wait=true.");

            await call.WriteJsonAsync(
                StatusCodes.Status202Accepted,
                new TransactionView(id.Value, "pending", null, null, null, null, null, null, null),
                RestJson.Api.TransactionView);
            return;
        }

        ProcessedTransaction transaction = WireReading.Parse(ProcessedTransaction.Parser, bytes);
        CommitStatus status = awaited ?? await call.Session.Network.GetCommit(id).GetStatusAsync(call.Cancellation);
        WireReading.Headers headers = WireReading.HeadersOf(transaction.TransactionEnvelope ?? new Envelope());
        var view = new TransactionView(
            id.Value, status.IsValid ? "committed" : "invalid", status.BlockNumber, status.Code.ToString(),
            TxValidationCodeText.Of(status.Code).Words, headers.Type, headers.Timestamp, headers.Creator,
            headers.MspId);
        await call.WriteJsonAsync(StatusCodes.Status200OK, view, RestJson.Api.TransactionView);
    }

    private async Task BlockAsync(Call call)
    {
        string text = call.Get(s_number);
        if (text == "latest")
        {
            BlockchainInfo height = await HeightAsync(call.Session, channel, call.Cancellation);
            text = (height.Height - 1).ToString(CultureInfo.InvariantCulture);
        }
        else if (!ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out _))
        {
            throw Call.Wrong(s_number, text, "it must be a whole number from 0, or latest");
        }

        ReadOnlyMemory<byte> block = await AskAsync(call, "GetBlockByNumber", text) ?? throw Missing(
            ProblemKind.BlockUnknown, $"There is no block {text} on channel {channel.Id}.", text,
            "Ask for the height: GET /api/v1/channel");
        await call.WriteJsonAsync(StatusCodes.Status200OK, WireReading.ViewOf(block), RestJson.Api.BlockView);
    }

    private async Task ChannelAsync(Call call)
    {
        BlockchainInfo height = await HeightAsync(call.Session, channel, call.Cancellation);
        var view = new ChannelView(
            channel.Id.Value, channel.Contract, height.Height, WireReading.Hex(height.CurrentBlockHash),
            WireReading.Hex(height.PreviousBlockHash));
        await call.WriteJsonAsync(StatusCodes.Status200OK, view, RestJson.Api.ChannelView);
    }

    private static Task CallerAsync(Call call)
    {
        IdentityName identity = call.Session.Identity;
        return call.WriteJsonAsync(
            StatusCodes.Status200OK, new CallerView(identity.MspId, identity.User, call.Session.Endpoint),
            RestJson.Api.CallerView);
    }

    // The system contract refuses what it does not have.
    private async Task<ReadOnlyMemory<byte>?> AskAsync(Call call, string function, string argument)
    {
        try
        {
            return await call.Session.Ledger.EvaluateAsync(function, [channel.Id.Value, argument], call.Cancellation);
        }
        catch (GatewayException e) when (e.ContractStatus is not null)
        {
            return null;
        }
    }

    private static RequestFault Missing(ProblemKind kind, string detail, string subject, string next) =>
        new(new Problem(kind, detail) { Subject = subject, Next = next });
}
