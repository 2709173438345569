-- Events, chained per run, and the anchor of each chain.

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
);

CREATE UNIQUE INDEX events_key ON events (run_id, key) WHERE key IS NOT NULL;

CREATE TABLE heads (
    position INTEGER PRIMARY KEY,
    run_id   TEXT    NOT NULL UNIQUE,
    count    INTEGER NOT NULL,
    digest   TEXT    NOT NULL
);
