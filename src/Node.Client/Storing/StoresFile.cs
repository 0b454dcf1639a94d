using System.Diagnostics.CodeAnalysis;
using Node.Membership.Topology;

namespace Node.Client.Storing;

/// <summary>
/// The stores of a network folder: <c>stores.yaml</c>, and the folder's own store, which is always there.
/// </summary>
/// <remarks>docs/stores.md shows the file. Secrets have no place in it.</remarks>
internal sealed class StoresFile
{
    public const string FileName = "stores.yaml";
    public const string OwnStore = "local";

    private readonly List<StoreSettings> _stores = [];
    private string _default = OwnStore;

    /// <summary>In the order of the file; the folder's own store last unless it is described there.</summary>
    public IReadOnlyList<StoreSettings> Stores => _stores;

    public StoreSettings Default => Find(_default)!;   // TryLoad refused a name that is not among them.

    public StoreSettings? Find(string name) => _stores.FirstOrDefault(store => store.Name == name);

    /// <param name="folder">Of the network. Without a stores.yaml its own store is the only one.</param>
    public static bool TryLoad(
        string folder, [NotNullWhen(true)] out StoresFile? file, [NotNullWhen(false)] out string? fault)
    {
        file = new StoresFile();
        fault = null;
        string path = Path.Combine(folder, FileName);
        if (File.Exists(path) && !file.TryRead(path, folder, out fault))
        {
            file = null;
            return false;
        }

        if (file.Find(OwnStore) is null)
            file._stores.Add(Own(folder));

        return true;
    }

    private static StoreSettings Own(string folder) => new()
    {
        Name = OwnStore,
        Uri = new Uri(Path.GetFullPath(Path.Combine(folder, "store"))),
        Options = new Dictionary<string, string>(),
    };

    private bool TryRead(string path, string folder, [NotNullWhen(false)] out string? fault)
    {
        if (!YamlMap.TryLoad(path, out YamlMap? map, out fault))
            return false;

        _default = map.OptionalText("default", OwnStore);
        foreach (YamlMap entry in map.MapList("stores"))
            ReadStore(entry, folder);

        if (_default != OwnStore && Find(_default) is null)
            map.Refuse("default", $"is '{_default}', which is no name under stores:");

        map.RequireNothingElse();
        fault = map.Faults.Any ? map.Faults.ToString() : null;
        return fault is null;
    }

    private void ReadStore(YamlMap entry, string folder)
    {
        string name = entry.Text("name");
        string location = entry.Text("location");
        var options = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (string option in StoreSettings.OptionNames)
        {
            if (entry.Has(option))
                options.Add(option, entry.OptionalText(option, ""));
        }

        entry.RequireNothingElse();
        if (Find(name) is not null)
            entry.Refuse("name", $"'{name}' is there twice");

        if (location.Length == 0)
            return;

        if (StoreSettings.TryParse(location, folder, options, out StoreSettings? settings, out string? fault))
            _stores.Add(settings with { Name = name });
        else
            entry.Refuse("location", $"does not work: {fault}");
    }
}
