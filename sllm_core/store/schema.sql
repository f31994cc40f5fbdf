-- Version 1. Pattern ids are stored as signed 64-bit integers, times as microseconds since 1970 UTC.
CREATE TABLE patterns (
    id INTEGER PRIMARY KEY,
    source TEXT NOT NULL,
    template TEXT NOT NULL,
    example TEXT NOT NULL,
    alias_of INTEGER,
    mask TEXT NOT NULL
);

-- When a pattern was seen in the closed windows of a source.
CREATE TABLE sightings (
    source TEXT NOT NULL,
    pattern INTEGER NOT NULL,
    first INTEGER NOT NULL,
    last INTEGER NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (source, pattern)
) WITHOUT ROWID;

-- A closed window: how often each pattern occurred in it (two arrays of 8-byte integers), and its counts and examples
-- (Arrow streams).
CREATE TABLE windows (
    source TEXT NOT NULL,
    shard TEXT NOT NULL,
    start INTEGER NOT NULL,
    part INTEGER NOT NULL,
    "end" INTEGER NOT NULL,
    records INTEGER NOT NULL,
    run TEXT NOT NULL,
    patterns BLOB NOT NULL,
    totals BLOB NOT NULL,
    counts BLOB NOT NULL,
    examples BLOB NOT NULL,
    PRIMARY KEY (source, shard, start, part)
);
CREATE INDEX windows_by_run ON windows (run);
CREATE INDEX windows_by_time ON windows (source, start);

-- Where the next run goes on in a shard, and which of the records behind that point are already counted.
CREATE TABLE progress (
    source TEXT NOT NULL,
    shard TEXT NOT NULL,
    state TEXT NOT NULL,
    PRIMARY KEY (source, shard)
) WITHOUT ROWID;

-- `seq` grows with every write, so that a sink that was away is written what it missed.
CREATE TABLE findings (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    revision INTEGER NOT NULL,
    run TEXT NOT NULL,
    analyzer TEXT NOT NULL,
    label TEXT NOT NULL,
    source TEXT NOT NULL,
    start INTEGER,
    finding TEXT NOT NULL
);
CREATE INDEX findings_by_run ON findings (run);
CREATE INDEX findings_by_start ON findings (start);

CREATE TABLE deliveries (
    sink TEXT PRIMARY KEY,
    seq INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE runs (
    id TEXT PRIMARY KEY,
    started INTEGER NOT NULL,
    ended INTEGER,
    outcome TEXT NOT NULL,
    records INTEGER NOT NULL DEFAULT 0,
    repaired INTEGER NOT NULL DEFAULT 0,
    late INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
