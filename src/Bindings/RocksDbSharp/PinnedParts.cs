using System.Buffers;

namespace RocksDbSharp;

/// <summary>Pins a list of byte ranges and lays out their addresses and lengths as the C API takes them.</summary>
internal readonly unsafe ref struct PinnedParts
{
    private readonly MemoryHandle[] _pins;

    public PinnedParts(ReadOnlySpan<ReadOnlyMemory<byte>> parts)
    {
        _pins = new MemoryHandle[parts.Length];
        Pointers = new nint[parts.Length];
        Lengths = new nuint[parts.Length];
        for (int index = 0; index < parts.Length; index++)
        {
            _pins[index] = parts[index].Pin();
            Pointers[index] = (nint)_pins[index].Pointer;
            Lengths[index] = (nuint)parts[index].Length;
        }
    }

    public nint[] Pointers { get; }

    public nuint[] Lengths { get; }

    public void Dispose()
    {
        foreach (MemoryHandle pin in _pins)
            pin.Dispose();
    }
}
