using System.ComponentModel;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Node.EndToEnd.Hosts;

/// <summary>Opens sockets inside a network namespace: a socket belongs for ever to the one it was made in.</summary>
internal static class NamespaceSockets
{
    private const int CloneNewNetwork = 0x40000000;
    private static readonly Lock s_lock = new();   // One visit at a time; it makes leaving easy to reason about.

    /// <param name="path">As /run/netns/NAME.</param>
    public static Socket Open(string path)
    {
        // The calling thread alone is moved, and back before anything else can run on it.
        lock (s_lock)
        {
            using SafeFileHandle home = File.OpenHandle("/proc/thread-self/ns/net");
            using SafeFileHandle abroad = File.OpenHandle(path);
            Enter(abroad, path);
            try
            {
                return new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            }
            finally
            {
                Enter(home, "the test's own namespace");
            }
        }
    }

    /// <exception cref="SocketException">Nobody listens there.</exception>
    public static async Task<Socket> ConnectAsync(string path, IPEndPoint server, CancellationToken cancellation)
    {
        Socket socket = Open(path);
        try
        {
            await socket.ConnectAsync(server, cancellation);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static void Enter(SafeFileHandle which, string name)
    {
        if (NativeMethods.setns(which.DangerousGetHandle().ToInt32(), CloneNewNetwork) != 0)
            throw new Win32Exception(Marshal.GetLastPInvokeError(), $"the network namespace {name} cannot be entered");
    }

    private static class NativeMethods
    {
        [DllImport("libc", SetLastError = true)]
        public static extern int setns(int descriptor, int kind);
    }
}
