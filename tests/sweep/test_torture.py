"""Random processes killed at random moments over many short runs: nothing is left, nothing lost."""

from __future__ import annotations

import os
import random
import signal
import threading
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.sweep.points import FAMILIES, Program
from tests.sweep.sweep import SIDE_BY_SIDE
from tests.sweep.targets import Site, site

pytestmark = [pytest.mark.sweep, pytest.mark.timeout(1500)]

KILLS = int(os.environ.get("GAMEDAY_TORTURE_KILLS", "200"))
ENTRIES = 4
"""Entries of a responder over one run."""
_STEP = 0.002
A_RUN = 3
"""Kills over one run; the later ones hit whatever undoes what the first have left."""


@dataclass
class Tortured:
    """What became of one run."""

    kills: int
    acknowledged: int
    lost: int
    orphan: bool
    whole: bool


def test_nothing_is_left_and_nothing_lost(
    gameday: Sequence[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    seed = random.SystemRandom().randrange(10**9)
    done: list[Tortured] = []
    start = time.monotonic()
    with site(tmp_path) as here, ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        lengths = dict(
            zip(
                FAMILIES,
                pool.map(lambda f: _length(gameday, here, tmp_path / f, f), FAMILIES),
                strict=True,
            )
        )

        def one(number: int) -> Tortured:
            return _torture(gameday, here, tmp_path / f"run-{number}", lengths, seed + number)

        while sum(run.kills for run in done) < KILLS and len(done) < 3 * KILLS:
            runs = range(len(done), len(done) + SIDE_BY_SIDE)
            done += pool.map(one, runs)
    with capsys.disabled():
        print(  # noqa: T201
            f"\ntorture: {sum(d.kills for d in done)} kills over {len(done)} runs (seed {seed}), "
            f"{sum(d.orphan for d in done)} orphans, {sum(d.lost for d in done)} of "
            f"{sum(d.acknowledged for d in done)} acknowledged entries lost, "
            f"{sum(not d.whole for d in done)} chains broken "
            f"({(time.monotonic() - start) / 60:.1f} minutes)"
        )
    assert sum(d.kills for d in done) >= KILLS, "most runs ended before anything was killed"
    assert [d for d in done if d.orphan or d.lost or not d.whole] == []
    assert sum(d.acknowledged for d in done) > 0


def _torture(
    gameday: Sequence[str], here: Site, directory: Path, lengths: Mapping[str, int], seed: int
) -> Tortured:
    chance = random.Random(seed)  # repeatable, not secret
    directory.mkdir()
    program = Program(gameday, directory)
    family = chance.choice(FAMILIES)
    over = threading.Event()
    said: list[str] = []
    with here.target(family) as target:
        first = chance.randrange(lengths[family])
        killer = _Killer(program, _Log(directory), first, chance, over)
        killer.start()
        words = (Program(gameday, directory), _Log(directory), said, over)
        talker = threading.Thread(target=_talk, args=words)
        talker.start()
        program.run("experiment", "run", str(target.experiment))
        over.set()
        talker.join()
        killer.join()
        here.settle(family)
        program.run("recover")
        lost, whole = _look(directory, said)
        return Tortured(killer.count, len(said), lost, target.is_in(), whole)


def _length(gameday: Sequence[str], here: Site, directory: Path, family: str) -> int:
    """Bytes that an undisturbed run writes to its log."""
    directory.mkdir()
    with here.target(family) as target:
        tail = _Log(directory)
        longest = 0

        def watch() -> None:
            nonlocal longest
            while not over.wait(_STEP):
                longest = max(longest, tail.length())

        over = threading.Event()
        watcher = threading.Thread(target=watch)
        watcher.start()
        assert Program(gameday, directory).run("experiment", "run", str(target.experiment)) == 0
        over.set()
        watcher.join()
        return longest


class _Log:
    """How far a run has come, by the bytes it has written: no clock of a slow machine tells."""

    def __init__(self, directory: Path) -> None:
        self._tail = directory / "gameday.db-wal"

    def length(self) -> int:
        """0 before anything is written, and after a run that has closed its log."""
        try:
            return self._tail.stat().st_size
        except FileNotFoundError:
            return 0


def _talk(program: Program, log: _Log, said: list[str], over: threading.Event) -> None:
    """A responder's entries; what was acknowledged is noted here."""
    while log.length() == 0 and not over.wait(_STEP):
        pass
    for number in range(ENTRIES):
        text = f"entry {number}"
        if program.run("respond", "note", text, "--key", f"k{number}") == 0:
            said.append(text)


class _Killer(threading.Thread):
    """Kills random processes of the program: one when its log is so long, more soon after."""

    def __init__(
        self,
        program: Program,
        log: _Log,
        first: int,
        chance: random.Random,
        over: threading.Event,
    ) -> None:
        super().__init__()
        self._program = program
        self._log = log
        self._first = first
        self._chance = chance
        self._over = over
        self.count = 0

    def run(self) -> None:
        """A few kills; the later ones at moments drawn by chance."""
        while self._log.length() <= self._first and not self._over.wait(_STEP):
            pass
        for _ in range(A_RUN):
            living = self._program.living()
            if living:
                try:
                    os.kill(self._chance.choice(living), signal.SIGKILL)
                    self.count += 1
                except ProcessLookupError:
                    continue
            if self._over.wait(self._chance.uniform(0.0, 0.2)):
                return


def _look(directory: Path, said: list[str]) -> tuple[int, bool]:
    """Acknowledged entries that are not in the log, and whether every chain is whole."""
    from gameday.adapters.clock import SystemClock
    from gameday.adapters.event_log.sqlite import SqliteEventLog
    from gameday.core.log.events import NoteAdded

    log = SqliteEventLog(directory / "gameday.db", SystemClock())
    try:
        runs = log.runs()
        texts = [r.event.text for n in runs for r in log.read(n) if isinstance(r.event, NoteAdded)]
        return len(set(said) - set(texts)), all(log.verify(run).ok for run in runs)
    finally:
        log.close()
