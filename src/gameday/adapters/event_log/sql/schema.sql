-- The store as a new one is made. The migrations, run one after the other, give the same.

-- Clustered by run: an append writes one page of it, not one of a table and one of an index.
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

CREATE TABLE heads (
    position INTEGER PRIMARY KEY,
    run_id   TEXT    NOT NULL UNIQUE,
    count    INTEGER NOT NULL,
    digest   TEXT    NOT NULL
);

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

CREATE TABLE results (
    run_id  TEXT    NOT NULL PRIMARY KEY,
    version INTEGER NOT NULL,
    digest  TEXT    NOT NULL,
    data    TEXT    NOT NULL
) WITHOUT ROWID;
