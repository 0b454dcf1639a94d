using System.Globalization;
using Google.Protobuf;
using Node.Cli.Running;
using Node.Protocol;
using Node.Protocol.Wire.Common;
using Node.Protocol.Wire.KeyValues;
using Node.Protocol.Wire.Peer;
using Node.Protocol.Wire.ReadWriteSets;

namespace Node.Cli.Inspecting;

internal sealed record ReadDescription(string Namespace, string Key, string? Version);

internal sealed record WriteDescription(string Namespace, string Key, bool IsDelete, string Value, int Bytes);

/// <summary>What a transaction on the ledger says, taken apart for people and programs.</summary>
internal sealed record TransactionDescription
{
    private const int ValueCharsMax = 200;

    public required string TransactionId { get; init; }

    public required string Channel { get; init; }

    public required string Type { get; init; }

    public required string Time { get; init; }

    public required string Creator { get; init; }

    /// <summary>Null where it is not known.</summary>
    public string? Code { get; init; }

    /// <summary>The code in words.</summary>
    public string? Verdict { get; init; }

    public string? NextStep { get; init; }

    public string Contract { get; init; } = "";

    public string Version { get; init; } = "";

    public string Function { get; init; } = "";

    public IReadOnlyList<string> Arguments { get; init; } = [];

    public string Response { get; init; } = "";

    public IReadOnlyList<string> Endorsers { get; init; } = [];

    public IReadOnlyList<ReadDescription> Reads { get; init; } = [];

    /// <summary>Ranges that were read: start, end, exclusive.</summary>
    public IReadOnlyList<string> Ranges { get; init; } = [];

    public IReadOnlyList<WriteDescription> Writes { get; init; } = [];

    public string Event { get; init; } = "";

    /// <param name="code">Null where it is not known.</param>
    /// <exception cref="CommandFault">The bytes cannot be taken apart.</exception>
    public static TransactionDescription Of(Envelope envelope, TxValidationCode? code)
    {
        try
        {
            Payload payload = Payload.Parser.ParseFrom(envelope.Payload);
            ChannelHeader header = ChannelHeader.Parser.ParseFrom(payload.Header.ChannelHeader);
            SignatureHeader signer = SignatureHeader.Parser.ParseFrom(payload.Header.SignatureHeader);
            TxValidationCodeText? text = code is { } known ? TxValidationCodeText.Of(known) : null;
            var description = new TransactionDescription
            {
                TransactionId = header.TxId,
                Channel = header.ChannelId,
                Type = ((HeaderType)header.Type).ToString(),
                Time = header.Timestamp?.ToDateTimeOffset()
                    .ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture) ?? "",
                Creator = IdentityText.Of(signer.Creator),
                Code = code?.ToString(),
                Verdict = text?.Words,
                NextStep = code == TxValidationCode.Valid ? null : text?.NextStep,
            };
            return header.Type == (int)HeaderType.EndorserTransaction
                ? WithAction(description, payload.Data)
                : description;
        }
        catch (Exception e) when (
            e is InvalidProtocolBufferException or NullReferenceException or InvalidOperationException)
        {
            throw new CommandFault(
                ExitCode.VerificationFailed, $"the transaction's bytes cannot be taken apart: {e.Message}");
        }
    }

    private static TransactionDescription WithAction(TransactionDescription description, ByteString data)
    {
        Transaction transaction = Transaction.Parser.ParseFrom(data);
        if (transaction.Actions.Count == 0)
            return description;

        var payload = ChaincodeActionPayload.Parser.ParseFrom(transaction.Actions[0].Payload);
        var proposal = ChaincodeProposalPayload.Parser.ParseFrom(payload.ChaincodeProposalPayload);
        ChaincodeInput input = ChaincodeInvocationSpec.Parser.ParseFrom(proposal.Input).ChaincodeSpec.Input;
        var response = ProposalResponsePayload.Parser.ParseFrom(payload.Action.ProposalResponsePayload);
        var action = ChaincodeAction.Parser.ParseFrom(response.Extension);
        var sets = TxReadWriteSet.Parser.ParseFrom(action.Results).NsRwset
            .Select(set => (set.Namespace, Set: KVRWSet.Parser.ParseFrom(set.Rwset))).ToList();
        return description with
        {
            Contract = action.ChaincodeId.Name,
            Version = action.ChaincodeId.Version,
            Function = input.Args.Count == 0 ? "" : Printable.Of(input.Args[0], ValueCharsMax),
            Arguments = [.. input.Args.Skip(1).Select(argument => Printable.Of(argument, ValueCharsMax))],
            Response = $"{action.Response.Status} {action.Response.Message}".TrimEnd(),
            Endorsers = [.. payload.Action.Endorsements.Select(endorsement => IdentityText.Of(endorsement.Endorser))],
            Reads = [.. sets.SelectMany(set => set.Set.Reads.Select(read => Of(set.Namespace, read)))],
            Ranges = [.. sets.SelectMany(set => set.Set.RangeQueriesInfo.Select(range => Of(set.Namespace, range)))],
            Writes = [.. sets.SelectMany(set => set.Set.Writes.Select(write => Of(set.Namespace, write)))],
            Event = action.Events.IsEmpty ? "" : Of(ChaincodeEvent.Parser.ParseFrom(action.Events)),
        };
    }

    private static ReadDescription Of(string space, KVRead read) => new(
        space,
        Printable.Of(read.Key),
        read.Version is null ? null : string.Create(
            CultureInfo.InvariantCulture, $"{read.Version.BlockNum}:{read.Version.TxNum}"));

    private static WriteDescription Of(string space, KVWrite write) => new(
        space, Printable.Of(write.Key), write.IsDelete, Printable.Of(write.Value, ValueCharsMax), write.Value.Length);

    private static string Of(string space, RangeQueryInfo range) =>
        $"{space} {Printable.Of(range.StartKey)} to {Printable.Of(range.EndKey)}";

    private static string Of(ChaincodeEvent announced) =>
        $"{announced.EventName} {Printable.Of(announced.Payload, ValueCharsMax)}".TrimEnd();
}
