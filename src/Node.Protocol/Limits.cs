namespace Node.Protocol;

/// <summary>
/// Every size, count and duration that bounds what comes from outside. Beyond it the answer is a clear error.
/// </summary>
/// <remarks>
/// Sizes are bytes after encoding unless the name says characters. Max values are themselves allowed.
/// </remarks>
public static class Limits
{
    // ---- Messages ----

    /// <summary>
    /// Largest envelope (payload and signature) Broadcast accepts. A channel's absolute_max_bytes may say less.
    /// </summary>
    public const int EnvelopeBytesMax = 10 << 20;

    /// <summary>Size at which a batch is cut, unless the channel says otherwise.</summary>
    public const int BatchBytesPreferred = 2 << 20;

    /// <summary>Envelopes at which a batch is cut, unless the channel says otherwise.</summary>
    public const int BatchEnvelopesPreferred = 500;

    /// <summary>Most envelopes in one block; more in a channel's configuration is refused.</summary>
    public const int BlockEnvelopesMax = 1 << 16;

    /// <summary>Largest block, with header and metadata.</summary>
    public const int BlockBytesMax = 16 << 20;

    /// <summary>Largest gRPC message in either direction, as in Fabric: packages of contracts are that large.</summary>
    public const int GrpcMessageBytesMax = 100 << 20;

    /// <summary>Largest signed proposal. Its arguments return in the envelope, so it is bounded by that.</summary>
    public const int ProposalBytesMax = EnvelopeBytesMax;

    /// <summary>Largest encoded SerializedIdentity (creator, endorser).</summary>
    public const int IdentityBytesMax = 32 << 10;

    /// <summary>Largest signature. ECDSA P-521 needs 139 bytes.</summary>
    public const int SignatureBytesMax = 512;

    /// <summary>Most endorsements evaluated in one transaction.</summary>
    public const int EndorsementsMax = 256;

    /// <summary>Most orderer signatures on one block.</summary>
    public const int BlockSignaturesMax = 128;

    /// <summary>Most arguments of one contract call.</summary>
    public const int ArgumentsMax = 4096;

    // ---- Names ----

    public const int ChannelIdCharsMax = 249;

    public const int MspIdBytesMax = 256;

    /// <summary>Contract names, hence namespaces.</summary>
    public const int NamespaceBytesMax = 128;

    public const int CollectionNameBytesMax = 128;

    public const int EventNameBytesMax = 256;

    // ---- State ----

    /// <summary>Largest key in one namespace, in bytes of UTF-8.</summary>
    public const int KeyBytesMax = 64 << 10;

    /// <summary>Largest value of one key.</summary>
    public const int ValueBytesMax = EnvelopeBytesMax - (1 << 20);

    /// <summary>Most namespaces in one read-write set.</summary>
    public const int NamespacesMax = 256;

    /// <summary>Most reads, writes, range queries and metadata writes in one transaction, together.</summary>
    public const int ReadWriteSetItemsMax = 1 << 18;

    /// <summary>Most entries that one range, history or paged query returns.</summary>
    public const int QueryResultsMax = 100_000;

    /// <summary>Reads a range query records one by one; beyond it, a Merkle summary of this degree.</summary>
    public const int RangeReadsRawMax = 50;

    /// <summary>Most levels of a lineage answer.</summary>
    public const int LineageDepthMax = 100_000;

    /// <summary>Levels of a lineage answer when the caller names none.</summary>
    public const int LineageDepthDefault = 10;

    /// <summary>Most records in a lineage answer; what is left out sets its truncated flag.</summary>
    public const int LineageNodesMax = 100_000;

    /// <summary>Largest lineage answer.</summary>
    public const int LineageBytesMax = 8 << 20;

    // ---- Journals of devices ----

    /// <summary>Largest entry of a device's journal, without its signature.</summary>
    public const int JournalEntryBytesMax = 512 << 10;

    /// <summary>Most journal entries in one transaction.</summary>
    public const int JournalBatchEntriesMax = 500;

    /// <summary>Largest batch of journal entries in one transaction.</summary>
    public const int JournalBatchBytesMax = 1 << 20;

    // ---- Policies and configuration ----

    public const int PolicyDepthMax = 16;

    public const int PolicyNodesMax = 4096;

    public const int PolicyPrincipalsMax = 1024;

    public const int ConfigBytesMax = 8 << 20;

    // ---- Proofs ----

    /// <summary>Largest file that is read as a receipt, as evidence or as a light client's state.</summary>
    public const int ProofFileBytesMax = 16 << 20;

    /// <summary>Largest content of such a file once it is decompressed.</summary>
    public const int ProofBytesMax = 64 << 20;

    /// <summary>Most configurations between the genesis block and what is proven.</summary>
    public const int ProofConfigurationsMax = 1_024;

    /// <summary>Most contracts whose endorsement policies one receipt carries.</summary>
    public const int ReceiptPoliciesMax = NamespacesMax;

    /// <summary>Most attestations in one receipt: one of each organisation.</summary>
    public const int AttestationsMax = 256;

    /// <summary>Most files of evidence against orderers that one peer keeps.</summary>
    public const int EvidenceFilesMax = 64;

    // ---- Work at once ----

    /// <summary>Proofs that one peer works on at once; one more is told to retry.</summary>
    public const int ProofsMax = 64;

    /// <summary>Simulations at once on one peer; one more is told to retry.</summary>
    public const int SimulationsMax = 512;

    /// <summary>
    /// Endorsements that wait on one peer until it has the height they name; one more is told to retry.
    /// </summary>
    public const int EndorseWaitersMax = 512;

    /// <summary>Open CommitStatus calls on one peer.</summary>
    public const int CommitWaitersMax = 20_000;

    /// <summary>Open Deliver and event streams on one node.</summary>
    public const int DeliverStreamsMax = 2_500;

    /// <summary>Envelopes waiting on one orderer and channel; one more is answered SERVICE_UNAVAILABLE.</summary>
    public const int OrderingQueueMax = 16_384;

    /// <summary>Bytes of envelopes waiting on one orderer and channel.</summary>
    public const int OrderingQueueBytesMax = 64 << 20;

    /// <summary>Envelopes on one Broadcast stream that wait for the orderer's answer.</summary>
    public const int BroadcastsInFlightMax = 4_096;

    /// <summary>Blocks between two stages of the commit pipeline.</summary>
    public const int PipelineBlocksMax = 32;

    /// <summary>HTTP/2 streams on one connection. CommitStatus and event calls stay open, so it is large.</summary>
    public const int StreamsPerConnectionMax = 10_000;

    /// <summary>Identities whose certificates and keys are kept ready.</summary>
    public const int IdentityCacheMax = 4_096;

    // ---- Time ----

    /// <summary>
    /// How far a proposal's or a deliver request's timestamp may be from this node's clock, either way.
    /// </summary>
    public static readonly TimeSpan ProposalSkewMax = TimeSpan.FromMinutes(15);

    /// <summary>Longest simulation of one proposal.</summary>
    public static readonly TimeSpan SimulationTimeout = TimeSpan.FromSeconds(30);

    /// <summary>How long a peer waits for a transaction that another one has already, to attest it.</summary>
    public static readonly TimeSpan AttestationWait = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Longest wait of an endorser for a height that the asking peer has already, and after which a gateway looks no
    /// more whether endorsers that disagree have come to the same state.
    /// </summary>
    public static readonly TimeSpan EndorseCatchUpMax = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Ordering pace: after a batch of n envelopes the next cut waits n times this, at most <see cref="CutPaceMax"/>,
    /// so
    /// that a busy network fills blocks. A lone writer never waits.
    /// </summary>
    public static readonly TimeSpan CutPacePerEnvelope = TimeSpan.FromMilliseconds(2);

    /// <inheritdoc cref="CutPacePerEnvelope"/>
    public static readonly TimeSpan CutPaceMax = TimeSpan.FromMilliseconds(50);

    /// <summary>Wait before a full node is tried again.</summary>
    public static readonly TimeSpan OverloadRetryAfter = TimeSpan.FromMilliseconds(100);

    // Relations. A line that does not hold does not compile (CS0031).
#pragma warning disable IDE0051, CA1823 // Never read: that it compiles is all it has to do.
    private const uint EnvelopeHoldsTheLargestValue = ValueBytesMax + KeyBytesMax < EnvelopeBytesMax ? 0 : -1;
    private const uint BlockHoldsTheLargestEnvelope = EnvelopeBytesMax + (1 << 20) <= BlockBytesMax ? 0 : -1;
    private const uint BlockHoldsAPreferredBatch = BatchBytesPreferred < BlockBytesMax ? 0 : -1;
    private const uint BlockHoldsABatchByCount = BatchEnvelopesPreferred <= BlockEnvelopesMax ? 0 : -1;
    private const uint MessageHoldsTheLargestBlock = BlockBytesMax < GrpcMessageBytesMax ? 0 : -1;
    private const uint MessageHoldsTheLargestLineage = LineageBytesMax < GrpcMessageBytesMax ? 0 : -1;
    private const uint EnvelopeHoldsTheLargestConfig = ConfigBytesMax < EnvelopeBytesMax ? 0 : -1;
    private const uint QueueHoldsTheLargestEnvelope = EnvelopeBytesMax <= OrderingQueueBytesMax ? 0 : -1;
    private const uint ProofHoldsTheLargestEnvelope = EnvelopeBytesMax < ProofFileBytesMax ? 0 : -1;
    private const uint ProofHoldsWhatItsFileHolds = ProofFileBytesMax < ProofBytesMax ? 0 : -1;
    private const uint RawReadsFitAPage = RangeReadsRawMax < QueryResultsMax ? 0 : -1;
#pragma warning restore IDE0051, CA1823
}
