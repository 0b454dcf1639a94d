using Microsoft.Extensions.Logging;
using Node.Ca.Registering;
using Node.Ca.Storing;

namespace Node.Ca.Hosting;

/// <summary>
/// Gives a new store its first registrar and its affiliations. A store that has identities keeps its own.
/// </summary>
internal static class FirstRegistrar
{
    /// <exception cref="ArgumentException">Nobody names a registrar: there is no default one.</exception>
    public static void Ensure(
        CaStore store,
        CaOptions options,
        CaSetting setting,
        Func<RegistrarCredential?> askRegistrar,
        ILogger logger)
    {
        if (!store.IsEmpty())
            return;

        RegistrarCredential credential = askRegistrar() ?? throw new ArgumentException(
            $"the store in {options.DataFolder} is new and needs its first registrar: set the environment variable " +
            $"{RegistrarCredential.Variable} to id:secret, or start it on a terminal, where it asks. There is no " +
            "default",
            nameof(options));
        var change = new StoreChange();
        foreach (string affiliation in options.Affiliations)
        {
            for (string path = affiliation; path.Length > 0; path = AffiliationPath.ParentOf(path))
                change.PutAffiliation(path);
        }

        store.Write(change.Put(new IdentityRecord
        {
            Id = credential.Id,
            Type = "client",
            Affiliation = "",
            Attributes =
            [
                new(AttributeNames.AffiliationManager, "true", Ecert: false),
                new(AttributeNames.GenCrl, "true", Ecert: false),
                new(AttributeNames.IntermediateCa, "true", Ecert: false),
                new(AttributeNames.Attributes, "*", Ecert: false),
                new(AttributeNames.DelegateRoles, "*", Ecert: false),
                new(AttributeNames.Roles, "*", Ecert: false),
                new(AttributeNames.Revoker, "true", Ecert: false),
            ],
            MaxEnrollments = options.MaxEnrollments,
            Enrollments = 0,
            Secret = SecretHash.Of(credential.Secret, setting.SecretIterations),
            Registered = setting.Clock.GetUtcNow(),
            Registrar = "",
        }));
        CaLog.RegistrarMade(logger, credential.Id);
    }
}
