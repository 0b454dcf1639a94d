using Node.Protocol.Wire.Common;

namespace Node.Orderer.Broadcasting;

/// <summary>What Broadcast says to one envelope: SUCCESS when it is durable in the ordered log, else why not.</summary>
/// <param name="Text">Empty for SUCCESS. Names the value, the limit and the next step.</param>
internal sealed record BroadcastAnswer(Status Status, string Text)
{
    public static readonly BroadcastAnswer Success = new(Status.Success, "");

    public bool IsSuccess => Status == Status.Success;

    public static BroadcastAnswer BadRequest(string text) => new(Status.BadRequest, text);

    public static BroadcastAnswer Forbidden(string text) => new(Status.Forbidden, text);

    public static BroadcastAnswer Unavailable(string text) => new(Status.ServiceUnavailable, text);
}
