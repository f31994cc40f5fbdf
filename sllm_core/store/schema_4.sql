-- Version 4: shards that move between workers are judged by what they themselves have had, whoever counted it.
-- When each pattern was first in a closed window of such a shard.
CREATE TABLE shard_sightings (
    source TEXT NOT NULL,
    shard TEXT NOT NULL,
    pattern INTEGER NOT NULL,
    first INTEGER NOT NULL,
    PRIMARY KEY (source, shard, pattern)
) WITHOUT ROWID;
INSERT INTO shard_sightings
SELECT source, shard, pattern, first
FROM sightings JOIN progress USING (source)
WHERE coalesce(json_extract(state, '$.epoch'), 0) > 0;

-- Windows that former owners of a shard have closed: patterns and totals as in `windows`.
CREATE TABLE inherited (
    source TEXT NOT NULL,
    shard TEXT NOT NULL,
    start INTEGER NOT NULL,
    part INTEGER NOT NULL,
    "end" INTEGER NOT NULL,
    patterns BLOB NOT NULL,
    totals BLOB NOT NULL,
    stored INTEGER NOT NULL,
    PRIMARY KEY (source, shard, start, part)
);
CREATE INDEX inherited_by_age ON inherited (stored);
