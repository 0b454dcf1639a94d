namespace Node.Client.Exporting;

/// <summary>
/// A document cannot become records: the message begins with the line and says why. Nothing was recorded.
/// </summary>
public sealed class ImportRefusedException(string message) : Exception(message);
