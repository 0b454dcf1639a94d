namespace Node.Peer.Gateways;

/// <summary>
/// Tells endorsers that disagree because some have not committed the newest blocks yet from those that never agree.
/// </summary>
internal static class StateLag
{
    /// <summary>
    /// True where the same peers, asked again on a newer state, may come to enough equal endorsements.
    /// </summary>
    /// <remarks>
    /// Equal heights are equal states, so what differs there is the contract's doing. Nor does waiting help where all
    /// refuse, or where the contract refuses on the newest state: the others will read the same.
    /// </remarks>
    public static bool MayExplain(IReadOnlyList<EndorserAnswer> answers)
    {
        ulong newest = NewestOf(answers, floor: 0);
        bool anyEndorsed = false;
        bool anyElsewhere = false;
        bool refusedOnNewest = false;
        foreach (EndorserAnswer answer in answers)
        {
            anyEndorsed |= answer.Fault is null;

            // Who could not be asked, or did not admit the proposal, told nothing of a state.
            if (answer.Response is null)
                continue;

            anyElsewhere |= answer.Height != newest;
            refusedOnNewest |= answer.Height == newest && answer.Fault is not null && !answer.Retriable;
        }

        return anyEndorsed && anyElsewhere && !(refusedOnNewest && !IsUnknown(answers));
    }

    /// <summary>Whether a peer that looked at its state did not tell which.</summary>
    public static bool IsUnknown(IReadOnlyList<EndorserAnswer> answers)
    {
        foreach (EndorserAnswer answer in answers)
        {
            if (answer.Response is not null && answer.Height is null)
                return true;
        }

        return false;
    }

    /// <summary>The greatest height among them, at least <paramref name="floor"/>.</summary>
    public static ulong NewestOf(IReadOnlyList<EndorserAnswer> answers, ulong floor)
    {
        ulong newest = floor;
        foreach (EndorserAnswer answer in answers)
            newest = Math.Max(newest, answer.Height ?? 0);

        return newest;
    }
}
