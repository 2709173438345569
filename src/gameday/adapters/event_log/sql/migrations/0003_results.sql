-- What is kept of each run to be compared with others: made from its records, and made anew when
-- these go on (digest is then another than the anchor's) or a later version sees more in them.

CREATE TABLE results (
    run_id  TEXT    NOT NULL PRIMARY KEY,
    version INTEGER NOT NULL,
    digest  TEXT    NOT NULL,
    data    TEXT    NOT NULL
) WITHOUT ROWID;
