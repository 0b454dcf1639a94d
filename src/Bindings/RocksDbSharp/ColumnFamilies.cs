using System.Collections;

namespace RocksDbSharp;

/// <summary>The column families to open, each with its options. All that exist must be named.</summary>
public sealed class ColumnFamilies : IEnumerable<ColumnFamilies.Descriptor>
{
    /// <summary>The family every database has.</summary>
    public const string DefaultName = "default";

    private readonly List<Descriptor> _descriptors = [];

    /// <param name="options">Options of the default family; null leaves the engine's defaults.</param>
    public ColumnFamilies(ColumnFamilyOptions? options = null)
    {
        _descriptors.Add(new Descriptor(DefaultName, options ?? new ColumnFamilyOptions()));
    }

    public IEnumerable<string> Names => _descriptors.Select(descriptor => descriptor.Name);

    /// <summary>Adds a family, or replaces the options of one added before.</summary>
    public void Add(string name, ColumnFamilyOptions options) => Add(new Descriptor(name, options));

    public void Add(Descriptor descriptor)
    {
        ArgumentNullException.ThrowIfNull(descriptor);
        int index = _descriptors.FindIndex(known => known.Name == descriptor.Name);
        if (index >= 0)
            _descriptors[index] = descriptor;
        else
            _descriptors.Add(descriptor);
    }

    public IEnumerator<Descriptor> GetEnumerator() => _descriptors.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>A column family by name, and its options.</summary>
    public sealed class Descriptor(string name, ColumnFamilyOptions options)
    {
        public string Name { get; } = RocksDb.CheckText(name);

        public ColumnFamilyOptions Options { get; } = options ?? throw new ArgumentNullException(nameof(options));
    }
}
