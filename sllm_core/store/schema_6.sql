-- Version 6: runs of tuning as JSON, and what of many workers one alone is to do.
CREATE TABLE tuning_runs (
    id TEXT PRIMARY KEY,
    started INTEGER NOT NULL,
    run TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX tuning_runs_by_start ON tuning_runs (started);

CREATE TABLE claims (
    key TEXT PRIMARY KEY,
    version INTEGER NOT NULL,
    claim TEXT NOT NULL,
    stored INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX claims_by_age ON claims (stored);
