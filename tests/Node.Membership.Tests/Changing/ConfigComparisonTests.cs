using Google.Protobuf;
using Node.Membership.Changing;
using Node.Protocol.Wire.Common;
using Node.Protocol.Wire.Ordering;
using Node.Testing.Channels;

namespace Node.Membership.Tests.Changing;

/// <summary>What is computed from two trees turns the one into the other, by the rules that every node
/// applies.</summary>
public sealed class ConfigComparisonTests : IDisposable
{
    private readonly TestChannel _channel = new();
    private readonly ChannelConfig _current;

    public ConfigComparisonTests() => _current = _channel.Config();

    public void Dispose() => _channel.Dispose();

    public static TheoryData<string, Action<ConfigDraft>> Changes() => new()
    {
        { "batch", draft => draft.SetBatch(17, preferredBytes: null, absoluteBytes: null) },
        { "timeout", draft => draft.SetBatchTimeout(TimeSpan.FromMilliseconds(250)) },
        { "policy", draft => Assert.True(draft.TrySetPolicy("Application/Writers", "ALL Writers", out _)) },
        { "peers", draft => Assert.True(draft.TrySetPeers("Org1MSP", [new Endpoint("edge", 7051)], out _)) },
        { "removal", draft => Assert.True(draft.TryRemoveOrganization("Org2", out _)) },
    };

    [Theory]
    [MemberData(nameof(Changes))]
    public void An_update_signed_by_all_administrators_gives_the_wanted_configuration(
        string what, Action<ConfigDraft> change)
    {
        var draft = new ConfigDraft(_current);
        change(draft);
        Assert.True(draft.TryFinish(out ConfigUpdate? update, out string? fault), $"{what}: {fault}");

        SignedUpdate signed = SignedUpdate.Of(update)
            .SignedBy(_channel.Admin1).SignedBy(_channel.Admin2).SignedBy(_channel.OrdererAdmin);

        Assert.True(signed.TryApply(_current, out ChannelConfig? next, out fault), $"{what}: {fault}");
        var again = new ConfigDraft(next);
        Assert.Equal(_current.Sequence + 1, next.Sequence);
        Assert.False(again.TryFinish(out _, out fault));
        Assert.Contains("changes nothing", fault, StringComparison.Ordinal);
    }

    [Fact]
    public void Only_what_changes_is_written()
    {
        var draft = new ConfigDraft(_current);
        draft.SetBatch(17, preferredBytes: null, absoluteBytes: null);
        Assert.True(draft.TryFinish(out ConfigUpdate? update, out _));

        ConfigGroup orderer = update.WriteSet.Groups["Orderer"];
        Assert.Equal(["BatchSize"], orderer.Values.Keys);
        Assert.Equal(1UL, orderer.Values["BatchSize"].Version);
        Assert.Empty(orderer.Groups);
        Assert.Equal(17U, BatchSize.Parser.ParseFrom(orderer.Values["BatchSize"].Value).MaxMessageCount);
        Assert.Equal("[]", ReadValues(update));
    }

    [Fact]
    public void An_update_as_a_file_reads_back_with_its_signatures()
    {
        var draft = new ConfigDraft(_current);
        draft.SetBatch(17, preferredBytes: null, absoluteBytes: null);
        Assert.True(draft.TryFinish(out ConfigUpdate? update, out _));
        SignedUpdate signed = SignedUpdate.Of(update).SignedBy(_channel.Admin1);

        byte[] file = signed.ToEnvelope(
            _channel.Admin1.Serialized, message => _channel.Admin1.Sign(message), TimeProvider.System.GetUtcNow())
            .ToByteArray();

        Assert.True(SignedUpdate.TryRead(file, out SignedUpdate? read, out string? fault), fault);
        Assert.Equal(1, read.Signatures);
        Assert.Equal(signed.Update, read.Update);
        Assert.False(SignedUpdate.TryRead(file[..(file.Length / 2)], out _, out fault));
        Assert.NotEmpty(fault);
    }

    [Theory]
    [InlineData("Application/Nothing", "ALL Writers")]
    [InlineData("Nowhere/Writers", "ALL Writers")]
    [InlineData("Application/Writers", "ALL")]
    [InlineData("Application/Writers", "AND('Org1MSP.member'")]
    public void A_policy_that_cannot_be_is_refused_with_its_name(string path, string text)
    {
        Assert.False(new ConfigDraft(_current).TrySetPolicy(path, text, out string? fault));
        Assert.Contains(path, fault, StringComparison.Ordinal);
    }

    private static string ReadValues(ConfigUpdate update) =>
        $"[{string.Join(',', update.ReadSet.Groups.Values.SelectMany(group => group.Values.Keys))}]";
}
