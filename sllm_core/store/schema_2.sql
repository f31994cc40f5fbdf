-- Version 2: when each row was written last, in microseconds since 1970 UTC; what is old by that may be forgotten.
ALTER TABLE patterns ADD COLUMN stored INTEGER NOT NULL DEFAULT 0;
ALTER TABLE windows ADD COLUMN stored INTEGER NOT NULL DEFAULT 0;
ALTER TABLE findings ADD COLUMN stored INTEGER NOT NULL DEFAULT 0;
ALTER TABLE progress ADD COLUMN seen INTEGER NOT NULL DEFAULT 0;
UPDATE patterns SET stored = 1000000 * strftime('%s', 'now');
UPDATE progress SET seen = 1000000 * strftime('%s', 'now');
UPDATE windows SET stored = coalesce(
    (SELECT coalesce(ended, started) FROM runs WHERE id = run), 1000000 * strftime('%s', 'now')
);
UPDATE findings SET stored = coalesce(
    (SELECT coalesce(ended, started) FROM runs WHERE runs.id = run), 1000000 * strftime('%s', 'now')
);
CREATE INDEX windows_by_age ON windows (stored);
CREATE INDEX findings_by_age ON findings (stored);
