using System.Text.Json;
using Grpc.Core;
using Node.Client;
using Node.Client.Enrolling;
using Node.Client.Following;
using Node.Client.Receipts;
using Node.Client.Capturing;
using Node.Client.Recording;
using Node.Client.Spooling;
using Node.Client.Storing;
using Node.Client.Trees;
using Node.Protocol;

namespace Node.Cli.Running;

/// <summary>Turns whatever ended a command into an exit code and one line. The only place that does.</summary>
internal static class Faults
{
    private const string TraceVariable = "HYPERPROV_TRACE";

    public static ExitCode Report(Exception fault, CliConsole console, bool json)
    {
        (ExitCode code, string message) = Describe(fault);
        Write(console, json, code, message);
        if (Environment.GetEnvironmentVariable(TraceVariable) is { Length: > 0 })
            console.Error.WriteLine(fault);

        return code;
    }

    public static void Write(CliConsole console, bool json, ExitCode code, string message)
    {
        string line = OneLine(message);
        console.Error.WriteLine(json
            ? JsonSerializer.Serialize(new { error = new { code = (int)code, kind = code.ToString(), message = line } })
            : $"hyperprov: {line}");
    }

    private static (ExitCode Code, string Message) Describe(Exception fault) => fault switch
    {
        CommandFault command => (command.Code, command.Message),
        OperationCanceledException => (ExitCode.Interrupted, "interrupted"),
        PeerUnreachableException unreachable => (ExitCode.Unreachable, unreachable.Message),
        OverloadedException overloaded => (ExitCode.Unreachable, overloaded.Message),
        ContentMismatchException mismatch => (ExitCode.VerificationFailed, mismatch.Message),
        SnapshotRefusedException snapshot => (ExitCode.VerificationFailed, snapshot.Message),
        LedgerCorruptException corrupt => (ExitCode.VerificationFailed, corrupt.Message),
        ReceiptRefusedException receipt => (ExitCode.VerificationFailed, receipt.Message),
        ForkDetectedException fork => (ExitCode.VerificationFailed, fork.Message),
        CommitmentRefusedException lie => (ExitCode.VerificationFailed, lie.Message),
        CommitException invalid => (ExitCode.Refused, invalid.Message),
        GatewayException refused => (CodeOf(refused), refused.Message),
        LocationRefusedException place => (ExitCode.Refused, place.Message),
        ContentMissingException nothing => (ExitCode.NotFound, nothing.Message),
        StoreUnreachableException away => (ExitCode.Unreachable, away.Message),
        ContentEncryptedException encrypted => (ExitCode.VerificationFailed, encrypted.Message),
        TreeRefusedException tree => (ExitCode.Local, tree.Message),
        MalformedTreeException tree => (ExitCode.VerificationFailed, tree.Message),
        StoreConfigException store => (ExitCode.Usage, store.Message),
        CertificateAuthorityException authority => (CodeOf(authority), authority.Message),
        CaptureRefusedException capture => (ExitCode.Usage, capture.Message),
        RunNotRecordedException run => (ExitCode.Unreachable, run.Message),
        SpoolException spool => (CodeOf(spool.Kind), spool.Message),
        StorageFailedException storage => (ExitCode.Local, storage.Message),
        RecordNotFoundException missing =>
            (ExitCode.NotFound, $"{missing.Message}. List the keys there are with: ./hyperprov range"),
        NetworkFolderException folder => (ExitCode.NotFound, folder.Message),
        FileNotFoundException missing => (ExitCode.NotFound, $"no file {missing.FileName}"),
        DirectoryNotFoundException missing => (ExitCode.NotFound, missing.Message),
        UnauthorizedAccessException denied => (
            ExitCode.Local, denied.Message + " Check the owner and the permissions."),
        NotSupportedException unsupported => (ExitCode.VerificationFailed, unsupported.Message),
        DllNotFoundException library => (ExitCode.Local, library.Message),
        IOException io => (ExitCode.Local, io.Message),
        NodeException node => (ExitCode.Local, node.Message),
        _ => (ExitCode.Internal,
            $"a bug in this program ({fault.GetType().Name}: {fault.Message}). Run again with {TraceVariable}=1 " +
            "and report it."),
    };

    private static ExitCode CodeOf(GatewayException fault) => (fault.ContractStatus, fault.Status) switch
    {
        (404, _) => ExitCode.NotFound,
        ({ }, _) => ExitCode.Refused,
        (_, StatusCode.NotFound) => ExitCode.NotFound,
        (_, StatusCode.Unavailable or StatusCode.DeadlineExceeded) => ExitCode.Unreachable,
        _ => ExitCode.Refused,
    };

    private static ExitCode CodeOf(CertificateAuthorityException fault) => fault.Status switch
    {
        404 => ExitCode.NotFound,
        429 or >= 500 => ExitCode.Unreachable,
        _ => ExitCode.Refused,
    };

    private static ExitCode CodeOf(SpoolFaultKind fault) => fault switch
    {
        SpoolFaultKind.WrongPlace => ExitCode.NotFound,
        SpoolFaultKind.Altered => ExitCode.VerificationFailed,
        SpoolFaultKind.Busy or SpoolFaultKind.NoIdentity => ExitCode.Local,
        _ => throw Invariant.Unreachable("every kind has its code"),
    };

    private static string OneLine(string text) =>
        string.Join(
            ' ', text.Split(['\r', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
}
