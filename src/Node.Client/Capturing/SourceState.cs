namespace Node.Client.Capturing;

/// <summary>The state of the git work tree that a command runs in.</summary>
/// <param name="IsDirty">Something tracked differs from the commit, or something untracked is there.</param>
internal sealed record SourceState(string Commit, bool IsDirty)
{
    /// <summary>Null outside of any work tree, and where there is no git.</summary>
    public static async Task<SourceState?> ReadAsync(string folder, CancellationToken cancellation)
    {
        string? commit = await ChildProcess.AskAsync(["git", "rev-parse", "HEAD"], folder, cancellation)
            .ConfigureAwait(false);
        if (commit is null)
            return null;

        string? changes = await ChildProcess.AskAsync(["git", "status", "--porcelain"], folder, cancellation)
            .ConfigureAwait(false);
        return new SourceState(commit, changes is not "");
    }
}
