using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Node.Membership.Topology;

/// <summary>Everything wrong with one file, in the order of its lines.</summary>
public sealed class YamlFaults(string file)
{
    private readonly List<(long Line, string Text)> _faults = [];

    public bool Any => _faults.Count > 0;

    public void Add(YamlNode node, string text) => _faults.Add((node.Start.Line, text));

    /// <summary>One line each: file, line, field, and what is wrong.</summary>
    public override string ToString() => string.Join(
        "\n", _faults.OrderBy(fault => fault.Line).Select(fault => $"{file}, line {fault.Line}: {fault.Text}"));
}

/// <summary>
/// A mapping in a YAML file, read strictly: what nobody asked for is a fault, and so is a wrong type.
/// </summary>
/// <remarks>
/// Readers go on after a fault, with a harmless value, so that a person sees all faults at once. Whoever reads asks
/// <see cref="YamlFaults.Any"/> before using what was read.
/// </remarks>
public sealed class YamlMap
{
    private const int FileBytesMax = 4 << 20;
    private readonly Dictionary<string, YamlNode> _fields = new(StringComparer.Ordinal);
    private readonly HashSet<string> _asked = new(StringComparer.Ordinal);
    private readonly YamlNode _node;
    private readonly string _path;

    private YamlMap(YamlNode node, string path, YamlFaults faults)
    {
        _node = node;
        _path = path;
        Faults = faults;
        if (node is not YamlMappingNode mapping)
        {
            if (!IsEmpty(node))
                faults.Add(node, $"{Place()} must hold named fields");

            return;
        }

        foreach ((YamlNode key, YamlNode value) in mapping.Children)
        {
            if (key is YamlScalarNode { Value: { } name })
                _fields[name] = value;
            else
                faults.Add(key, $"{Place()} has a field whose name is no text");
        }
    }

    public YamlFaults Faults { get; }

    public static bool TryLoad(
        string path, [NotNullWhen(true)] out YamlMap? map, [NotNullWhen(false)] out string? fault)
    {
        map = null;
        try
        {
            if (new FileInfo(path) is { Exists: true, Length: > FileBytesMax } large)
            {
                fault = $"{path} has {large.Length} bytes, at most {FileBytesMax} are read.";
                return false;
            }

            return TryParse(path, File.ReadAllText(path), out map, out fault);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            fault = $"{path} cannot be read: {e.Message}";
            return false;
        }
    }

    /// <param name="name">Of the file, for messages.</param>
    public static bool TryParse(
        string name, string text, [NotNullWhen(true)] out YamlMap? map, [NotNullWhen(false)] out string? fault)
    {
        map = null;
        fault = null;
        try
        {
            var stream = new YamlStream();
            stream.Load(new StringReader(text));
            if (stream.Documents.Count != 1)
            {
                fault = $"{name} must hold one YAML document, it holds {stream.Documents.Count}.";
                return false;
            }

            map = new YamlMap(stream.Documents[0].RootNode, path: "", new YamlFaults(name));
            return true;
        }
        catch (YamlException e)
        {
            fault = $"{name}, line {e.Start.Line}: {e.Message}";
            return false;
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException)
        {
            // What the parser of YamlDotNet 16 says of some malformed texts.
            fault = $"{name} is no YAML: {e.Message}";
            return false;
        }
    }

    public bool Has(string name)
    {
        _asked.Add(name);
        return _fields.ContainsKey(name);
    }

    public string Text(string name)
    {
        if (Take(name) is not { } node)
        {
            Faults.Add(_node, $"{Place(name)} is missing");
            return "";
        }

        return TextOf(node, name);
    }

    public string OptionalText(string name, string defaultValue) =>
        Take(name) is { } node && !IsEmpty(node) ? TextOf(node, name) : defaultValue;

    public bool Flag(string name, bool defaultValue)
    {
        if (Take(name) is not { } node)
            return defaultValue;

        switch (TextOf(node, name))
        {
            case "true" or "True":
                return true;
            case "false" or "False":
                return false;
            default:
                Faults.Add(node, $"{Place(name)} must be true or false");
                return defaultValue;
        }
    }

    /// <summary>A whole number between both bounds, which are allowed themselves.</summary>
    public int Number(string name, int defaultValue, int min, int max)
    {
        if (Take(name) is not { } node)
            return defaultValue;

        string text = TextOf(node, name);
        if (int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int number)
            && number >= min
            && number <= max)
            return number;

        Faults.Add(node, $"{Place(name)} is '{text}', expected a number from {min} to {max}");
        return defaultValue;
    }

    public YamlMap? OptionalMap(string name) =>
        Take(name) is { } node && !IsEmpty(node) ? new YamlMap(node, Place(name), Faults) : null;

    public IReadOnlyList<YamlMap> MapList(string name) =>
        [.. Items(name).Select((node, index) => new YamlMap(node, $"{Place(name)}[{index}]", Faults))];

    public IReadOnlyList<string> TextList(string name) => [.. Items(name).Select(node => TextOf(node, name))];

    /// <summary>Adds a fault at a field of this mapping.</summary>
    public void Refuse(string name, string text) =>
        Faults.Add(_fields.GetValueOrDefault(name) ?? _node, $"{Place(name)} {text}");

    /// <summary>Called last: a field that nobody asked for is a misspelling or belongs elsewhere.</summary>
    public void RequireNothingElse()
    {
        string known = string.Join(", ", _asked.Order(StringComparer.Ordinal));
        foreach ((string name, YamlNode node) in _fields)
        {
            if (!_asked.Contains(name))
                Faults.Add(node, $"{Place(name)} is not a known field (known: {known})");
        }
    }

    private YamlNode? Take(string name)
    {
        _asked.Add(name);
        return _fields.GetValueOrDefault(name);
    }

    private IEnumerable<YamlNode> Items(string name)
    {
        YamlNode? node = Take(name);
        if (node is null || IsEmpty(node))
            return [];
        if (node is YamlSequenceNode sequence)
            return sequence.Children;

        Faults.Add(node, $"{Place(name)} must be a list");
        return [];
    }

    private string TextOf(YamlNode node, string name)
    {
        if (node is YamlScalarNode { Value: { } text })
            return text;

        Faults.Add(node, $"{Place(name)} must be one value");
        return "";
    }

    private static bool IsEmpty(YamlNode node) =>
        node is YamlScalarNode { Style: ScalarStyle.Plain, Value: null or "" or "null" or "~" };

    private string Place() => _path.Length == 0 ? "the file" : _path;

    private string Place(string name) => _path.Length == 0 ? name : $"{_path}.{name}";
}
