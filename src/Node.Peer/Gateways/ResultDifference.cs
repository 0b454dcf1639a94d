using Google.Protobuf;
using Node.Protocol.Wire.KeyValues;
using Node.Protocol.Wire.Peer;
using Node.Protocol.Wire.ReadWriteSets;

namespace Node.Peer.Gateways;

/// <summary>
/// Says in words how one endorser's result differs from another's: the question that follows every mismatch.
/// </summary>
internal static class ResultDifference
{
    public static string Describe(EndorserAnswer expected, EndorserAnswer found)
    {
        if (ReferenceEquals(expected, found))
            return "taken as the result that the others are compared with";

        try
        {
            return Describe(Action(expected), Action(found));
        }
        catch (InvalidProtocolBufferException)
        {
            return "the proposal response payload cannot be decoded";
        }
    }

    private static string Describe(ChaincodeAction expected, ChaincodeAction found)
    {
        if (!expected.ChaincodeId.Equals(found.ChaincodeId))
            return $"ran {Name(found)} where the first peer ran {Name(expected)}";

        if (!expected.Response.Equals(found.Response))
            return "the contract's response differs from the first peer's";

        if (!expected.Events.Equals(found.Events))
            return "the contract's event differs from the first peer's";

        SortedDictionary<string, string> first = Entries(expected);
        SortedDictionary<string, string> second = Entries(found);
        foreach (string key in first.Keys.Union(second.Keys).Order(StringComparer.Ordinal))
        {
            string one = first.GetValueOrDefault(key, "nothing");
            string other = second.GetValueOrDefault(key, "nothing");
            if (one != other)
                return $"{key}: {other} where the first peer has {one}";
        }

        return "the result's bytes differ from the first peer's";
    }

    private static SortedDictionary<string, string> Entries(ChaincodeAction action)
    {
        var entries = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (NsReadWriteSet space in TxReadWriteSet.Parser.ParseFrom(action.Results).NsRwset)
        {
            var set = KVRWSet.Parser.ParseFrom(space.Rwset);
            foreach (KVRead read in set.Reads)
                entries[$"read of {space.Namespace}/{read.Key}"] = read.Version is null
                    ? "no value"
                    : $"version {read.Version.BlockNum}:{read.Version.TxNum}";

            foreach (KVWrite write in set.Writes)
                entries[$"write of {space.Namespace}/{write.Key}"] = write.IsDelete
                    ? "a delete"
                    : $"{write.Value.Length} bytes, {Convert.ToHexStringLower(
                        System.Security.Cryptography.SHA256.HashData(write.Value.Span))[..16]}";
        }

        return entries;
    }

    private static ChaincodeAction Action(EndorserAnswer answer) => ChaincodeAction.Parser.ParseFrom(
        ProposalResponsePayload.Parser.ParseFrom(answer.Response?.Payload ?? ByteString.Empty).Extension);

    private static string Name(ChaincodeAction action) => $"{action.ChaincodeId?.Name} {action.ChaincodeId?.Version}";
}
