namespace Node.EndToEnd.Hosts;

/// <summary>Makes programs believe in another time, through the distribution's libfaketime.</summary>
internal static class ClockOffset
{
    private const string Library = "libfaketime.so.1";
    private const string Package = "libfaketime";

    /// <param name="variables">Of the program's environment.</param>
    /// <param name="offset">As "+10m"; the monotonic clock, which measures durations, stays right.</param>
    public static void Set(Dictionary<string, string> variables, string offset)
    {
        if (Find() is null)
            Command.Try("apt-get", "-qq", "install", "-y", "--no-install-recommends", Package);

        string? library = Find();
        Assert.True(library is not null, $"{Library} is needed for a clock that is off: apt-get install {Package}");
        variables["LD_PRELOAD"] = library;
        variables["FAKETIME"] = offset;
        variables["FAKETIME_DONT_FAKE_MONOTONIC"] = "1";
        variables["DONT_FAKE_MONOTONIC"] = "1";

        // Otherwise waits on the monotonic clock end at once, and the program spins.
        variables["FAKETIME_FORCE_MONOTONIC_FIX"] = "0";
    }

    private static string? Find() => Directory.EnumerateDirectories("/usr/lib", "*-linux-gnu")
        .Select(folder => Path.Combine(folder, "faketime", Library)).FirstOrDefault(File.Exists);
}
