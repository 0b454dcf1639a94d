using System.CommandLine;
using Node.Cli.Networks;
using Node.Cli.Running;
using Node.Protocol;
using Node.Protocol.Decoding;

namespace Node.Cli.Commands.Proving;

/// <summary>Where a verifier's trust begins: a genesis hash that is typed, or a network folder that is named.</summary>
internal static class GenesisOption
{
    public static Option<string> Create() => new("--genesis")
    {
        Description = "The hash of the channel's block 0, 64 hex digits, from somebody you trust",
        HelpName = "HASH",
    };

    /// <summary>Never the default folder: what is trusted must be said.</summary>
    /// <exception cref="CommandFault">Neither is given, or it cannot be read.</exception>
    public static Hash32 Read(Invocation invocation, Option<string> option, string channel)
    {
        string? text = invocation.Get(option);
        if (text is not null)
            return Hash32.TryParseHex(text, out Hash32 hash)
                ? hash
                : throw new CommandFault(
                    ExitCode.Usage, $"--genesis takes 64 hex digits, this is \"{text}\". {HowToGet}");

        if (!invocation.NamesFolder)
            throw new CommandFault(
                ExitCode.Usage,
                "a proof is never trusted on its own word for where its channel began: say --genesis HASH, or " +
                $"--dir DIR for a network folder that is yours. {HowToGet}");

        return ReadFrom(invocation.Folder, channel);
    }

    /// <summary>The hash of the genesis block that a network folder holds.</summary>
    public static Hash32 ReadFrom(string folder, string channel)
    {
        string file = Path.Combine(folder, "genesis", $"{NetworkSession.ParseChannel(channel)}.block");
        if (!File.Exists(file))
            throw new CommandFault(
                ExitCode.NotFound, $"there is no genesis block of channel {channel} in {folder} ({file} is missing).");

        return BlockBytes.TryDecode(File.ReadAllBytes(file), out BlockBytes? block, out string? fault)
            ? block.Hash
            : throw new CommandFault(ExitCode.VerificationFailed, $"{file} is no genesis block: {fault}.");
    }

    private const string HowToGet =
        "A member of the network gets the hash with: ./hyperprov block 0  (the line \"hash\").";
}
