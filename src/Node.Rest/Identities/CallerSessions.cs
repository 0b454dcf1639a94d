using System.Collections.Concurrent;
using Node.Client;
using Node.Client.Storing;
using Node.Protocol;

namespace Node.Rest.Identities;

/// <summary>Keeps one connection for each identity that ever called, so that no request waits for one.</summary>
/// <remarks>
/// Any thread. A connection is made with an identity's first request, and anew when its certificate was renewed. All
/// are closed when the server stops: requests may still be in progress on an older one.
/// </remarks>
internal sealed class CallerSessions(
    string networkFolder, RestChannel channel, UserFolders users, ContentStores stores, TimeProvider clock)
    : IDisposable
{
    private static readonly TimeSpan s_lookEvery = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<IdentityName, Entry> _entries = new();
    private readonly ConcurrentBag<CallerSession> _retired = [];

    private sealed record Entry(Lazy<CallerSession> Session, DateTime Certificate)
    {
        public long Looked { get; set; }
    }

    /// <exception cref="NetworkFolderException">The identity's folder is gone or wrong.</exception>
    /// <exception cref="OverloadedException">Too many identities at once.</exception>
    public CallerSession Get(IdentityName identity)
    {
        long now = clock.GetTimestamp();
        if (_entries.TryGetValue(identity, out Entry? entry) && clock.GetElapsedTime(entry.Looked, now) < s_lookEvery)
            return entry.Session.Value;

        DateTime certificate = LastRenewal(identity);
        if (entry is not null && entry.Certificate == certificate)
        {
            entry.Looked = now;
            return entry.Session.Value;
        }

        if (entry is null && _entries.Count >= RestLimits.SessionsMax)
            throw new OverloadedException("identities", RestLimits.SessionsMax, s_lookEvery);

        return Replace(identity, entry, NewEntry(identity, certificate, now));
    }

    public void Dispose()
    {
        foreach (Entry entry in _entries.Values)
            if (entry.Session.IsValueCreated)
                entry.Session.Value.Dispose();

        foreach (CallerSession session in _retired)
            session.Dispose();
    }

    private Entry NewEntry(IdentityName identity, DateTime certificate, long now)
    {
        var session = new Lazy<CallerSession>(() => Open(identity), LazyThreadSafetyMode.ExecutionAndPublication);
        return new Entry(session, certificate) { Looked = now };
    }

    // Opened before it is offered, so that a folder that cannot be read leaves nothing behind.
    private CallerSession Replace(IdentityName identity, Entry? old, Entry entry)
    {
        CallerSession session = entry.Session.Value;
        if (old is null ? _entries.TryAdd(identity, entry) : _entries.TryUpdate(identity, entry, old))
        {
            if (old is { Session.IsValueCreated: true })
                _retired.Add(old.Session.Value);

            return session;
        }

        session.Dispose();
        return _entries[identity].Session.Value;
    }

    private CallerSession Open(IdentityName identity) => new(
        identity, Gateway.FromNetworkFolder(networkFolder, identity.MspId, identity.User), channel, stores);

    private DateTime LastRenewal(IdentityName identity) =>
        Directory.Exists(users.SignCertificatesOf(identity))
            ? Directory.GetLastWriteTimeUtc(users.SignCertificatesOf(identity))
            : DateTime.MinValue;
}
