namespace Node.CatchUp;

/// <summary>How a peer joined.</summary>
/// <param name="First">From serving until the first block was seen as committed; asked for every 20 ms.</param>
/// <param name="Streaming">Until the last one was.</param>
/// <param name="Cpu">Of the whole process meanwhile.</param>
/// <param name="Stages">Where the blocks' time went, as the peer's metrics say.</param>
internal sealed record Joined(TimeSpan First, TimeSpan Streaming, TimeSpan Cpu, string Stages);
