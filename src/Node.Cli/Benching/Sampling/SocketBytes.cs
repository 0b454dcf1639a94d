using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Node.Cli.Benching.Sampling;

/// <summary>Bytes of one TCP connection's end so far.</summary>
/// <param name="Inode">Names the socket; the files of a process link to it.</param>
/// <param name="Sent">Acknowledged by the other end.</param>
internal readonly record struct SocketBytes(uint Inode, long Sent, long Received);

/// <summary>
/// Asks Linux for the byte counts of all TCP sockets (sock_diag over netlink, which is what <c>ss -i</c> asks), since
/// /proc counts network bytes per machine only.
/// </summary>
internal static class SocketDiagnosis
{
    private const int NetlinkFamily = 16;
    private const int RawSocket = 3;
    private const int CloseOnExec = 0x80000;
    private const int DiagnosisProtocol = 4;
    private const ushort ByFamily = 20;
    private const ushort RequestDump = 0x301;
    private const ushort Done = 3;
    private const ushort Error = 2;
    private const byte Internet4 = 2;
    private const byte Internet6 = 10;
    private const byte Tcp = 6;
    private const byte WantTcpDetails = 1 << (TcpDetails - 1);
    private const int TcpDetails = 2;
    private const int HeaderBytes = 16;
    private const int RequestBytes = HeaderBytes + 56;
    private const int MessageBytes = 72;
    private const int InodeOffset = 68;
    private const int SentOffset = 120;       // tcpi_bytes_acked
    private const int ReceivedOffset = 128;   // tcpi_bytes_received
    private const int BufferBytes = 1 << 16;

    /// <summary>False where the system refuses or is no Linux.</summary>
    public static bool TryRead(List<SocketBytes> into)
    {
        into.Clear();
        if (!OperatingSystem.IsLinux())
            return false;

        int handle = NativeMethods.socket(NetlinkFamily, RawSocket | CloseOnExec, DiagnosisProtocol);
        if (handle < 0)
            return false;

        try
        {
            return TryRead(handle, Internet4, into) && TryRead(handle, Internet6, into);
        }
        finally
        {
            _ = NativeMethods.close(handle);
        }
    }

    /// <summary>One datagram of answers.</summary>
    /// <param name="isLast">Set when the dump has ended.</param>
    /// <returns>False for an error message or bytes that are none of these messages.</returns>
    public static bool TryParse(ReadOnlySpan<byte> datagram, List<SocketBytes> into, out bool isLast)
    {
        isLast = false;
        while (datagram.Length >= HeaderBytes)
        {
            uint length = BinaryPrimitives.ReadUInt32LittleEndian(datagram);
            ushort type = BinaryPrimitives.ReadUInt16LittleEndian(datagram[4..]);
            if (type == Done)
            {
                isLast = true;
                return true;
            }

            if (type == Error || length < HeaderBytes + MessageBytes || length > datagram.Length)
                return false;

            ReadOnlySpan<byte> message = datagram[HeaderBytes..(int)length];
            if (TryFindDetails(message[MessageBytes..], out ReadOnlySpan<byte> details))
                into.Add(new SocketBytes(
                    BinaryPrimitives.ReadUInt32LittleEndian(message[InodeOffset..]),
                    BinaryPrimitives.ReadInt64LittleEndian(details[SentOffset..]),
                    BinaryPrimitives.ReadInt64LittleEndian(details[ReceivedOffset..])));

            datagram = datagram[Math.Min(Align((int)length), datagram.Length)..];
        }

        return datagram.IsEmpty;
    }

    /// <summary>The sockets that a process holds, by inode.</summary>
    public static IReadOnlySet<uint> SocketsOf(int processId)
    {
        var inodes = new HashSet<uint>();
        try
        {
            string folder = string.Create(CultureInfo.InvariantCulture, $"/proc/{processId}/fd");
            foreach (string file in Directory.EnumerateFileSystemEntries(folder))
            {
                string? target = new FileInfo(file).LinkTarget;
                if (target is not null
                    && target.StartsWith("socket:[", StringComparison.Ordinal)
                    && uint.TryParse(target["socket:[".Length..^1], NumberStyles.None, null, out uint inode))
                    inodes.Add(inode);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The process is gone, or is not ours: it has no sockets that we know of.
        }

        return inodes;
    }

    private static bool TryRead(int handle, byte family, List<SocketBytes> into)
    {
        byte[] request = new byte[RequestBytes];
        BinaryPrimitives.WriteUInt32LittleEndian(request, RequestBytes);
        BinaryPrimitives.WriteUInt16LittleEndian(request.AsSpan(4), ByFamily);
        BinaryPrimitives.WriteUInt16LittleEndian(request.AsSpan(6), RequestDump);
        request[HeaderBytes] = family;
        request[HeaderBytes + 1] = Tcp;
        request[HeaderBytes + 2] = WantTcpDetails;
        BinaryPrimitives.WriteUInt32LittleEndian(request.AsSpan(HeaderBytes + 4), uint.MaxValue);   // All states.
        if (NativeMethods.send(handle, request, request.Length, 0) != request.Length)
            return false;

        byte[] buffer = new byte[BufferBytes];
        while (true)
        {
            nint count = NativeMethods.recv(handle, buffer, buffer.Length, 0);
            if (count <= 0 || !TryParse(buffer.AsSpan(0, (int)count), into, out bool isLast))
                return false;
            if (isLast)
                return true;
        }
    }

    private static bool TryFindDetails(ReadOnlySpan<byte> attributes, out ReadOnlySpan<byte> details)
    {
        const int AttributeHeaderBytes = 4;
        details = default;
        while (attributes.Length >= AttributeHeaderBytes)
        {
            int length = BinaryPrimitives.ReadUInt16LittleEndian(attributes);
            if (length < AttributeHeaderBytes || length > attributes.Length)
                return false;

            if (BinaryPrimitives.ReadUInt16LittleEndian(attributes[2..]) == TcpDetails)
            {
                // Sockets that only listen have no byte counts of use, and old kernels tell less.
                details = attributes[AttributeHeaderBytes..length];
                return details.Length >= ReceivedOffset + sizeof(long);
            }

            attributes = attributes[Math.Min(Align(length), attributes.Length)..];
        }

        return false;
    }

    private static int Align(int length) => (length + 3) & ~3;

    private static class NativeMethods
    {
        [DllImport("libc", SetLastError = true)]
        public static extern int socket(int family, int type, int protocol);

        [DllImport("libc", SetLastError = true)]
        public static extern nint send(int handle, byte[] buffer, nint length, int flags);

        [DllImport("libc", SetLastError = true)]
        public static extern nint recv(int handle, byte[] buffer, nint length, int flags);

        [DllImport("libc", SetLastError = true)]
        public static extern int close(int handle);
    }
}
