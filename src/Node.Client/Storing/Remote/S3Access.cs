using System.Globalization;
using Amazon;
using Amazon.Runtime;
using Amazon.Runtime.CredentialManagement;
using Amazon.S3;

namespace Node.Client.Storing.Remote;

/// <summary>How this machine gets at an S3 store. Nothing of it reaches a record.</summary>
/// <param name="Profile">Of the shared AWS files; null for <c>AWS_PROFILE</c>, else <c>default</c>.</param>
/// <param name="CredentialsFile">Lines of aws_access_key_id, aws_secret_access_key; null for none.</param>
/// <param name="IsAnonymous">Requests are not signed: a public bucket.</param>
/// <param name="Timeout">For each request and each piece of an answer.</param>
/// <param name="Retries">Of a request that was not answered, or answered with a fault of the server.</param>
internal sealed record S3Access(
    string? Profile, string? CredentialsFile, bool IsAnonymous, TimeSpan Timeout, int Retries, TimeProvider Clock)
{
    public const int RetriesDefault = 3;

    /// <exception cref="StoreConfigException">No credentials were found.</exception>
    public AmazonS3Client Connect(S3Address address)
    {
        var config = new AmazonS3Config
        {
            AuthenticationRegion = address.Region,
            ForcePathStyle = address.UsesPathStyle,
            Timeout = Timeout,
            ConnectTimeout = Timeout,
            MaxErrorRetry = Retries,
            RetryMode = RequestRetryMode.Standard,
            AllowAutoRedirect = false,

            // Every request carries its own digest of the body; the trailers that newer servers want, older refuse.
            RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED,
            ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED,
        };
        if (address.Endpoint is { } endpoint)
            config.ServiceURL = endpoint.GetLeftPart(UriPartial.Authority);
        else
            config.RegionEndpoint = RegionEndpoint.GetBySystemName(address.Region);

        return new AmazonS3Client(Credentials(address), config);
    }

    // In this order: nothing, the file that was named, the environment, the profile. The metadata service of a cloud
    // machine is not asked: on every other machine that is a wait, and a request to an address nobody named.
    private AWSCredentials Credentials(S3Address address)
    {
        if (IsAnonymous)
            return new AnonymousAWSCredentials();

        if (CredentialsFile is not null)
            return FromFile(CredentialsFile);

        string? key = Environment.GetEnvironmentVariable("AWS_ACCESS_KEY_ID");
        string? secret = Environment.GetEnvironmentVariable("AWS_SECRET_ACCESS_KEY");
        string? session = Environment.GetEnvironmentVariable("AWS_SESSION_TOKEN");
        if (Profile is null && !string.IsNullOrEmpty(key) && !string.IsNullOrEmpty(secret))
            return string.IsNullOrEmpty(session)
                ? new BasicAWSCredentials(key, secret)
                : new SessionAWSCredentials(key, secret, session);

        string profile = Profile ?? Environment.GetEnvironmentVariable("AWS_PROFILE") ?? "default";
        if (new CredentialProfileStoreChain().TryGetAWSCredentials(profile, out AWSCredentials found))
            return found;

        throw new StoreConfigException(
            $"There are no credentials for {address.Location}: neither AWS_ACCESS_KEY_ID and " +
            $"AWS_SECRET_ACCESS_KEY in the environment, nor a profile \"{profile}\" in ~/.aws/credentials, nor " +
            "credentials: FILE in stores.yaml. " +
            "Set one of them, or anonymous=true for a public bucket.");
    }

    private static AWSCredentials FromFile(string path)
    {
        string key = "";
        string secret = "";
        string session = "";
        try
        {
            foreach (string line in File.ReadLines(path))
            {
                string[] parts = line.Split('=', 2, StringSplitOptions.TrimEntries);
                string value = parts.Length == 2 ? parts[1] : "";
                switch (parts[0].ToLower(CultureInfo.InvariantCulture))
                {
                    case "aws_access_key_id":
                        key = value;
                        break;
                    case "aws_secret_access_key":
                        secret = value;
                        break;
                    case "aws_session_token":
                        session = value;
                        break;
                    default:
                        break;
                }
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StoreConfigException($"The credentials in {path} cannot be read: {e.Message}");
        }

        if (key.Length == 0 || secret.Length == 0)
            throw new StoreConfigException(
                $"{path} holds no credentials. It needs the lines aws_access_key_id = … and aws_secret_access_key = …");

        return session.Length == 0
            ? new BasicAWSCredentials(key, secret)
            : new SessionAWSCredentials(key, secret, session);
    }
}
