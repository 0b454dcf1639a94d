using System.Diagnostics.CodeAnalysis;
using Node.Ca.Storing;
using Node.Membership.Issuing;

namespace Node.Ca.Answering;

/// <summary>Which certificates are asked for.</summary>
internal sealed class CertificateQuery
{
    private string _id = "";
    private string _serial = "";
    private string _keyId = "";
    private bool _notRevoked;
    private bool _notExpired;
    private DateTimeOffset? _revokedFrom;
    private DateTimeOffset? _revokedUntil;
    private DateTimeOffset? _expiredFrom;
    private DateTimeOffset? _expiredUntil;

    /// <summary>Empty for everybody's.</summary>
    public string Id => _id;

    public static bool TryRead(
        CaRequest request,
        DateTimeOffset now,
        [NotNullWhen(true)] out CertificateQuery? query,
        [NotNullWhen(false)] out CaRefusal? refusal)
    {
        query = null;
        var read = new CertificateQuery { _id = request.Query("id") };
        if (!TryNumber(request, "serial", out read._serial, out refusal)
            || !TryNumber(request, "aki", out read._keyId, out refusal)
            || !request.TryQueryFlag("notrevoked", out read._notRevoked, out refusal)
            || !request.TryQueryFlag("notexpired", out read._notExpired, out refusal)
            || !TryTime(request, "revoked_start", now, out read._revokedFrom, out refusal)
            || !TryTime(request, "revoked_end", now, out read._revokedUntil, out refusal)
            || !TryTime(request, "expired_start", now, out read._expiredFrom, out refusal)
            || !TryTime(request, "expired_end", now, out read._expiredUntil, out refusal))
            return false;

        refusal = read.FaultOfCombination();
        query = refusal is null ? read : null;
        return refusal is null;
    }

    public bool Holds(CertificateRecord certificate, DateTimeOffset now)
    {
        bool asksRevoked = _revokedFrom is not null || _revokedUntil is not null;
        DateTimeOffset end = certificate.Certificate.NotAfter;
        return (_id.Length == 0 || certificate.Id == _id)
            && (_serial.Length == 0 || certificate.Number.SerialNumber == _serial)
            && (_keyId.Length == 0 || certificate.Number.AuthorityKeyId == _keyId)
            && !(_notRevoked && certificate.Revoked is not null)
            && !(_notExpired && end < now)
            && (!asksRevoked || certificate.Revoked is { } revoked && IsWithin(revoked, _revokedFrom, _revokedUntil))
            && IsWithin(end, _expiredFrom, _expiredUntil);
    }

    private static bool IsWithin(DateTimeOffset time, DateTimeOffset? from, DateTimeOffset? until) =>
        (from is null || time >= from) && (until is null || time <= until);

    private CaRefusal? FaultOfCombination()
    {
        if (_notRevoked && (_revokedFrom is not null || _revokedUntil is not null))
            return Refuse("notrevoked excludes revoked_start and revoked_end");

        return _notExpired && (_expiredFrom is not null || _expiredUntil is not null)
            ? Refuse("notexpired excludes expired_start and expired_end")
            : null;
    }

    private static bool TryNumber(
        CaRequest request, string name, out string number, [NotNullWhen(false)] out CaRefusal? refusal)
    {
        number = "";
        string text = request.Query(name);
        refusal = text.Length == 0 || CertificateNumber.TryParseHex(text, out number)
            ? null
            : Refuse($"{name} is a number in hex");
        return refusal is null;
    }

    private static bool TryTime(
        CaRequest request,
        string name,
        DateTimeOffset now,
        out DateTimeOffset? time,
        [NotNullWhen(false)] out CaRefusal? refusal)
    {
        refusal = TimeText.TryParse(request.Query(name), now, out time)
            ? null
            : Refuse($"{name} is a time as 2026-11-20T12:00:00Z, or a distance as -30d");
        return refusal is null;
    }

    private static CaRefusal Refuse(string message) =>
        new(400, CaRefusal.QueryInvalid, $"The query cannot be used: {message}");
}
