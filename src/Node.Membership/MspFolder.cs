using System.Diagnostics.CodeAnalysis;
using Google.Protobuf;
using Node.Membership.Topology;
using Node.Protocol;
using Node.Protocol.Wire.Msp;

namespace Node.Membership;

/// <summary>Reads an MSP folder as cryptogen and Fabric CA write it.</summary>
/// <remarks>
/// cacerts (required), intermediatecerts, admincerts, crls, tlscacerts, tlsintermediatecerts: every file in them is
/// one PEM.
/// config.yaml: NodeOUs and OrganizationalUnitIdentifiers, certificates by path relative to the folder.
/// </remarks>
public static class MspFolder
{
    public static bool TryRead(
        MspId id,
        string folder,
        [NotNullWhen(true)] out FabricMSPConfig? config,
        [NotNullWhen(false)] out string? fault)
    {
        config = null;
        var read = new FabricMSPConfig
        {
            Name = id.Value,
            CryptoConfig = new FabricCryptoConfig
            {
                SignatureHashFamily = "SHA2",
                IdentityIdentifierHashFunction = "SHA256",
            },
        };
        try
        {
            read.RootCerts.Add(ReadAll(folder, "cacerts"));
            read.IntermediateCerts.Add(ReadAll(folder, "intermediatecerts"));
            read.Admins.Add(ReadAll(folder, "admincerts"));
            read.RevocationList.Add(ReadAll(folder, "crls"));
            read.TlsRootCerts.Add(ReadAll(folder, "tlscacerts"));
            read.TlsIntermediateCerts.Add(ReadAll(folder, "tlsintermediatecerts"));
            fault = read.RootCerts.Count == 0
                ? $"The MSP folder {folder} holds no certificate in cacerts."
                : ReadConfigFile(folder, read);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            fault = $"The MSP folder {folder} cannot be read: {e.Message}";
        }

        config = fault is null ? read : null;
        return fault is null;
    }

    private static List<ByteString> ReadAll(string folder, string name)
    {
        string path = Path.Combine(folder, name);
        if (!Directory.Exists(path))
            return [];

        return Directory.GetFiles(path)
            .Where(file => !Path.GetFileName(file).StartsWith('.'))
            .Order(StringComparer.Ordinal)
            .Select(file => ByteString.CopyFrom(File.ReadAllBytes(file)))
            .ToList();
    }

    private static string? ReadConfigFile(string folder, FabricMSPConfig config)
    {
        string path = Path.Combine(folder, "config.yaml");
        if (!File.Exists(path))
            return null;
        if (!YamlMap.TryLoad(path, out YamlMap? root, out string? fault))
            return fault;

        if (root.OptionalMap("NodeOUs") is { } nodeUnits)
            config.FabricNodeOus = ReadNodeUnits(folder, nodeUnits);

        foreach (YamlMap unit in root.MapList("OrganizationalUnitIdentifiers"))
            config.OrganizationalUnitIdentifiers.Add(ReadUnit(folder, unit));

        root.RequireNothingElse();
        return root.Faults.Any ? root.Faults.ToString() : null;
    }

    private static FabricNodeOUs ReadNodeUnits(string folder, YamlMap map)
    {
        var units = new FabricNodeOUs { Enable = map.Flag("Enable", defaultValue: false) };
        if (map.OptionalMap("ClientOUIdentifier") is { } client)
            units.ClientOuIdentifier = ReadUnit(folder, client);
        if (map.OptionalMap("PeerOUIdentifier") is { } peer)
            units.PeerOuIdentifier = ReadUnit(folder, peer);
        if (map.OptionalMap("AdminOUIdentifier") is { } admin)
            units.AdminOuIdentifier = ReadUnit(folder, admin);
        if (map.OptionalMap("OrdererOUIdentifier") is { } orderer)
            units.OrdererOuIdentifier = ReadUnit(folder, orderer);

        map.RequireNothingElse();
        return units;
    }

    private static FabricOUIdentifier ReadUnit(string folder, YamlMap map)
    {
        var unit = new FabricOUIdentifier
        {
            OrganizationalUnitIdentifier = map.Text("OrganizationalUnitIdentifier"),
        };
        string certificate = map.OptionalText("Certificate", defaultValue: "");
        if (certificate.Length > 0)
        {
            string path = Path.Combine(folder, certificate);
            if (File.Exists(path))
                unit.Certificate = ByteString.CopyFrom(File.ReadAllBytes(path));
            else
                map.Refuse("Certificate", $"names the file {path}, which does not exist");
        }

        map.RequireNothingElse();
        return unit;
    }
}
