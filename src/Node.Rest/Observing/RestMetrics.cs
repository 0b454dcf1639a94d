using System.Collections.Concurrent;
using System.Globalization;
using System.Text;

namespace Node.Rest.Observing;

/// <summary>Counts requests, and prints the counts as Prometheus reads them. Any thread.</summary>
internal sealed class RestMetrics(TimeProvider clock)
{
    private static readonly double[] s_bounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10];

    private readonly ConcurrentDictionary<(string Operation, int Status), Counts> _counts = new();
    private long _inProgress;
    private long _uploaded;
    private long _downloaded;

    private sealed class Counts
    {
        public readonly long[] Buckets = new long[s_bounds.Length + 1];
        public long Ticks;
    }

    /// <returns>For <see cref="End"/>.</returns>
    public long Begin()
    {
        Interlocked.Increment(ref _inProgress);
        return clock.GetTimestamp();
    }

    public void End(string operation, int status, long began)
    {
        TimeSpan took = clock.GetElapsedTime(began);
        Counts counts = _counts.GetOrAdd((operation, status), static _ => new Counts());
        int bucket = Array.FindIndex(s_bounds, bound => took.TotalSeconds <= bound);
        Interlocked.Increment(ref counts.Buckets[bucket < 0 ? s_bounds.Length : bucket]);
        Interlocked.Add(ref counts.Ticks, took.Ticks);
        Interlocked.Decrement(ref _inProgress);
    }

    public void Uploaded(long bytes) => Interlocked.Add(ref _uploaded, bytes);

    public void Downloaded(long bytes) => Interlocked.Add(ref _downloaded, bytes);

    /// <summary>The text format, version 0.0.4.</summary>
    public string Print()
    {
        var text = new StringBuilder();
        Single(text, "hyperprov_rest_requests_in_progress", "gauge", Volatile.Read(ref _inProgress));
        Single(text, "hyperprov_rest_uploaded_bytes_total", "counter", Volatile.Read(ref _uploaded));
        Single(text, "hyperprov_rest_downloaded_bytes_total", "counter", Volatile.Read(ref _downloaded));
        Single(text, "process_resident_memory_bytes", "gauge", Environment.WorkingSet);
        text.Append("# TYPE hyperprov_rest_request_duration_seconds histogram\n");
        foreach (((string operation, int status), Counts counts) in _counts.OrderBy(pair => pair.Key))
            Histogram(text, operation, status, counts);

        return text.ToString();
    }

    private static void Single(StringBuilder text, string name, string type, long value) =>
        text.Append(CultureInfo.InvariantCulture, $"# TYPE {name} {type}\n{name} {value}\n");

    private static void Histogram(StringBuilder text, string operation, int status, Counts counts)
    {
        const string Name = "hyperprov_rest_request_duration_seconds";
        string labels = string.Create(CultureInfo.InvariantCulture, $"operation=\"{operation}\",status=\"{status}\"");
        long sum = 0;
        for (int index = 0; index < counts.Buckets.Length; index++)
        {
            sum += Volatile.Read(ref counts.Buckets[index]);
            string bound = index < s_bounds.Length ? s_bounds[index].ToString(CultureInfo.InvariantCulture) : "+Inf";
            text.Append(CultureInfo.InvariantCulture, $"{Name}_bucket{{{labels},le=\"{bound}\"}} {sum}\n");
        }

        double seconds = TimeSpan.FromTicks(Volatile.Read(ref counts.Ticks)).TotalSeconds;
        text.Append(CultureInfo.InvariantCulture, $"{Name}_sum{{{labels}}} {seconds}\n");
        text.Append(CultureInfo.InvariantCulture, $"{Name}_count{{{labels}}} {sum}\n");
    }
}
