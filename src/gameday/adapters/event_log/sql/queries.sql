-- name: head
SELECT count, digest FROM heads WHERE run_id = ?;

-- name: set_head
INSERT INTO heads (run_id, count, digest) VALUES (?, ?, ?)
ON CONFLICT (run_id) DO UPDATE SET count = excluded.count, digest = excluded.digest;

-- name: read
SELECT seq, type, at_wall, at_boot, at_boot_id,
       recorded_wall, recorded_boot, recorded_boot_id, key, data, previous, digest
FROM events WHERE run_id = :run_id AND seq > :after ORDER BY seq;

-- name: append
INSERT INTO events (run_id, version, seq, type, at_wall, at_boot, at_boot_id,
                    recorded_wall, recorded_boot, recorded_boot_id, key, data, previous, digest)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);

-- name: has_key
SELECT 1 FROM events WHERE run_id = ? AND key = ?;

-- name: runs
SELECT run_id FROM heads ORDER BY position;

-- name: all_runs
SELECT run_id FROM heads UNION SELECT run_id FROM events UNION SELECT run_id FROM summaries;

-- name: summary
SELECT run_id, count, title, phase, started, game_day, faults, unreadable
FROM heads LEFT JOIN summaries USING (run_id) WHERE run_id = :run_id;

-- name: summaries
SELECT run_id, count, title, phase, started, game_day, faults, unreadable
FROM heads LEFT JOIN summaries USING (run_id) ORDER BY position;

-- name: unfinished
-- In this order the other runs are not even looked at.
SELECT run_id, count, title, phase, started, game_day, faults, unreadable
FROM summaries INDEXED BY summaries_unfinished CROSS JOIN heads USING (run_id)
WHERE unfinished = 1 ORDER BY position;

-- name: set_summary
INSERT INTO summaries (run_id, title, phase, started, game_day, faults, unreadable, unfinished)
VALUES (:run_id, :title, :phase, :started, :game_day, :faults, :unreadable, :unfinished)
ON CONFLICT (run_id) DO UPDATE SET
    title = excluded.title, phase = excluded.phase, started = excluded.started,
    game_day = excluded.game_day, faults = excluded.faults, unreadable = excluded.unreadable,
    unfinished = excluded.unfinished;

-- name: results
SELECT run_id, data FROM results JOIN heads USING (run_id)
WHERE results.version = :version AND results.digest = heads.digest;

-- name: set_result
INSERT INTO results (run_id, version, digest, data) VALUES (:run_id, :version, :digest, :data)
ON CONFLICT (run_id) DO UPDATE SET
    version = excluded.version, digest = excluded.digest, data = excluded.data;
