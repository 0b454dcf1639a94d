using Node.Ca.Tests.Building;
using Node.Membership;
using Node.Membership.Issuing;

namespace Node.Ca.Tests;

public class ConcurrencyTests
{
    [Fact]
    public async Task A_secret_is_used_no_more_often_than_it_was_registered_for()
    {
        const int Allowed = 7;
        const int Tries = 40;
        await using TestCa ca = await TestCa.StartAsync();
        Member registrar = await ca.RegistrarAsync();
        Answer registered = await registrar.PostAsync(
            "register", Bodies.Register("u", $", \"max_enrollments\": {Allowed}"));
        string secret = registered.Result.GetProperty("secret").GetString()!;
        EnrollmentKey[] keys = [.. Enumerable.Range(0, Tries).Select(_ => EnrollmentKey.Create(KeyType.P256))];

        Answer[] answers = await Task.WhenAll(keys.Select(key => ca.EnrollAsync("u", secret, Bodies.Enroll(key, "u"))));

        Assert.Equal(Allowed, answers.Count(answer => answer.Brief == "201"));
        Assert.Equal(Tries - Allowed, answers.Count(answer => answer.Brief == "401 20"));
        Answer certificates = await registrar.GetAsync("certificates?id=u");
        Assert.Equal(Allowed, certificates.Result.GetProperty("certs").GetArrayLength());
    }

    [Fact]
    public async Task One_of_many_registrations_of_an_id_wins()
    {
        await using TestCa ca = await TestCa.StartAsync();
        Member registrar = await ca.RegistrarAsync();

        Answer[] answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ =>
            registrar.PostAsync("register", Bodies.Register("u"))));

        Assert.Equal(1, answers.Count(answer => answer.Brief == "201"));
        Assert.Equal(19, answers.Count(answer => answer.Brief == "409 74"));
        string secret = answers.Single(answer => answer.Success).Result.GetProperty("secret").GetString()!;
        using EnrollmentKey key = EnrollmentKey.Create(KeyType.P256);
        Assert.Equal("201", (await ca.EnrollAsync("u", secret, Bodies.Enroll(key, "u"))).Brief);
    }

    // Whatever the order: once the revocation was answered, nothing new is issued, and all of it is revoked.
    [Fact]
    public async Task Revocation_and_renewal_meet_without_a_gap()
    {
        await using TestCa ca = await TestCa.StartAsync();
        Member registrar = await ca.RegistrarAsync();
        Member member = await registrar.NewMemberAsync("u");
        EnrollmentKey[] keys = [.. Enumerable.Range(0, 20).Select(_ => EnrollmentKey.Create(KeyType.P256))];

        Task<Answer>[] renewals = [.. keys.Select(key => member.PostAsync("reenroll", Bodies.Enroll(key, "u")))];
        Answer revoked = await registrar.PostAsync("revoke", """{"id": "u"}""");
        Answer[] answers = await Task.WhenAll(renewals);

        int issued = answers.Count(answer => answer.Success);
        Assert.Equal(issued + 1, revoked.Result.GetProperty("RevokedCerts").GetArrayLength());
        Answer valid = await registrar.GetAsync("certificates?id=u&notrevoked=true");
        Assert.Equal(0, valid.Result.GetProperty("certs").GetArrayLength());
    }

    [Fact]
    public async Task Serial_numbers_differ()
    {
        await using TestCa ca = await TestCa.StartAsync();
        Member registrar = await ca.RegistrarAsync();
        EnrollmentKey[] keys = [.. Enumerable.Range(0, 30).Select(_ => EnrollmentKey.Create(KeyType.P256))];
        Answer[] answers = await Task.WhenAll(
            keys.Select(key => registrar.PostAsync("reenroll", Bodies.Enroll(key, registrar.Id))));

        Assert.Equal(
            keys.Length, answers.Select(answer => answer.Certificate().Number.SerialNumber).Distinct().Count());
    }
}
