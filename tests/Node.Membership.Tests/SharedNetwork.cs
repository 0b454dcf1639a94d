using Node.Testing;

namespace Node.Membership.Tests;

/// <summary>One network for all tests of a class, which only read it.</summary>
public sealed class SharedNetwork : IDisposable
{
    public TestNetwork Network { get; } = TestNetwork.Create();

    public void Dispose() => Network.Dispose();
}
