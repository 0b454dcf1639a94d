using static RocksDbSharp.Tests.TempDatabase;

namespace RocksDbSharp.Tests;

public sealed class IteratorTests : IDisposable
{
    private readonly TempDatabase _folder = new();
    private readonly RocksDb _db;

    public IteratorTests()
    {
        _db = _folder.Open("state");
        foreach (string key in new[] { "b", "d", "a", "c" })
            _db.Put(key, "value of " + key);

        _db.Put("z"u8, "elsewhere"u8, _db.GetColumnFamily("state"));
    }

    public void Dispose()
    {
        _db.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData(null, null, "a b c d")]
    [InlineData("b",  null, "b c d")]
    [InlineData(null, "c",  "a b")]     // The upper bound is excluded...
    [InlineData("b",  "d",  "b c")]     // ...the lower one included.
    [InlineData("b",  "bb", "b")]
    [InlineData("c",  "c",  "")]
    [InlineData("e",  null, "")]
    public void Bounds_limit_what_is_seen_in_both_directions(string? lower, string? upper, string expected)
    {
        using ReadOptions bounds = new();
        if (lower is not null)
            bounds.SetIterateLowerBound(Bytes(lower).AsSpan());
        if (upper is not null)
            bounds.SetIterateUpperBound(Bytes(upper).AsSpan());

        using Iterator iterator = _db.NewIterator(readOptions: bounds);

        Assert.Equal(expected, string.Join(' ', KeysFromFirst(iterator)));
        Assert.Equal(expected, string.Join(' ', KeysFromLast(iterator).AsEnumerable().Reverse()));
    }

    [Theory]
    [InlineData("b",  "b",  "b")]
    [InlineData("bb", "c",  "b")]   // Between two keys: the next and the one before.
    [InlineData("0",  "a",  null)]
    [InlineData("e",  null, "d")]
    public void Seeking_finds_the_next_key_or_the_one_before(string target, string? next, string? before)
    {
        using Iterator iterator = _db.NewIterator();

        Assert.Equal(next, iterator.Seek(Bytes(target)).Valid() ? iterator.StringKey() : null);
        Assert.Equal(before, iterator.SeekForPrev(Bytes(target)).Valid() ? iterator.StringKey() : null);
        iterator.CheckError();
    }

    [Fact]
    public void Key_and_value_are_those_of_the_place_it_stands_on()
    {
        using Iterator iterator = _db.NewIterator();

        iterator.Seek("b"u8).Next();

        Assert.Equal("c"u8, iterator.GetKeySpan());
        Assert.Equal("value of c"u8, iterator.GetValueSpan());
        Assert.Equal("value of b", iterator.Prev().StringValue());
    }

    [Fact]
    public void A_column_family_is_walked_alone()
    {
        using Iterator iterator = _db.NewIterator(_db.GetColumnFamily("state"));

        Assert.Equal(["z"], KeysFromFirst(iterator));
    }

    [Fact]
    public void Writes_after_its_creation_are_not_seen()
    {
        using Iterator iterator = _db.NewIterator();
        _db.Put("aa", "later");
        _db.Remove("a");

        Assert.Equal(["a", "b", "c", "d"], KeysFromFirst(iterator));
    }

    [Fact]
    public void Standing_nowhere_is_refused_rather_than_read()
    {
        using Iterator iterator = _db.NewIterator();
        iterator.Seek("zz"u8);

        Assert.Throws<InvalidOperationException>(() => { iterator.GetKeySpan(); });
        Assert.Throws<InvalidOperationException>(() => { iterator.GetValueSpan(); });
        Assert.Throws<InvalidOperationException>(() => { iterator.Next(); });
        Assert.Throws<InvalidOperationException>(() => { iterator.Prev(); });
    }

    [Fact]
    public void Bounds_outlive_the_array_and_the_options_they_came_from()
    {
        Iterator iterator;
        using (ReadOptions bounds = new())
        {
            byte[] upper = Bytes("c");
            bounds.SetIterateUpperBound(upper);
            iterator = _db.NewIterator(readOptions: bounds);
            upper[0] = (byte)'a';
        }

        using (iterator)
            Assert.Equal(["a", "b"], KeysFromFirst(iterator));
    }

    internal static List<string> KeysFromFirst(Iterator iterator)
    {
        var keys = new List<string>();
        for (iterator.SeekToFirst(); iterator.Valid(); iterator.Next())
            keys.Add(iterator.StringKey());

        iterator.CheckError();
        return keys;
    }

    private static List<string> KeysFromLast(Iterator iterator)
    {
        var keys = new List<string>();
        for (iterator.SeekToLast(); iterator.Valid(); iterator.Prev())
            keys.Add(iterator.StringKey());

        iterator.CheckError();
        return keys;
    }
}
