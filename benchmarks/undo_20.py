"""Twenty faults in at once, each with an undo of 0.2 s, all taken out together.

Ours: ``engine.undo.undo_all`` with real workers behind a guardian, ledger on disk, from the
decision to the last proof. The peer: ``chaos run`` of one experiment with the twenty rollbacks;
its journal says when the first began and the last ended. One warm-up, then medians.
"""

from __future__ import annotations

import asyncio
import json
import tempfile
import time
from datetime import datetime
from pathlib import Path
from statistics import median

from benchmarks.measure import Figures, spread
from benchmarks.programs import activity, chaos_command, experiment, seconds, write
from gameday.adapters.process.workers import GuardedWorkers
from gameday.bootstrap import runs
from gameday.core.run.commands import EndRun, RollBack, StartRun
from gameday.core.words import Cause
from gameday.engine.injection import inject_fault
from gameday.engine.ports import ExperimentOrder
from gameday.engine.stream import RunStream
from gameday.engine.undo import undo_all
from gameday.settings import Settings

LIMIT = 0.8
NAP = 0.2


def undo_20(quick: bool) -> Figures:
    """Seconds until all are out."""
    faults, times, peer_times = (3, 1, 1) if quick else (20, 5, 2)
    with tempfile.TemporaryDirectory(prefix="gameday-bench-") as name:
        here = Path(name)
        rounds = [asyncio.run(_ours(here, faults)) for _ in range(times + (not quick))]
        peers = [_chaos(here, faults) for _ in range(peer_times)]
    mine = [took for took, _ in rounds[-times:]]
    return Figures(
        ours=median(mine),
        unit="s",
        n=times,
        goal=f"< {LIMIT:g} s",
        met=median(mine) < LIMIT,
        peer=median(peers),
        peer_name="chaos run, its rollbacks",
        extra={"faults": faults, "undone": min(undone for _, undone in rounds), **spread(mine)},
    )


async def _ours(here: Path, faults: int) -> tuple[float, int]:
    """Seconds, and how many faults were proved out."""
    settings = Settings(here / "gameday.db", here / "data", here / "reports")
    run_id = runs.new_run_id("undo")
    values = experiment([activity("break", "nothing")], [activity("mend", "nap", seconds=NAP)])
    file = write(here / "fault.json", values)
    async with runs.single_run(settings, run_id, file, None) as (stream, workers):
        await stream.refresh()
        await stream.execute(StartRun())
        await _break(stream, workers, file, faults)
        began = time.perf_counter()
        await undo_all(stream, workers, Cause.ABORT)
        took = time.perf_counter() - began
        left = len(stream.state.outstanding)
        await stream.execute(RollBack(Cause.FINISHED, "measured"))
        await stream.execute(EndRun(recovered=not left))
    return took, faults - left


async def _break(stream: RunStream, workers: GuardedWorkers, file: Path, faults: int) -> None:
    for number in range(faults):
        journal = file.with_name(f"{number}.journal.json")
        order = ExperimentOrder(f"fault-{number}", str(file), str(journal))
        injection = await inject_fault(order, await workers.arm(order), stream, None)
        if injection is None or injection.reason:
            raise RuntimeError(f"nothing to undo: {injection}")


def _chaos(here: Path, faults: int) -> float:
    rollbacks = [activity(f"mend {n}", "nap", seconds=NAP) for n in range(faults)]
    file = write(here / "peer.json", experiment([activity("break", "nothing")], rollbacks))
    kept = here / "peer.journal.json"
    seconds([*chaos_command(), "run", "--journal-path", str(kept), str(file)], here)
    played = json.loads(kept.read_text(encoding="utf-8"))["rollbacks"]
    began = min(datetime.fromisoformat(run["start"]) for run in played)
    ended = max(datetime.fromisoformat(run["end"]) for run in played)
    return (ended - began).total_seconds()
