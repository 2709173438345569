"""The report of one run of 10,000 events and 100,000 samples, as HTML, by the command that people
type."""

from __future__ import annotations

import tempfile
from pathlib import Path
from statistics import median

from benchmarks.append import always
from benchmarks.measure import Figures, spread
from benchmarks.programs import gameday_command, seconds
from gameday.adapters.clock import SystemClock
from gameday.adapters.event_log.sqlite import SqliteEventLog
from gameday.bootstrap.process_tables import process_values
from gameday.core.instant import Instant
from gameday.core.log.events import (
    Draft,
    Event,
    NoteAdded,
    RollbackStarted,
    RunCompleted,
    RunScheduled,
    RunStarted,
    Sample,
    SamplesRecorded,
)
from gameday.core.scenario.scenario import Scenario
from gameday.core.words import Cause
from gameday.testing import EPOCH, minimal_scenario

GOAL_S, GOAL_BYTES = 1.0, 2_000_000
PROBES = ("checkout", "latency")
CHUNK = 20
STORE = Path(".gameday/gameday.db")


def report_10k(quick: bool) -> Figures:
    """Seconds of ``gameday report --format html``, start of the program included."""
    events, samples, times = (200, 400, 1) if quick else (10_000, 100_000, 5)
    with tempfile.TemporaryDirectory(prefix="gameday-bench-") as name:
        here = Path(name)
        held = _fill(here / STORE, events, samples)
        command = [*gameday_command(), "report", "--format", "html", "--out", "out"]
        took = [seconds(command, here) for _ in range(times)]
        size = (here / "out" / "report.html").stat().st_size
    return Figures(
        ours=median(took),
        unit="s",
        n=held,
        goal=f"< {GOAL_S:g} s, < {GOAL_BYTES / 1e6:g} MB",
        met=max(took) < GOAL_S and size < GOAL_BYTES,
        extra={"events": held, "samples": samples, "bytes": size, **spread(took)},
    )


def _fill(store: Path, events: int, samples: int) -> int:
    """The run in the store; returns how many events it has."""
    log = SqliteEventLog(store, SystemClock())
    scenario = minimal_scenario(
        probes={name: {"type": "http", "url": "http://127.0.0.1:1/"} for name in PROBES},
        steady_state={"title": "users are well", "probes": list(PROBES)},
        duration="24h",
        process={},  # held against the incident process too, as runs are
    )
    process = process_values(None, Scenario.model_validate(scenario))
    scheduled = RunScheduled(
        title="Huge", scenario=scenario, source="x.yaml", digest="0", process=process
    )
    chunks = samples // CHUNK
    made: list[tuple[float, Event]] = [(0, scheduled), (1, RunStarted())]
    made += [(2 + number, _chunk(number)) for number in range(chunks)]
    notes = events - chunks - 4
    made += [
        (2 + n * chunks / notes, NoteAdded(by=f"p{n % 5}", text=f"note {n}")) for n in range(notes)
    ]
    made.sort(key=lambda one: one[0])
    drafts = [Draft(event, _at(seconds)) for seconds, event in made]
    end = _at(chunks + 3)
    drafts.append(Draft(RollbackStarted(cause=Cause.FINISHED, reason="time is up"), end))
    drafts.append(Draft(RunCompleted(recovered=True), end))
    log.transact("huge", 0, always(*drafts))
    log.close()
    return len(drafts)


def _chunk(number: int) -> SamplesRecorded:
    bad = 1000 < number < 1200
    each = CHUNK // len(PROBES)
    samples = tuple(
        Sample(probe, at, at, not bad, None if bad else 120.0 + index, 3.0, "HTTP 503" * bad)
        for index in range(each)
        for at in [round((2 + number + index / each) * 1e9)]
        for probe in PROBES
    )
    return SamplesRecorded(chunk=number, samples=samples)


def _at(seconds: float) -> Instant:
    return Instant(EPOCH + seconds, round(seconds * 1e9), "bench")
