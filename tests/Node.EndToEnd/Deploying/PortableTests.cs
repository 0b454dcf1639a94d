using System.Collections.Immutable;
using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Text.RegularExpressions;

namespace Node.EndToEnd.Deploying;

/// <summary>
/// The published program is the same on every architecture: nothing in it is made for one, and nothing it tells native
/// libraries or writes to disk depends on the machine's word or byte order.
/// </summary>
public partial class PortableTests
{
    // Width and passing of these are the same on x64 and arm64, or those of a pointer.
    private static readonly HashSet<string> s_portable = new(StringComparer.Ordinal)
    {
        "Void", "Byte", "SByte", "Int16", "UInt16", "Int32", "UInt32", "Int64", "UInt64", "Double", "IntPtr", "UIntPtr",
    };

    // Sizes that C declares as int.
    private static readonly HashSet<string> s_intSizes = new(StringComparer.Ordinal)
    {
        "rocksdb_open_column_families.count", "rocksdb_open_for_read_only_column_families.count",
        "rocksdb_filterpolicy_create_bloom_full.bitsPerKey", "rocksdb_filterpolicy_create_ribbon.bitsPerKey",
        "BN_bin2bn.length",
    };

    // Where memory is looked at in words and still no byte order shows.
    private static readonly Dictionary<string, string> s_wordsInMemory = new(StringComparer.Ordinal)
    {
        ["Node.Protocol/Hash32.cs"] = "loads and stores the words alike; compared by equality and as bytes",
        ["Bindings/NSec.Cryptography/PublicKey.cs"] = "a hash code, which never leaves the process",
    };

    [Fact]
    public async Task No_published_assembly_is_made_for_one_architecture()
    {
        string folder = await PublishedProgram.FolderAsync();
        string[] files = Directory.GetFiles(folder, "*", SearchOption.AllDirectories);

        Assert.Contains(Path.Combine(folder, "hyperprov.dll"), files);
        Assert.DoesNotContain(files, file => Path.GetExtension(file) is ".so" or ".dylib" or ".exe" or ".a");
        Assert.All(files.Where(file => file.EndsWith(".dll", StringComparison.Ordinal)), file =>
        {
            using var image = new PEReader(File.OpenRead(file));
            PEHeaders headers = image.PEHeaders;
            Assert.True(
                headers.CorHeader is { } managed && managed.Flags.HasFlag(CorFlags.ILOnly)
                    && !managed.Flags.HasFlag(CorFlags.Requires32Bit)
                    && headers.CoffHeader.Machine == Machine.I386 && headers.PEHeader!.Magic == PEMagic.PE32,
                $"{file} holds code for {headers.CoffHeader.Machine}");
        });
    }

    [Fact]
    public async Task Native_functions_take_sizes_as_wide_as_a_pointer_and_nothing_that_is_marshalled()
    {
        string folder = await PublishedProgram.FolderAsync();
        List<NativeFunction> functions = [.. OurAssemblies(folder).SelectMany(FunctionsOf)];

        Assert.True(functions.Count > 100, $"only {functions.Count} functions were found");
        Assert.All(functions, function => Assert.All(function.Types, type => Assert.True(
            s_portable.Contains(type.TrimEnd('*', '&')) || type == "Byte[]",
            $"{function.Name} takes or returns {type}")));
        Assert.All(functions.SelectMany(function => function.Sizes), size => Assert.True(
            size.Type is "UIntPtr" or "UIntPtr*" or "IntPtr" or "UInt64" or "UInt64*"
            || s_intSizes.Contains(size.Name),
            $"{size.Name} is {size.Type}: a size has the width of a pointer"));
    }

    [Fact]
    public void Nothing_that_is_written_has_the_byte_order_of_the_machine()
    {
        string source = Path.Combine(Cli.Root, "src");
        string[] suspects =
        [
            .. Directory.GetFiles(source, "*.cs", SearchOption.AllDirectories)
                .Where(file => MachineOrder().IsMatch(File.ReadAllText(file)))
                .Select(file => Path.GetRelativePath(source, file)),
        ];

        Assert.Equal(s_wordsInMemory.Keys.Order(StringComparer.Ordinal), suspects.Order(StringComparer.Ordinal));
    }

    private static IEnumerable<string> OurAssemblies(string folder) =>
        Directory.GetFiles(folder, "*.dll").Where(file => Path.GetFileName(file) is var name
            && (name.StartsWith("Node.", StringComparison.Ordinal)
                || name is "hyperprov.dll" or "RocksDbSharp.dll" or "NSec.Cryptography.dll" or "Grpc.Core.dll"));

    private static List<NativeFunction> FunctionsOf(string file)
    {
        using var image = new PEReader(File.OpenRead(file));
        MetadataReader reader = image.GetMetadataReader();
        var functions = new List<NativeFunction>();
        foreach (MethodDefinitionHandle handle in reader.MethodDefinitions)
        {
            MethodDefinition method = reader.GetMethodDefinition(handle);
            if (!method.Attributes.HasFlag(MethodAttributes.PinvokeImpl))
                continue;

            MethodSignature<string> signature = method.DecodeSignature(new TypeNames(), genericContext: null);
            string name = reader.GetString(reader.GetModuleReference(method.GetImport().Module).Name)
                + "." + reader.GetString(method.GetImport().Name);
            var sizes = new List<(string Name, string Type)>();
            foreach (ParameterHandle parameterHandle in method.GetParameters())
            {
                Parameter parameter = reader.GetParameter(parameterHandle);
                string parameterName = reader.GetString(parameter.Name);
                if (parameter.SequenceNumber > 0 && Size().IsMatch(parameterName))
                    sizes.Add((
                        $"{reader.GetString(method.GetImport().Name)}.{parameterName}",
                        signature.ParameterTypes[parameter.SequenceNumber - 1]));
            }

            functions.Add(new NativeFunction(name, [signature.ReturnType, .. signature.ParameterTypes], sizes));
        }

        return functions;
    }

    [GeneratedRegex("([bB]ytes|[lL]ength|[cC]ount|[sS]ize)$")]
    private static partial Regex Size();

    [GeneratedRegex(
        @"BitConverter\.(To|Get|Try|Is)|\bBinary(Reader|Writer)\b|MemoryMarshal\.(Try)?(Read|Write|Cast|AsBytes)\b"
        + @"|Unsafe\.(Read|Write)Unaligned|Marshal\.(Read|Write)Int|StructureToPtr|PtrToStructure")]
    private static partial Regex MachineOrder();

    private sealed record NativeFunction(
        string Name, IReadOnlyList<string> Types, IReadOnlyList<(string Name, string Type)> Sizes);

    /// <summary>Spells types of signatures; whatever is no primitive keeps a name that no list has.</summary>
    private sealed class TypeNames : ISignatureTypeProvider<string, object?>
    {
        public string GetPrimitiveType(PrimitiveTypeCode typeCode) => typeCode.ToString();

        public string GetPointerType(string elementType) => elementType + "*";

        public string GetByReferenceType(string elementType) => elementType + "&";

        public string GetSZArrayType(string elementType) => elementType + "[]";

        public string GetArrayType(string elementType, ArrayShape shape) => elementType + "[,]";

        public string GetPinnedType(string elementType) => elementType;

        public string GetModifiedType(string modifier, string unmodifiedType, bool isRequired) => unmodifiedType;

        public string GetFunctionPointerType(MethodSignature<string> signature) => "IntPtr";

        public string GetGenericInstantiation(string genericType, ImmutableArray<string> typeArguments) =>
            $"generic {genericType}";

        public string GetGenericMethodParameter(object? genericContext, int index) => "generic";

        public string GetGenericTypeParameter(object? genericContext, int index) => "generic";

        public string GetTypeFromDefinition(MetadataReader reader, TypeDefinitionHandle handle, byte rawTypeKind) =>
            "type " + reader.GetString(reader.GetTypeDefinition(handle).Name);

        public string GetTypeFromReference(MetadataReader reader, TypeReferenceHandle handle, byte rawTypeKind) =>
            "type " + reader.GetString(reader.GetTypeReference(handle).Name);

        public string GetTypeFromSpecification(
            MetadataReader reader, object? genericContext, TypeSpecificationHandle handle, byte rawTypeKind) => "type";
    }
}
