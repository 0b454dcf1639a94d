using System.Buffers.Binary;
using System.Security.Cryptography;
using Node.Protocol;
using Node.Simulation.Worlds;

namespace Node.Simulation.Disks;

/// <summary>The hash over everything that the disks of a world hold.</summary>
internal static class DiskHash
{
    public static Hash32 Of(IEnumerable<SimulatedHost> hosts)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (SimulatedHost host in hosts)
            host.Disk.AddTo(hash);

        return Hash32.Read(hash.GetHashAndReset());
    }

    public static void Add(IncrementalHash hash, ReadOnlySpan<byte> bytes)
    {
        Span<byte> length = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32BigEndian(length, bytes.Length);
        hash.AppendData(length);
        hash.AppendData(bytes);
    }
}
