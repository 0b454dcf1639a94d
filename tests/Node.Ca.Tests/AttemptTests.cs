using System.Net;
using Node.Ca.Admitting;
using Node.Ca.Hosting;
using Node.Ca.Tests.Building;
using Node.Membership;
using Node.Membership.Issuing;
using Node.Testing.Time;

namespace Node.Ca.Tests;

public class AttemptTests
{
    private static readonly AttemptRules s_rules =
        new(Free: 3, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(10), TimeSpan.FromMinutes(5));

    [Fact]
    public void Waits_double_up_to_a_limit_and_are_forgotten()
    {
        var clock = new ManualClock(TestCa.Epoch);
        var limiter = new AttemptLimiter(s_rules, clock);
        var waits = new List<double>();
        for (int i = 0; i < 9; i++)
        {
            limiter.Fail("u");
            waits.Add(limiter.WaitFor("u")?.TotalSeconds ?? 0);
        }

        Assert.Equal([0, 0, 1, 2, 4, 8, 10, 10, 10], waits);
        Assert.Null(limiter.WaitFor("somebody else"));
        clock.Advance(TimeSpan.FromSeconds(10));
        Assert.Null(limiter.WaitFor("u"));
        limiter.Fail("u");
        Assert.NotNull(limiter.WaitFor("u"));
        clock.Advance(TimeSpan.FromMinutes(6));
        limiter.Fail("u");
        Assert.Null(limiter.WaitFor("u"));
    }

    [Fact]
    public void Success_forgives()
    {
        var limiter = new AttemptLimiter(s_rules, new ManualClock(TestCa.Epoch));
        for (int i = 0; i < 5; i++)
            limiter.Fail("u");

        limiter.Succeed("u");
        Assert.Null(limiter.WaitFor("u"));
        Assert.Equal(1, limiter.Fail("u"));
    }

    [Fact]
    public void Memory_is_bounded_and_the_oldest_goes_first()
    {
        var limiter = new AttemptLimiter(s_rules with { Free = 1 }, new ManualClock(TestCa.Epoch));
        for (int i = 0; i <= CaLimits.AttemptsRememberedMax; i++)
            limiter.Fail($"u{i}");

        Assert.Null(limiter.WaitFor("u0"));
        Assert.NotNull(limiter.WaitFor("u1"));
    }

    [Fact]
    public async Task Guessing_one_identity_is_slowed_down_and_told_so()
    {
        await using TestCa ca = await TestCa.StartAsync(new TestCaOptions { Attempts = clock => new AttemptPair(
            new AttemptLimiter(s_rules, clock), new AttemptLimiter(s_rules with { Free = 100 }, clock)) });
        using EnrollmentKey key = EnrollmentKey.Create(KeyType.P256);
        string body = Bodies.Enroll(key, TestCa.RegistrarId);
        for (int i = 0; i < 3; i++)
            Assert.Equal("401 20", (await ca.EnrollAsync(TestCa.RegistrarId, $"guess {i}", body)).Brief);

        // Even the right secret waits now; another identity does not.
        Answer waiting = await ca.EnrollAsync(TestCa.RegistrarId, TestCa.RegistrarSecret, body);
        Assert.Equal(HttpStatusCode.TooManyRequests, waiting.Status);
        Assert.Equal(TimeSpan.FromSeconds(1), waiting.Headers.RetryAfter!.Delta);
        Assert.Equal("401 20", (await ca.EnrollAsync("another", "guess", body)).Brief);

        ca.Clock.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal("201", (await ca.EnrollAsync(TestCa.RegistrarId, TestCa.RegistrarSecret, body)).Brief);
    }

    [Fact]
    public async Task Guessing_from_one_address_is_slowed_down_whatever_the_names()
    {
        await using TestCa ca = await TestCa.StartAsync(new TestCaOptions { Attempts = clock => new AttemptPair(
            new AttemptLimiter(s_rules, clock), new AttemptLimiter(s_rules, clock)) });
        for (int i = 0; i < 3; i++)
            Assert.Equal("401 20", (await ca.EnrollAsync($"u{i}", "guess", "{}")).Brief);

        Assert.Equal(HttpStatusCode.TooManyRequests, (await ca.EnrollAsync("u9", "guess", "{}")).Status);
    }

    [Theory]
    [InlineData("admin:a-Good-secret-9", null)]
    [InlineData("", "id:secret")]
    [InlineData("no colon here", "id:secret")]
    [InlineData(":a-Good-secret-9", "id:secret")]
    [InlineData("admin:", "has 0 characters")]
    [InlineData("admin:adminpw", "has 7 characters")]
    [InlineData("admin:aaaaaaaaaaaaaaaa", "different characters")]
    [InlineData("admin:adminpwadminpw", "holds its id")]
    [InlineData("root:password12345", "tried first")]
    [InlineData("root:changemeplease", "tried first")]
    public void The_first_registrar_needs_a_secret_worth_the_name(string text, string? fault)
    {
        bool parsed = RegistrarCredential.TryParse(text, out _, out string? found);
        Assert.Equal(fault is null, parsed);
        Assert.Contains(fault ?? "", found ?? "", StringComparison.Ordinal);
    }
}
