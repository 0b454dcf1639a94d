using System.Text;
using Node.Client.Trees;
using Node.Protocol;

namespace Node.Client.Tests.Trees;

public class TreeManifestTests
{
    private const string HelloSha256 = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";

    [Fact]
    public void The_bytes_of_a_tree_are_these()
    {
        TreeManifest tree = TreeManifest.Of([Hello("b.txt"), Hello("a/c d.txt"), Hello("a\n%\u007f")]);

        Assert.Equal(
            $"f {HelloSha256} 5 a%0A%25%7F\nf {HelloSha256} 5 a/c d.txt\nf {HelloSha256} 5 b.txt\n",
            Encoding.UTF8.GetString(tree.List.Span));
        Assert.Equal(
            "hyperprov-tree 1\n" +
            "root 1061a1b61c389b21626c2fdcb8d505c5da6bfc31f3bf02a3f623b595ef26af3d\n" +
            $"list {Hash32.Of(tree.List.Span)}\nentries 3\nbytes 15\n",
            Encoding.ASCII.GetString(tree.Head.ToBytes()));
    }

    [Fact]
    public void An_empty_folder_is_a_tree_too()
    {
        TreeManifest tree = TreeManifest.Of([]);

        Assert.Equal((0, 0L), (tree.Head.Entries, tree.Head.Bytes));
        Assert.True(TreeManifest.TryParse(tree.Head, tree.List.ToArray(), out _, out _));
    }

    [Fact]
    public void Paths_are_in_the_order_of_their_bytes_and_not_of_their_utf16_units()
    {
        TreeManifest tree = TreeManifest.Of([Hello("\U0001F600"), Hello("\uFF5E"), Hello("z")]);

        Assert.Equal(["z", "\uFF5E", "\U0001F600"], tree.Entries.Select(entry => entry.Path));
    }

    [Fact]
    public void A_tree_is_read_back_and_every_flipped_byte_is_refused()
    {
        TreeManifest tree = TreeManifest.Of([Hello("a"), Hello("b/c"), Link("l")]);
        byte[] head = tree.Head.ToBytes();
        byte[] list = tree.List.ToArray();

        Assert.True(TreeHead.TryParse(head, out TreeHead? read, out _));
        Assert.True(TreeManifest.TryParse(read, list, out TreeManifest? again, out _));
        Assert.Equal(tree.Entries, again.Entries);
        for (int at = 0; at < list.Length; at++)
        {
            list[at] ^= 1;
            Assert.False(TreeManifest.TryParse(read, list, out _, out _), $"byte {at} of the list");
            list[at] ^= 1;
        }

        for (int at = 0; at < head.Length; at++)
        {
            head[at] ^= 1;
            bool passes = TreeHead.TryParse(head, out read, out _) && TreeManifest.TryParse(read, list, out _, out _);
            Assert.False(passes, $"byte {at} of the head");
            head[at] ^= 1;
        }
    }

    [Theory]
    [InlineData("f {0} 5 ../a")]
    [InlineData("f {0} 5 /a")]
    [InlineData("f {0} 5 a//b")]
    [InlineData("f {0} 5 a/./b")]
    [InlineData("f {0} 5 ")]
    [InlineData("f {0} 05 a")]         // Another form of the same number.
    [InlineData("f {0} -5 a")]
    [InlineData("x {0} 5 a")]
    [InlineData("f {0} 5 %61")]        // Escapes what needs none.
    [InlineData("f {0} 5 a%0a")]       // Lower-case escape.
    [InlineData("f {0} 5 a%")]
    [InlineData("f {0} 5 a%2")]
    [InlineData("f {0}5 a")]
    [InlineData("f 2CF24DBA 5 a")]
    public void A_line_in_any_other_form_is_refused(string line) =>
        Assert.False(TreeEntry.TryParse(line.Replace("{0}", HelloSha256, StringComparison.Ordinal), out _, out _));

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    [InlineData(64)]
    public void One_file_is_proven_by_a_path_and_no_other_file(int files)
    {
        TreeManifest tree = TreeManifest.Of(Enumerable.Range(0, files).Select(index => Hello($"{index:D3}")));
        Hash32 recorded = Hash32.Of(tree.Head.ToBytes());
        for (int index = 0; index < files; index++)
        {
            byte[] bytes = tree.Prove($"{index:D3}")!.ToBytes();

            Assert.True(TreeProof.TryParse(bytes, out TreeProof? proof, out _));
            Assert.True(proof.IsPartOf(recorded, out _));
            Assert.False((proof with { Entry = Hello("other") }).IsPartOf(recorded, out _));
            Assert.False((proof with { Index = files }).IsPartOf(recorded, out _));
            Assert.False((proof with { Steps = [.. proof.Steps, recorded] }).IsPartOf(recorded, out _));
            Assert.False(proof.IsPartOf(Hash32.Of("another tree"u8), out _));
        }

        Assert.Null(tree.Prove("not there"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("{\"format\":\"hyperprov-tree-proof 1\"}")]
    [InlineData("{\"format\":\"hyperprov-tree-proof 2\",\"head\":\"\",\"entry\":\"\",\"index\":0,\"path\":[]}")]
    [InlineData("\0\u0001")]
    public void What_is_no_proof_is_refused(string text)
    {
        Assert.False(TreeProof.TryParse(Encoding.UTF8.GetBytes(text), out _, out string? fault));
        Assert.NotEmpty(fault);
    }

    private static TreeEntry Hello(string path) =>
        new(TreeEntryKind.File, path, 5, Hash32.Of("hello"u8));

    private static TreeEntry Link(string path) =>
        new(TreeEntryKind.Link, path, 5, Hash32.Of("hello"u8));
}
