-- Events clustered by run, so that an append writes one page less, and a summary of each run
-- beside its anchor. The summaries are filled in by the code that runs this.

ALTER TABLE events RENAME TO events_before;

DROP INDEX events_key;

CREATE TABLE events (
    run_id           TEXT    NOT NULL,
    seq              INTEGER NOT NULL,
    type             TEXT    NOT NULL,
    version          INTEGER NOT NULL,
    at_wall          REAL    NOT NULL,
    at_boot          INTEGER NOT NULL,
    at_boot_id       TEXT    NOT NULL,
    recorded_wall    REAL    NOT NULL,
    recorded_boot    INTEGER NOT NULL,
    recorded_boot_id TEXT    NOT NULL,
    key              TEXT,
    data             TEXT    NOT NULL,
    previous         TEXT    NOT NULL,
    digest           TEXT    NOT NULL,
    PRIMARY KEY (run_id, seq)
) WITHOUT ROWID;

CREATE UNIQUE INDEX events_key ON events (run_id, key) WHERE key IS NOT NULL;

INSERT INTO events (run_id, seq, type, version, at_wall, at_boot, at_boot_id,
                    recorded_wall, recorded_boot, recorded_boot_id, key, data, previous, digest)
SELECT run_id, seq, type, version, at_wall, at_boot, at_boot_id,
       recorded_wall, recorded_boot, recorded_boot_id, key, data, previous, digest
FROM events_before ORDER BY run_id, seq;

DROP TABLE events_before;

CREATE TABLE summaries (
    run_id     TEXT    NOT NULL PRIMARY KEY,
    title      TEXT    NOT NULL,
    phase      TEXT,
    started    REAL,
    game_day   INTEGER NOT NULL,
    faults     TEXT    NOT NULL,
    unreadable TEXT    NOT NULL,
    unfinished INTEGER NOT NULL
) WITHOUT ROWID;

CREATE INDEX summaries_unfinished ON summaries (run_id) WHERE unfinished = 1;
