-- Version 5: what humans said of verdicts, and versions of models that tuning made.
-- A statement stays when the same person says something else of the same subject; `replaced` is when that was. `part`
-- (0 to 99) is by the text that the pattern had then; `reaches` names the pattern whose verdict follows, `source` where
-- that was seen; `followed` is 0 until closed windows were judged again.
CREATE TABLE feedback (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    at INTEGER NOT NULL,
    "by" TEXT NOT NULL,
    via TEXT NOT NULL,
    task TEXT NOT NULL,
    subject TEXT NOT NULL,
    finding TEXT,
    pattern INTEGER,
    agrees INTEGER,
    label TEXT,
    was TEXT NOT NULL,
    note TEXT NOT NULL,
    reaches INTEGER,
    part INTEGER NOT NULL,
    source TEXT NOT NULL,
    level TEXT,
    replaced INTEGER,
    followed INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX feedback_by_subject ON feedback (subject, "by", seq);
CREATE INDEX feedback_by_finding ON feedback (finding, seq) WHERE finding IS NOT NULL;
CREATE INDEX feedback_by_pattern ON feedback (reaches) WHERE reaches IS NOT NULL;
CREATE INDEX feedback_to_follow ON feedback (seq) WHERE followed = 0;

-- Versions of models by name, as JSON; `state` is made, passed, promoted, refused, retired or broken.
CREATE TABLE versions (
    name TEXT PRIMARY KEY,
    tuner TEXT NOT NULL,
    state TEXT NOT NULL,
    made INTEGER NOT NULL,
    record TEXT NOT NULL
) WITHOUT ROWID;

-- Which version of a tuner's holds since when; the last one of a tuner is that of now, no version: what was shipped.
CREATE TABLE switches (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    tuner TEXT NOT NULL,
    version TEXT,
    at INTEGER NOT NULL,
    "by" TEXT NOT NULL,
    reason TEXT NOT NULL,
    back INTEGER
);
CREATE INDEX switches_by_tuner ON switches (tuner, seq);
