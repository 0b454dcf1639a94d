using System.Buffers.Binary;
using System.Text;
using Google.Protobuf;
using Node.Orderer.Log;
using Node.Protocol;

namespace Node.Orderer.Etcd;

/// <summary>The keys of one channel's log in etcd (docs/formats.md, "Ordered log in etcd").</summary>
/// <remarks>
/// <c>hyperprov/CHANNEL/entries/BATCHID</c> → entry; its create revision is the entry's position.
/// <c>hyperprov/CHANNEL/durable/ORDERER</c> → position u64 up to which that orderer has durable blocks.
/// <c>hyperprov/CHANNEL/genesis</c> → hash of the header of the channel's first block.
/// <c>hyperprov/CHANNEL/whole</c> → empty; missing while entries are removed of which <c>removed</c> does not tell
/// yet.
/// <c>hyperprov/CHANNEL/removed</c> → position u64 up to which entries were removed.
/// <c>hyperprov/CHANNEL/runs/ORDERER</c> → empty; written at each start for the sake of its revision.
/// </remarks>
internal sealed class EtcdKeys(ChannelId channel)
{
    private readonly string _root = $"hyperprov/{channel}/";

    public ByteString Entries => Text("entries/");

    public ByteString EntriesEnd => Text("entries0");   // '0' follows '/'.

    public ByteString Durable => Text("durable/");

    public ByteString DurableEnd => Text("durable0");

    public ByteString All => Text("");

    public ByteString AllEnd => ByteString.CopyFrom(_root[..^1] + "0", Encoding.UTF8);

    public ByteString Genesis => Text("genesis");

    public ByteString Whole => Text("whole");

    public ByteString Removed => Text("removed");

    public ByteString Entry(BatchId id) => Text($"entries/{id}");

    public ByteString DurableOf(string orderer) => Text($"durable/{orderer}");

    public ByteString RunOf(string orderer) => Text($"runs/{orderer}");

    public string OrdererOf(ByteString durableKey) => durableKey.ToStringUtf8()[(_root.Length + "durable/".Length)..];

    public static ByteString Encode(LogPosition position)
    {
        byte[] bytes = new byte[LogPosition.Bytes];
        position.Write(bytes);
        return UnsafeByteOperations.UnsafeWrap(bytes);
    }

    public static bool TryDecode(ByteString bytes, out LogPosition position)
    {
        bool valid = bytes.Length == LogPosition.Bytes;
        position = valid ? new LogPosition(BinaryPrimitives.ReadUInt64BigEndian(bytes.Span)) : default;
        return valid;
    }

    private ByteString Text(string name) => ByteString.CopyFrom(_root + name, Encoding.UTF8);
}
