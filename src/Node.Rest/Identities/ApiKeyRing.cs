using System.Collections.Frozen;
using System.Security.Cryptography;

namespace Node.Rest.Identities;

/// <summary>The API keys as a running server knows them. Any thread.</summary>
/// <remarks>Looks for changes once a second, and at once for a key that it does not know.</remarks>
internal sealed class ApiKeyRing(ApiKeyFile file, TimeProvider clock)
{
    private static readonly TimeSpan s_lookEvery = TimeSpan.FromSeconds(1);

    private readonly Lock _reading = new();   // Protects the three fields below while one thread reads the file.
    private FrozenDictionary<string, ApiKeyEntry> _keys = FrozenDictionary<string, ApiKeyEntry>.Empty;
    private DateTime _read = DateTime.MinValue;
    private long _looked = long.MinValue;

    /// <returns>The entry of this very key, revoked or not; null when there is none.</returns>
    public ApiKeyEntry? Find(string text)
    {
        if (!ApiKey.TryReadId(text, out string? id))
            return null;
        if (!Current(s_lookEvery).TryGetValue(id, out ApiKeyEntry? entry)
            && !Current(TimeSpan.Zero).TryGetValue(id, out entry))
            return null;

        bool isSame = CryptographicOperations.FixedTimeEquals(
            ApiKey.HashOf(text), Convert.FromHexString(entry.Sha256));
        return isSame ? entry : null;
    }

    private FrozenDictionary<string, ApiKeyEntry> Current(TimeSpan ageMax)
    {
        long now = clock.GetTimestamp();
        long looked = Volatile.Read(ref _looked);
        if (looked != long.MinValue && clock.GetElapsedTime(looked, now) < ageMax)
            return Volatile.Read(ref _keys);

        lock (_reading)
        {
            DateTime changed = file.LastChange();
            if (changed != _read || _looked == long.MinValue)
            {
                Volatile.Write(ref _keys, file.List().ToFrozenDictionary(key => key.Id, StringComparer.Ordinal));
                _read = changed;
            }

            Volatile.Write(ref _looked, now);
            return _keys;
        }
    }
}
