namespace Node.Client.Capturing;

/// <summary>Keeps secrets off the ledger, which never forgets.</summary>
internal static class SecretNames
{
    /// <summary>Stands where a secret stood.</summary>
    public const string Mask = "***";

    private static readonly string[] s_parts =
        ["passw", "passphrase", "secret", "token", "apikey", "api-key", "api_key", "credential", "private", "auth"];

    /// <summary>Always captured when they are set: they change what a computation gives, and tell nothing.</summary>
    public static readonly string[] UsualVariables =
    [
        "LANG", "LC_ALL", "TZ", "SOURCE_DATE_EPOCH", "PYTHONHASHSEED", "PYTHONPATH", "CONDA_DEFAULT_ENV",
        "VIRTUAL_ENV", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "CUDA_VISIBLE_DEVICES", "SLURM_JOB_ID", "R_LIBS",
        "DOTNET_gcServer",
    ];

    public static bool Looks(string name) =>
        s_parts.Any(part => name.Contains(part, StringComparison.OrdinalIgnoreCase));

    /// <summary>A command line with the values of options that look like secrets masked.</summary>
    public static List<string> WithoutSecrets(IReadOnlyList<string> command)
    {
        List<string> masked = [];
        bool isSecretNext = false;
        foreach (string argument in command)
        {
            int equals = argument.IndexOf('=', StringComparison.Ordinal);
            bool isOption = argument.StartsWith('-');
            if (isSecretNext && !isOption)
                masked.Add(Mask);
            else if (equals > 0 && Looks(argument[..equals]))
                masked.Add(argument[..(equals + 1)] + Mask);
            else
                masked.Add(argument);
            isSecretNext = isOption && equals < 0 && Looks(argument);
        }

        return masked;
    }
}
