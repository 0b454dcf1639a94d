namespace Node.Simulation.Disks;

/// <summary>What one disk does wrong at present. Owned by the world; changed between steps.</summary>
internal sealed class DiskFaults
{
    /// <summary>Of one synced write at its best, and at its worst.</summary>
    public TimeSpan SyncTimeMin { get; set; } = TimeSpan.FromMicroseconds(200);

    /// <inheritdoc cref="SyncTimeMin"/>
    public TimeSpan SyncTimeMax { get; set; } = TimeSpan.FromMilliseconds(2);

    /// <summary>Bytes that may still be written; <see cref="long.MaxValue"/> is a disk with room.</summary>
    public long FreeBytes { get; set; } = long.MaxValue;

    /// <summary>Share of writes that fail; whether they reached the disk is then unknown.</summary>
    public double FailingWrites { get; set; }

    /// <summary>A bug planted to see a checker fire: says synced of what a crash may lose.</summary>
    public bool LosesSyncedWrites { get; set; }

    /// <summary>A bug planted to see a checker fire: changes the last byte of a value that it keeps.</summary>
    public bool ChangesValues { get; set; }

    /// <summary>A bug planted to see a checker fire: finds no transaction id, so that none is a duplicate.</summary>
    public bool ForgetsTransactionIds { get; set; }
}
