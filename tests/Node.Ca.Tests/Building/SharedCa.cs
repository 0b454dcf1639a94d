namespace Node.Ca.Tests.Building;

/// <summary>One server for all tests of a class that change nothing others look at.</summary>
public sealed class SharedCa : IAsyncLifetime
{
    private TestCa? _ca;
    private Member? _registrar;
    private Member? _client;

    public TestCa Ca => _ca ?? throw new InvalidOperationException("The server has not started.");

    public Member Registrar => _registrar ?? throw new InvalidOperationException("Nobody has enrolled.");

    /// <summary>Without any right.</summary>
    public Member Client => _client ?? throw new InvalidOperationException("Nobody has enrolled.");

    public async Task InitializeAsync()
    {
        _ca = await TestCa.StartAsync();
        _registrar = await _ca.RegistrarAsync();
        _client = await _registrar.NewMemberAsync("plain-client");
    }

    public Task DisposeAsync() => Ca.DisposeAsync().AsTask();
}
