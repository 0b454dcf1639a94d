using System.Text;
using Node.Contracts;
using Node.Membership;
using Node.Protocol;

namespace Node.Testing.Contracts;

/// <summary>
/// One contract on one namespace. Every call is simulated twice, and both must agree in all that a peer would sign.
/// </summary>
public sealed class ContractBench(IContract contract)
{
    private int _calls;

    public InMemoryNamespace Committed { get; init; } = new();

    /// <summary>The state of the latest call, with what it read and would write.</summary>
    public InMemoryState LastState { get; private set; } = new(new InMemoryNamespace());

    public (string Name, string Payload)? LastEvent { get; private set; }

    public ClientIdentity Client { get; set; } = ContractCall.User1;

    /// <summary>Whose certificates may travel in arguments.</summary>
    public IReadOnlyList<Msp> Organizations { get; set; } = [];

    /// <summary>A transaction id that no other number gives.</summary>
    public static TxId Id(int number) => TxId.Of(Hash32.Of(Encoding.UTF8.GetBytes($"transaction {number}")));

    /// <summary>The id that the next call will have.</summary>
    public TxId NextId => Id(_calls + 1);

    /// <summary>Simulates; nothing is committed.</summary>
    public ContractResponse Call(string function, params string[] arguments) =>
        Call(state => new ContractCall(state, NextId, function, arguments)
        {
            Client = Client,
            Timestamp = Time(),
            Organizations = Organizations,
        });

    /// <summary>As <see cref="Call(string, string[])"/>, with arguments that need not be text.</summary>
    public ContractResponse CallBytes(string function, params byte[][] arguments) =>
        Call(state => new ContractCall(state, NextId, function)
        {
            Client = Client,
            Timestamp = Time(),
            Organizations = Organizations,
            Arguments = [.. arguments.Select(argument => (ReadOnlyMemory<byte>)argument)],
        });

    /// <summary>The payload of a call that must succeed, as text.</summary>
    public string Ask(string function, params string[] arguments)
    {
        ContractResponse response = Call(function, arguments);
        return response.IsSuccess
            ? Encoding.UTF8.GetString(response.Payload.Span)
            : throw new InvalidOperationException($"{function}: {response.Status} {response.Message}");
    }

    /// <summary>Simulates and commits in a block of its own.</summary>
    public TxId Submit(string function, params string[] arguments)
    {
        TxId id = NextId;
        Ask(function, arguments);
        Committed.Commit((id, Time() - TimeSpan.FromSeconds(1), LastState));
        return id;
    }

    /// <summary>Commits what the latest call would write, in a block of its own.</summary>
    public void Commit() => Committed.Commit((Id(_calls), Time() - TimeSpan.FromSeconds(1), LastState));

    private ContractResponse Call(Func<InMemoryState, ContractCall> create)
    {
        var first = new InMemoryState(Committed);
        var second = new InMemoryState(Committed);
        ContractCall firstCall = create(first);
        ContractCall secondCall = create(second);

        ContractResponse response = ContractHost.Invoke(contract, firstCall);
        ContractResponse again = ContractHost.Invoke(contract, secondCall);

        if (response.Status != again.Status
            || response.Message != again.Message
            || !response.Payload.Span.SequenceEqual(again.Payload.Span)
            || firstCall.Event != secondCall.Event
            || first.Describe() != second.Describe())
            throw new InvalidOperationException($"{firstCall.Function} gave two results for one call.");

        _calls++;
        LastState = first;
        LastEvent = firstCall.Event;
        return response;
    }

    private DateTimeOffset Time() => ContractCall.Noon + TimeSpan.FromSeconds(_calls);
}
