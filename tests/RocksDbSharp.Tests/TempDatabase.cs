using System.Text;

namespace RocksDbSharp.Tests;

/// <summary>A folder that goes away with the test, and ways to open databases in it.</summary>
internal sealed class TempDatabase : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("rocksdb-");

    public string Path => System.IO.Path.Combine(_folder.FullName, "db");

    public string Beside(string name) => System.IO.Path.Combine(_folder.FullName, name);

    public RocksDb Open(params string[] families)
    {
        using DbOptions options = new DbOptions().SetCreateIfMissing().SetCreateMissingColumnFamilies();
        return RocksDb.Open(options, Path, Families(families));
    }

    public static ColumnFamilies Families(params string[] names)
    {
        var families = new ColumnFamilies();
        foreach (string name in names)
            families.Add(name, new ColumnFamilyOptions());

        return families;
    }

    public static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    public void Dispose() => _folder.Delete(recursive: true);
}
