namespace Node.Protocol;

/// <summary>
/// Request metadata on Broadcast streams beyond what Fabric defines. Absent means Fabric's behaviour.
/// </summary>
public static class BroadcastHeaders
{
    /// <summary>
    /// Value <c>1</c> asks the orderer to keep the stream open after an answer other than SUCCESS. A gateway carries
    /// many
    /// clients' envelopes on one stream, and one refused envelope must not cost the others their answers.
    /// </summary>
    public const string KeepOpen = "hyperprov-keep-open";
}
