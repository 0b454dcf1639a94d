using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace Node.Client.Tests.Receipts;

/// <summary>One change to one place of a message, made on a copy.</summary>
internal sealed record MessageChange(string Path, IMessage Message);

/// <summary>Walks a message by reflection and changes one leaf, or one element of a list, at a time.</summary>
internal static class MessageLeaves
{
    /// <param name="stride">Of long byte strings only every so many-th byte is changed.</param>
    public static IEnumerable<MessageChange> Changes<T>(T message, int stride)
        where T : IMessage<T>, IDeepCloneable<T> =>
        Places(message, "").Select(place =>
        {
            T copy = message.Clone();
            place.Change(place.Find(copy));
            return new MessageChange(place.Path, copy);
        }).Concat(EveryByte(message, stride));

    private static IEnumerable<MessageChange> EveryByte<T>(T message, int stride)
        where T : IMessage<T>, IDeepCloneable<T>
    {
        foreach (BytesPlace place in BytesPlaces(message, ""))
        {
            for (int at = 0; at < place.Value.Length; at += place.Value.Length > 256 ? stride : 1)
            {
                T copy = message.Clone();
                byte[] changed = place.Value.ToByteArray();
                changed[at] ^= (byte)(1 << (at % 8));
                place.Set(copy, ByteString.CopyFrom(changed));
                yield return new MessageChange($"{place.Path}[{at}]", copy);
            }
        }
    }

    private static IEnumerable<Place> Places(IMessage message, string path)
    {
        foreach (FieldDescriptor field in message.Descriptor.Fields.InDeclarationOrder())
        {
            string name = path.Length == 0 ? field.Name : $"{path}.{field.Name}";
            if (field.IsRepeated)
            {
                foreach (Place place in PlacesOfList(message, field, name))
                    yield return place;
            }
            else if (field.FieldType == FieldType.Message)
            {
                if (field.Accessor.GetValue(message) is not IMessage inner)
                    continue;

                yield return new Place(name + " removed", root => root, root => field.Accessor.Clear(root));
                foreach (Place place in Places(inner, name))
                    yield return place.Inside(root => (IMessage)field.Accessor.GetValue(root));
            }
            else
            {
                yield return new Place(
                    name, root => root, root => field.Accessor.SetValue(root, Altered(field.Accessor.GetValue(root))));
            }
        }
    }

    private static IEnumerable<Place> PlacesOfList(IMessage message, FieldDescriptor field, string name)
    {
        var list = (System.Collections.IList)field.Accessor.GetValue(message);
        for (int index = 0; index < list.Count; index++)
        {
            int at = index;
            yield return new Place($"{name}[{at}] removed", root => root, root => ListOf(root).RemoveAt(at));
            yield return new Place(
                $"{name}[{at}] doubled", root => root, root => ListOf(root).Insert(at, ListOf(root)[at]));
            if (at > 0)
                yield return new Place($"{name}[{at}] moved", root => root, root => Swap(ListOf(root), at));

            if (list[index] is IMessage inner)
            {
                foreach (Place place in Places(inner, $"{name}[{at}]"))
                    yield return place.Inside(root => (IMessage)ListOf(root)[at]!);
            }
            else
            {
                yield return new Place(
                    $"{name}[{at}]", root => root, root => ListOf(root)[at] = Altered(ListOf(root)[at]!));
            }
        }

        System.Collections.IList ListOf(IMessage root) => (System.Collections.IList)field.Accessor.GetValue(root);
    }

    private static void Swap(System.Collections.IList list, int at)
    {
        (object first, object second) = (list[at - 1]!, list[at]!);
        (list[at - 1], list[at]) = (second, first);
    }

    private static object Altered(object value) => value switch
    {
        ByteString bytes => ByteString.CopyFrom([.. bytes.Span, 0]),
        string text => text + "x",
        uint number => number + 1,
        ulong number => number + 1,
        long number => number + 1,
        bool flag => !flag,
        _ => throw new NotSupportedException($"there is no change for a {value.GetType().Name} yet"),
    };

    private static IEnumerable<BytesPlace> BytesPlaces(IMessage message, string path)
    {
        foreach (FieldDescriptor field in message.Descriptor.Fields.InDeclarationOrder())
        {
            string name = path.Length == 0 ? field.Name : $"{path}.{field.Name}";
            object value = field.Accessor.GetValue(message);
            if (value is ByteString bytes)
            {
                yield return new BytesPlace(name, bytes, (root, changed) => field.Accessor.SetValue(root, changed));
            }
            else if (value is System.Collections.IList list)
            {
                foreach (BytesPlace place in BytesPlacesOfList(list, field, name))
                    yield return place;
            }
            else if (value is IMessage inner)
            {
                foreach (BytesPlace place in BytesPlaces(inner, name))
                    yield return place.Inside(root => (IMessage)field.Accessor.GetValue(root));
            }
        }
    }

    private static IEnumerable<BytesPlace> BytesPlacesOfList(
        System.Collections.IList list, FieldDescriptor field, string name)
    {
        for (int index = 0; index < list.Count; index++)
        {
            int at = index;
            if (list[index] is ByteString bytes)
                yield return new BytesPlace($"{name}[{at}]", bytes, (root, changed) => ListOf(root)[at] = changed);
            else if (list[index] is IMessage inner)
            {
                foreach (BytesPlace place in BytesPlaces(inner, $"{name}[{at}]"))
                    yield return place.Inside(root => (IMessage)ListOf(root)[at]!);
            }
        }

        System.Collections.IList ListOf(IMessage root) => (System.Collections.IList)field.Accessor.GetValue(root);
    }

    private sealed record Place(string Path, Func<IMessage, IMessage> Find, Action<IMessage> Change)
    {
        public Place Inside(Func<IMessage, IMessage> enter) => this with { Find = root => Find(enter(root)) };
    }

    private sealed record BytesPlace(string Path, ByteString Value, Action<IMessage, ByteString> Set)
    {
        public BytesPlace Inside(Func<IMessage, IMessage> enter) =>
            this with { Set = (root, changed) => Set(enter(root), changed) };
    }
}
