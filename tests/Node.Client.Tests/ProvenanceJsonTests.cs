using System.Text;
using System.Text.Json;
using Node.Client.Recording;
using Node.Protocol;

namespace Node.Client.Tests;

public class ProvenanceJsonTests
{
    private static readonly string s_first = new('1', 64);
    private static readonly string s_second = new('2', 64);
    private static readonly string s_third = new('3', 64);

    [Theory]
    [InlineData("key", "txid", "hash", "checksumAlgorithm", "dependencies")]
    [InlineData("Key", "TxID", "Hash", "ChecksumAlgorithm", "Dependencies")]
    public void Both_spellings_of_the_contract_are_read(
        string key, string txid, string hash, string algorithm, string depends)
    {
        string json = $$"""
            {"{{key}}":"k","{{txid}}":"{{s_first}}","{{hash}}":"ab","{{algorithm}}":"MD5",
             "{{depends}}":"{{s_second}}:{{s_third}}"}
            """;

        ProvenanceRecord record = JsonSerializer.Deserialize(json, AnswerJson.Default.RecordJson)!.ToRecord();

        Assert.Equal(
            ("k", s_first, "ab", "MD5"),
            (record.Key, record.TransactionId.Value, record.Hash, record.ChecksumAlgorithm));
        Assert.Equal([s_second, s_third], record.Parents.Select(parent => parent.Value));
    }

    [Fact]
    public void A_lineage_is_walked_along_its_edges()
    {
        string json = $$"""
            {"root":"{{s_third}}","direction":"up",
             "nodes":[{"txid":"{{s_third}}","key":"c","level":0},{"txid":"{{s_second}}","key":"b","outdated":true}],
             "edges":[[0,1],[1,2]],"future":{"a":[1]},
             "truncated":false,"missing":["{{s_first}}"],"leftOut":[]}
            """;

        Lineage lineage = LineageReader.Read(Encoding.UTF8.GetBytes(json), LineageDirection.Up);

        TxId parent = Assert.Single(lineage.Next(lineage.Root));
        Assert.True(lineage.Find(parent)!.IsOutdated);
        TxId grandparent = Assert.Single(lineage.Next(parent));
        Assert.Null(lineage.Find(grandparent));
        Assert.Contains(grandparent, lineage.Missing);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{")]
    [InlineData("""{"root":7}""")]
    [InlineData("""{"root":"x"}""")]
    [InlineData("""{"nodes":{}}""")]
    [InlineData("""{"edges":[[0,1]]}""")]
    [InlineData("""{"edges":[[0]]}""")]
    [InlineData("""{"edges":[["a","b"]]}""")]
    [InlineData("""{"edges":[[-1,99999999999]]}""")]
    [InlineData("""{"nodes":[{"txid":7}]}""")]
    [InlineData("""{"nodes":[{"key":"a"},{"key":"b"}]}""")]
    public void What_is_no_lineage_is_told(string json) =>
        Assert.ThrowsAny<JsonException>(() => LineageReader.Read(Encoding.UTF8.GetBytes(json), LineageDirection.Up));
}
