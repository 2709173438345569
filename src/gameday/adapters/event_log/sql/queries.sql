-- name: head
SELECT count, digest FROM heads WHERE run_id = :run_id;

-- name: set_head
INSERT INTO heads (run_id, count, digest) VALUES (:run_id, :count, :digest)
ON CONFLICT (run_id) DO UPDATE SET count = excluded.count, digest = excluded.digest;

-- name: read
SELECT seq, type, at_wall, at_boot, at_boot_id,
       recorded_wall, recorded_boot, recorded_boot_id, key, data, previous, digest
FROM events WHERE run_id = :run_id AND seq > :after ORDER BY seq;

-- name: append
INSERT INTO events (run_id, seq, type, version, at_wall, at_boot, at_boot_id,
                    recorded_wall, recorded_boot, recorded_boot_id, key, data, previous, digest)
VALUES (:run_id, :seq, :type, :version, :at_wall, :at_boot, :at_boot_id,
        :recorded_wall, :recorded_boot, :recorded_boot_id, :key, :data, :previous, :digest);

-- name: has_key
SELECT 1 FROM events WHERE run_id = :run_id AND key = :key;

-- name: runs
SELECT run_id FROM heads ORDER BY position;
