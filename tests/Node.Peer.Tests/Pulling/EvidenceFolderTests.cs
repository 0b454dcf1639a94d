using Node.Membership.Blocks;
using Node.Peer.Pulling;
using Node.Protocol;
using Node.Protocol.Wire.Hyperprov;

namespace Node.Peer.Tests.Pulling;

public sealed class EvidenceFolderTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("hyperprov-evidence-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Evidence_is_written_once_and_can_be_read()
    {
        var folder = new EvidenceFolder(_folder);

        Assert.True(folder.TryWrite("mychannel-3-a-b", Proof(3), out string file, out _));
        Assert.False(folder.TryWrite("mychannel-3-a-b", Proof(3), out string again, out string? fault));

        Assert.Null(fault);
        Assert.Equal(file, again);
        Assert.Equal([file], folder.List());
        Assert.Equal([file], Directory.GetFiles(folder.Folder));
        Assert.True(ForkProof.TryParse(File.ReadAllBytes(file), out ForkProof? read, out _));
        Assert.Equal(3ul, read.BlockNumber);
    }

    [Fact]
    public void No_more_files_than_the_limit_are_kept()
    {
        var folder = new EvidenceFolder(_folder);
        for (int number = 0; number < Limits.EvidenceFilesMax; number++)
            Assert.True(folder.TryWrite($"mychannel-{number}", Proof(1), out _, out _));

        Assert.False(folder.TryWrite("mychannel-more", Proof(1), out _, out string? fault));

        Assert.Contains($"{Limits.EvidenceFilesMax} files", fault, StringComparison.Ordinal);
        Assert.Equal(Limits.EvidenceFilesMax, folder.List().Count);
    }

    [Theory]
    [InlineData("/data/evidence/mychannel-12-0c1f-ab34.evidence", "mychannel")]
    [InlineData("my-channel.2-12-0c1f-ab34.evidence", "my-channel.2")]
    [InlineData("12-0c1f-ab34.evidence", null)]
    [InlineData("mychannel.evidence", null)]
    [InlineData("NoChannel-12-0c1f-ab34.evidence", null)]
    public void A_file_is_of_the_channel_that_its_name_begins_with(string file, string? channel) =>
        Assert.Equal(channel, EvidenceFolder.TryReadChannel(file, out ChannelId id) ? id.Value : null);

    private static ForkProof Proof(ulong number) => ForkProof.Of(new ForkEvidence
    {
        First = new SignedBlock { Number = number },
        Second = new SignedBlock { Number = number },
    });
}
