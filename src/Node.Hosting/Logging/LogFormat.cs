namespace Node.Hosting.Logging;

/// <summary>How a node writes its log to standard output.</summary>
public enum LogFormat
{
    /// <summary>A line for people: time, level, category, event id, message.</summary>
    Text,

    /// <summary>A JSON object per line, with every value of the message under its own name in <c>State</c>.</summary>
    Json,
}
