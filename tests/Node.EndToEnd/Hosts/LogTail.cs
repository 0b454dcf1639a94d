using System.Text;

namespace Node.EndToEnd.Hosts;

/// <summary>Reads what a node adds to its log. One caller.</summary>
internal sealed class LogTail
{
    private readonly string _file;
    private readonly StringBuilder _read = new();
    private long _position;

    private LogTail(string file, long position) => (_file, _position) = (file, position);

    public static LogTail FromBeginning(NodeRun node) => new(node.LogFile, position: 0);

    public static LogTail FromEnd(NodeRun node) => new(node.LogFile, new FileInfo(node.LogFile).Length);

    /// <summary>Everything since it was made.</summary>
    public string Read()
    {
        using var file = new FileStream(_file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        file.Position = _position;
        using var text = new StreamReader(file, Encoding.UTF8);
        _read.Append(text.ReadToEnd());
        _position = file.Position;
        return _read.ToString();
    }
}
