namespace Node.Client.Exporting;

/// <summary>What bounds documents from elsewhere. The first that is passed refuses the document, by name.</summary>
public static class ImportLimits
{
    /// <summary>Largest document, in bytes.</summary>
    public const int DocumentBytesMax = 32 << 20;

    /// <summary>Deepest nesting of JSON objects and arrays.</summary>
    public const int DepthMax = 64;

    /// <summary>Most JSON values in one document.</summary>
    public const int ValuesMax = 2_000_000;

    /// <summary>Most PROV statements, or OpenLineage events, in one document.</summary>
    public const int StatementsMax = 200_000;

    /// <summary>Most attributes of one PROV statement.</summary>
    public const int AttributesMax = 4_096;

    /// <summary>Most PROV bundles in one document.</summary>
    public const int BundlesMax = 10_000;

    /// <summary>Most parents of one record; the contract's own limit.</summary>
    public const int ParentsMax = 1_024;

    /// <summary>Largest key in bytes of UTF-8; the contract's own limit, as are the following.</summary>
    public const int KeyBytesMax = 4_096;

    public const int LocationBytesMax = 4_096;

    public const int HashBytesMax = 256;

    public const int TypeBytesMax = 64;

    public const int DescriptionBytesMax = 262_144;
}
