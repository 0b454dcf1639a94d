using System.Runtime.InteropServices;

namespace Node.EndToEnd.Deploying;

/// <summary>
/// Images and containers without an engine: buildah, with change of root for isolation, in a store of its own that
/// survives test runs. Containers share the machine's network and process ids.
/// </summary>
/// <remarks>
/// No registry is asked: the base is what debootstrap makes of this machine's distribution, with this machine's .NET
/// runtime, as the published bases are the distribution with theirs. It is made once.
/// </remarks>
internal static class ContainerImages
{
    private const string Cache = "/var/tmp/hyperprov-containers";
    private static readonly string[] s_store =
        ["--storage-driver", "vfs", "--root", $"{Cache}/storage", "--runroot", $"{Cache}/run"];

    private static string Runtime => Path.GetFullPath(
        Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", ".."));

    public static Task<string> BuildahAsync(params string[] arguments) =>
        OtherPrograms.MustAsync("buildah", [.. s_store, .. arguments]);

    public static Task<CliResult> TryBuildahAsync(params string[] arguments) =>
        OtherPrograms.RunAsync("buildah", [.. s_store, .. arguments]);

    public static System.Diagnostics.Process StartBuildah(params string[] arguments) =>
        OtherPrograms.Start("buildah", [.. s_store, .. arguments]);

    /// <returns>The name of a base image that carries the ASP.NET Core runtime.</returns>
    public static async Task<string> BaseAsync()
    {
        await OtherPrograms.RequireAsync("buildah", "debootstrap");
        Assert.True(Environment.IsPrivilegedProcess, "Building images by changing the root needs root.");
        string codename = await OtherPrograms.MustAsync("sh", "-c", ". /etc/os-release; printf $VERSION_CODENAME");
        string name = $"localhost/hyperprov-base:{codename}-{Environment.Version}";
        if ((await TryBuildahAsync("inspect", "--type", "image", name)).ExitCode == 0)
            return name;

        string root = await BootstrapAsync(codename);
        string container = (await BuildahAsync("from", "scratch")).Trim();
        try
        {
            await BuildahAsync("add", "-q", container, root, "/");
            foreach (string part in (string[])["host", "shared"])
                await BuildahAsync("add", "-q", container, $"{Runtime}/{part}", $"/usr/share/dotnet/{part}");
            await BuildahAsync("add", "-q", container, $"{Runtime}/dotnet", "/usr/bin/dotnet-host/");
            await BuildahAsync("run", "--isolation", "chroot", container, "--", "sh", "-c",
                "mv /usr/bin/dotnet-host/dotnet /usr/share/dotnet/dotnet && rmdir /usr/bin/dotnet-host && "
                + "ln -s /usr/share/dotnet/dotnet /usr/bin/dotnet");
            await BuildahAsync("commit", "-q", container, name);
        }
        finally
        {
            await TryBuildahAsync("rm", container);
        }

        Directory.Delete(root, recursive: true);
        return name;
    }

    private static async Task<string> BootstrapAsync(string codename)
    {
        string root = Path.Combine(Cache, $"root-{codename}");
        if (Directory.Exists(root))
            Directory.Delete(root, recursive: true);   // Of a run that was cut short.

        string mirrors = await OtherPrograms.MustAsync(
            "apt-get", "indextargets", "--format", "$(REPO_URI)", $"Codename: {codename}", "Created-By: Packages");
        await OtherPrograms.MustAsync(
            "debootstrap", "--variant=minbase", "--include=ca-certificates,libssl3,libstdc++6,zlib1g", codename, root,
            mirrors.Split('\n')[0]);
        return root;
    }
}
