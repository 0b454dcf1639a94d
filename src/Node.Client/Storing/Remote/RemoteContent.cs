using Amazon.Runtime;

namespace Node.Client.Storing.Remote;

/// <summary>Content that arrives over a network: a piece that does not come in time is a failure, not a wait.</summary>
internal sealed class RemoteContent(
    Stream body, IDisposable response, string location, TimeSpan timeout, TimeProvider clock) : ReadOnlyStream
{
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        using var limit = new StepLimit(timeout, clock, cancellationToken);
        try
        {
            return await body.ReadAsync(buffer, limit.Token).ConfigureAwait(false);
        }
        catch (AmazonClientException)
        {
            // The library holds the last byte against the server's own digest. Whether the bytes are right is for our
            // checksum to say, and it says no when they are not.
            return 0;
        }
        catch (Exception e) when (e is IOException or HttpRequestException || limit.IsReached(e))
        {
            throw new StoreUnreachableException(
                location,
                limit.IsReached(e) ? $"nothing came for {timeout.TotalSeconds:0} s" : $"it broke off ({e.Message})", e);
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            body.Dispose();
            response.Dispose();
        }

        base.Dispose(disposing);
    }
}
