"""The space held back beside the store, on a disk that is really full."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from gameday.adapters.clock import SystemClock
from gameday.adapters.event_log.ballast import SIZE, Ballast
from gameday.adapters.event_log.sqlite import SqliteEventLog
from gameday.core.errors import StoreFailure

FULL_DISK = """
import json, os, sys
from pathlib import Path
from gameday.adapters.clock import SystemClock
from gameday.adapters.event_log.sqlite import SqliteEventLog
from gameday.core.errors import StoreFailure
from gameday.core.log.events import Draft, FaultUndone, FaultUndoing, NoteAdded
from gameday.core.words import Cause

disk = Path(sys.argv[1])
clock = SystemClock()
log = SqliteEventLog(disk / "store.db", clock)

def append(*events):
    return log.transact("r1", 10**9, lambda _: [Draft(event, clock.now()) for event in events])

def refused(act):
    try:
        act()
    except Exception as failure:
        return f"{type(failure).__name__}: {failure}"
    return ""

told = {"acknowledged": 0}
append(NoteAdded(by="ana", text="before"))
log.hold_ballast()
small = len(sys.argv) > 2
descriptor = os.open(disk / "filler", os.O_WRONLY | os.O_CREAT)
try:
    while small and os.write(descriptor, b"x" * 4096):
        pass
except OSError as error:
    told["filled"] = error.strerror
told["full"] = ""
while small and not told["full"]:
    told["full"] = refused(lambda: append(NoteAdded(by="ana", text="x" * 2000)))
before = len(log.read("r1"))
told["hold_on_full"] = refused(log.hold_ballast)  # it is there: nothing to do
log.release_ballast()
log.release_ballast()
append(NoteAdded(by="ana", text="after"))
os.write(descriptor, b"x" * 65536)  # somebody else takes some of it
told["hold_again"] = refused(log.hold_ballast)
for number in range(100):
    append(FaultUndoing(fault=str(number), cause=Cause.ABORT))
    append(FaultUndone(fault=str(number), proof=("absent",)))
told["lost"] = before + 201 - len(log.read("r1"))
told["whole"] = log.verify("r1").ok
os.close(descriptor)
os.unlink(disk / "filler")
log.hold_ballast()
told["held"] = (disk / "store.db.ballast").stat().st_blocks * 512
log.close()
print(json.dumps(told))
"""
MOUNT = 'mount -t tmpfs -o size=4m none "$1" && exec "$2" -c "$3" "$1" small'


def small_disk(directory: Path) -> list[str]:
    """The start of a command that has a file system of 4 MiB of its own: as root, who may mount,
    or as anybody in a user namespace. Empty where the system allows neither."""
    own = ["unshare", "--mount", *([] if os.geteuid() == 0 else ["--map-root-user"])]
    trial = [*own, "mount", "-t", "tmpfs", "none", str(directory)]
    if shutil.which("unshare") is None or subprocess.run(trial, check=False).returncode:
        return []
    return [*own, "sh", "-c", MOUNT, "sh", str(directory)]


def play(command: list[str]) -> dict[str, object]:
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    told: dict[str, object] = json.loads(done.stdout)
    return told


def test_on_a_full_disk_an_undo_is_recorded(tmp_path: Path) -> None:
    if not (own := small_disk(tmp_path)):
        # Nowhere to have a full disk: at least every call does as it should on one with room.
        told = play([sys.executable, "-c", FULL_DISK, str(tmp_path)])
        assert (told["lost"], told["whole"], told["hold_again"]) == (0, True, "")
        return
    told = play([*own, sys.executable, FULL_DISK])
    assert told["filled"] == "No space left on device"
    assert str(told["full"]).startswith("StoreFailure: cannot")
    assert "free some disk space" in str(told["full"])
    assert told["hold_on_full"] == ""
    assert "StoreFailure: cannot set aside 1 MiB" in str(told["hold_again"])
    assert (told["lost"], told["whole"]) == (0, True)
    assert int(str(told["held"])) >= SIZE


def test_it_takes_up_its_space_once_and_is_gone_when_released(store: Path) -> None:
    log = SqliteEventLog(store, SystemClock())
    ballast = Ballast(store)
    log.hold_ballast()
    log.hold_ballast()
    assert ballast.held
    assert ballast.path.stat().st_size == SIZE
    log.release_ballast()
    assert not ballast.path.exists()
    log.release_ballast()
    log.hold_ballast()
    assert ballast.held
    log.close()


def test_a_file_with_holes_is_filled(store: Path) -> None:
    store.parent.mkdir()
    ballast = Ballast(store)
    with ballast.path.open("wb") as file:
        file.truncate(SIZE)
    assert not ballast.held
    ballast.hold()
    assert ballast.held


def test_where_space_cannot_be_reserved_it_is_written(
    store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(os, "posix_fallocate")
    store.parent.mkdir()
    ballast = Ballast(store)
    ballast.hold()
    assert ballast.held


def test_a_directory_that_is_gone_is_told(store: Path) -> None:
    with pytest.raises(StoreFailure, match="cannot set aside") as caught:
        Ballast(store).hold()
    assert caught.value.hint
