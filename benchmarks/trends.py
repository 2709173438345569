"""Trends over 10,000 runs whose results are kept, by the command that people type."""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from pathlib import Path
from random import Random
from statistics import median

from benchmarks.append import always
from benchmarks.measure import Figures, spread
from benchmarks.programs import ROOT, gameday_command, seconds
from gameday.adapters.clock import SystemClock
from gameday.adapters.event_log.sqlite import SqliteEventLog
from gameday.core.log.codec import encode_value
from gameday.core.log.events import Draft, RunCompleted, RunScheduled
from gameday.core.scorecard.run_result import VERSION, Likeness, RunResult, TimeResult
from gameday.core.words import TimeVerdict

GOAL_S = 1.0
GAME_DAY = ROOT / "gamedays/slow-inventory.yaml"
SCENARIOS = 20
NAMES = ("detect", "acknowledge", "declare", "triage", "mitigate", "resolve")
STORE = Path(".gameday/gameday.db")


def trends_10k(quick: bool) -> Figures:
    """Seconds of ``gameday report trends --format html``, start of the program included."""
    runs, times = (50, 1) if quick else (10_000, 5)
    with tempfile.TemporaryDirectory(prefix="gameday-bench-") as name:
        here = Path(name)
        _fill(here / STORE, runs)
        (here / "gamedays").mkdir()  # what ought to be drilled is compared with what was
        shutil.copy(GAME_DAY, here / "gamedays")
        command = [*gameday_command(), "report", "trends"]
        took = [seconds([*command, "--format", "html"], here) for _ in range(times)]
        done = subprocess.run(command, cwd=here, capture_output=True, check=True, timeout=100)
    told = sum(group["runs"] for group in json.loads(done.stdout)["groups"])
    return Figures(
        ours=median(took),
        unit="s",
        n=told,
        goal=f"< {GOAL_S:g} s",
        met=max(took) < GOAL_S and told == runs,
        extra={"runs": runs, **spread(took)},
    )


def _fill(store: Path, runs: int) -> None:
    clock, dice = SystemClock(), Random(7)
    log = SqliteEventLog(store, clock)
    log._writer._db.execute("PRAGMA synchronous = OFF")  # the filling is not measured
    for number in range(runs):
        run_id, result = f"run-{number:05d}", _result(number, dice)
        scheduled = RunScheduled(
            title=result.title, scenario={"title": result.title}, source="x.yaml", digest="0"
        )
        ends = [Draft(scheduled, clock.now()), Draft(RunCompleted(recovered=True), clock.now())]
        records = log.transact(run_id, 0, always(*ends))
        log.keep_result(run_id, VERSION, records[-1].digest, json.dumps(encode_value(result)))
    log.close()


def _result(number: int, dice: Random) -> RunResult:
    return RunResult(
        run_id=f"run-{number:05d}",
        started=1.7e9 + 3600.0 * number,
        title=f"Drill {number % SCENARIOS}",
        team=f"team-{number % 7}",
        environment="staging",
        severity="SEV2",
        services=("checkout", "payments"),
        families=("toxiproxy.toxic",),
        roles=("incident_commander", "tech_lead"),
        likeness=Likeness("f", "s"),
        run="valid",
        system="recovered",
        people="met",
        attribution="responder",
        score=round(dice.uniform(40, 100), 1),
        times=tuple(_time(name, dice) for name in NAMES),
        findings=("mitigate was late",) if number % 3 == 0 else (),
        annulled=0,
    )


def _time(name: str, dice: Random) -> TimeResult:
    took = round(dice.lognormvariate(4, 0.6), 3)
    reached = dice.random() > 0.1
    verdict = TimeVerdict.MET if reached and took <= 90 else TimeVerdict.MISSED
    return TimeResult(name, "impacted → x", took if reached else None, took, 90.0, verdict)
