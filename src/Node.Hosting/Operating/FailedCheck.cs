namespace Node.Hosting.Operating;

/// <summary>One thing that keeps a node from its work, as <c>/healthz</c> tells it.</summary>
/// <param name="Component">What is ill: "channel mychannel", "etcd", "certificate tls".</param>
/// <param name="Reason">What is wrong with it and what to do, for people.</param>
public sealed record FailedCheck(string Component, string Reason);
