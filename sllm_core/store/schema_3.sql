-- Version 3: what language models answered, what they are still to be asked, their verdicts, and single facts.
-- Valid answers by a hash of the prompt and of what answers it; `seq` grows with every write, so that the oldest go.
CREATE TABLE answers (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    key BLOB NOT NULL UNIQUE,
    answer BLOB NOT NULL,
    stored INTEGER NOT NULL
);
CREATE INDEX answers_by_age ON answers (stored);

-- Questions that wait for a model, from `due` on.
CREATE TABLE pending (
    task TEXT NOT NULL,
    key TEXT NOT NULL,
    priority REAL NOT NULL,
    since INTEGER NOT NULL,
    due INTEGER NOT NULL DEFAULT 0,
    attempts INTEGER NOT NULL DEFAULT 0,
    note TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (task, key)
) WITHOUT ROWID;
CREATE INDEX pending_by_priority ON pending (task, priority DESC, since);
CREATE INDEX pending_by_age ON pending (since);

-- What each model says of a pattern, with the probability of each label; no label: asked, and not validly answered.
CREATE TABLE verdicts (
    pattern INTEGER NOT NULL,
    model TEXT NOT NULL,
    sentiment TEXT,
    severity TEXT,
    positive REAL,
    neutral REAL,
    negative REAL,
    normal REAL,
    warning REAL,
    critical REAL,
    stored INTEGER NOT NULL,
    PRIMARY KEY (model, pattern)
) WITHOUT ROWID;

-- Values as JSON.
CREATE TABLE facts (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;
