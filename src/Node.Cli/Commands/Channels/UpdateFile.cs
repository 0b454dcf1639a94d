using Google.Protobuf;
using Node.Cli.Running;
using Node.Membership;
using Node.Membership.Changing;

namespace Node.Cli.Commands.Channels;

/// <summary>Configuration updates as files that administrators hand on.</summary>
internal static class UpdateFile
{
    public static SignedUpdate Read(Invocation invocation, string path)
    {
        string file = invocation.Console.PathOf(path);
        if (!File.Exists(file))
            throw new CommandFault(
                ExitCode.NotFound,
                $"there is no file {file}. Make an update with: ./hyperprov channel propose -o {path}");

        return SignedUpdate.TryRead(File.ReadAllBytes(file), out SignedUpdate? update, out string? fault)
            ? update
            : throw new CommandFault(ExitCode.Usage, $"{file} is no configuration update: {fault}");
    }

    /// <summary>The old file stays until the new one is complete.</summary>
    public static void Write(string file, SignedUpdate update, SigningIdentity writer, TimeProvider clock)
    {
        byte[] bytes = update.ToEnvelope(writer.Serialized, message => writer.Sign(message), clock.GetUtcNow())
            .ToByteArray();
        File.WriteAllBytes(file + ".next", bytes);
        File.Move(file + ".next", file, overwrite: true);
    }
}
