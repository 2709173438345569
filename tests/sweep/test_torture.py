"""Random processes killed at random moments over many short runs: nothing is left, nothing lost."""

from __future__ import annotations

import os
import random
import signal
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.sweep.points import FAMILIES, Program
from tests.sweep.sweep import SIDE_BY_SIDE
from tests.sweep.targets import Site, site

pytestmark = [pytest.mark.sweep, pytest.mark.timeout(1500)]

KILLS = int(os.environ.get("GAMEDAY_TORTURE_KILLS", "200"))
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
    with site(tmp_path) as here, ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        while sum(run.kills for run in done) < KILLS and len(done) < 3 * KILLS:
            runs = range(len(done), len(done) + 10)
            done += pool.map(
                lambda n: _torture(gameday, here, tmp_path / f"run-{n}", seed + n), runs
            )
    with capsys.disabled():
        print(  # noqa: T201
            f"\ntorture: {sum(d.kills for d in done)} kills over {len(done)} runs (seed {seed}), "
            f"{sum(d.orphan for d in done)} orphans, {sum(d.lost for d in done)} of "
            f"{sum(d.acknowledged for d in done)} acknowledged entries lost, "
            f"{sum(not d.whole for d in done)} chains broken"
        )
    assert sum(d.kills for d in done) >= KILLS, "most runs ended before anything was killed"
    assert [d for d in done if d.orphan or d.lost or not d.whole] == []
    assert sum(d.acknowledged for d in done) > 0


def _torture(gameday: Sequence[str], here: Site, directory: Path, seed: int) -> Tortured:
    chance = random.Random(seed)  # repeatable, not secret
    directory.mkdir()
    program = Program(gameday, directory)
    family = chance.choice(FAMILIES)
    with here.target(family) as target:
        kills = _Killer(program, chance)
        said: list[str] = []
        kills.start()
        talker = threading.Thread(target=_talk, args=(Program(gameday, directory), said))
        talker.start()
        program.run("experiment", "run", str(target.experiment))
        talker.join()
        kills.join()
        here.settle(family)
        program.run("recover")
        lost, whole = _look(directory, said)
        return Tortured(kills.count, len(said), lost, target.is_in(), whole)


def _talk(program: Program, said: list[str]) -> None:
    """A responder's entries; what was acknowledged is noted here."""
    for number in range(10):
        text = f"entry {number}"
        if program.run("respond", "note", text, "--key", f"k{number}") == 0:
            said.append(text)


class _Killer(threading.Thread):
    """Kills a random process of the program at random moments."""

    def __init__(self, program: Program, chance: random.Random) -> None:
        super().__init__()
        self._program = program
        self._chance = chance
        self.count = 0

    def run(self) -> None:
        """A few kills, each at a moment drawn by chance."""
        for _ in range(A_RUN):
            time.sleep(self._chance.uniform(0.02, 0.2))
            living = self._program.living()
            if living:
                try:
                    os.kill(self._chance.choice(living), signal.SIGKILL)
                    self.count += 1
                except ProcessLookupError:
                    continue


def _look(directory: Path, said: list[str]) -> tuple[int, bool]:
    """Acknowledged entries that are not in the log, and whether every chain is whole."""
    from gameday.adapters.clock import SystemClock
    from gameday.adapters.event_log.sqlite import SqliteEventLog
    from gameday.core.events import NoteAdded

    log = SqliteEventLog(directory / "gameday.db", SystemClock())
    try:
        runs = log.runs()
        texts = [r.event.text for n in runs for r in log.read(n) if isinstance(r.event, NoteAdded)]
        return len(set(said) - set(texts)), all(log.verify(run).ok for run in runs)
    finally:
        log.close()
