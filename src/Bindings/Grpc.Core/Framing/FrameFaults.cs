namespace Grpc.Core.Framing;

/// <summary>The statuses of messages that cannot be read or sent, in one wording for both sides.</summary>
internal static class FrameFaults
{
    public static Status Truncated { get; } =
        new(StatusCode.Internal, "The stream ended in the middle of a message: the frame is truncated.");

    public static Status Malformed { get; } =
        new(StatusCode.Internal, "The compressed flag of a message is neither 0 nor 1: these bytes are no gRPC frame.");

    public static Status Missing { get; } =
        new(StatusCode.Internal, "The stream ended without a message where one is expected.");

    public static Status Surplus { get; } =
        new(StatusCode.Internal, "More bytes follow the message where only one is expected.");

    public static Status NotDeclared { get; } =
        new(StatusCode.Internal, "A message is flagged as compressed, but the stream declares no grpc-encoding.");

    public static Status BadCompression { get; } =
        new(StatusCode.Internal, "A compressed message does not decompress.");

    public static Status TooLargeToRead(long length, int bytesMax) =>
        new(StatusCode.ResourceExhausted,
            $"A message of {length} bytes was received, the limit is {bytesMax} bytes: "
            + "send less or raise MaxReceiveMessageSize.");

    public static Status TooLargeToInflate(int bytesMax) =>
        new(StatusCode.ResourceExhausted,
            $"A compressed message holds more than the limit of {bytesMax} bytes: "
            + "send less or raise MaxReceiveMessageSize.");

    public static Status TooLargeToSend(long length, int bytesMax) =>
        new(StatusCode.ResourceExhausted,
            $"A message of {length} bytes was to be sent, the limit is {bytesMax} bytes: "
            + "send less or raise MaxSendMessageSize.");

    public static Status Unparsable(Exception because) =>
        new(StatusCode.Internal, "A message does not parse as the type the method expects.", because);
}
