"""An event log in memory: for rehearsals and tests. Gone with the process."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator, Sequence

from gameday.adapters.event_log.nudge import Nudges
from gameday.adapters.event_log.sealing import (
    Anchor,
    ChainCheck,
    check_chain,
    check_summary,
    seal_new,
    to_row,
)
from gameday.core.log.events import Record
from gameday.core.run.summary import RunSummary, summarize
from gameday.engine.ports import Clock, Decide


class MemoryEventLog:
    """The EventLog port over a list for each run."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.RLock()
        self._nudges = Nudges()
        self._records: dict[str, list[Record]] = {}
        self._keys: dict[str, set[str]] = {}
        self._anchors: dict[str, Anchor] = {}
        self._summaries: dict[str, RunSummary] = {}

    def transact(self, run_id: str, after: int, decide: Decide) -> Sequence[Record]:
        """Read the records after ``after``, decide, append; all or nothing."""
        with self._lock:
            read = self.read(run_id, after)
            drafts = decide(read)
            held = self._keys.get(run_id, set()).__contains__
            anchor = self._anchors.get(run_id, Anchor())
            sealed = seal_new(run_id, anchor, drafts, self._clock.now(), held)
            new = [one.record for one in sealed]
            if new:
                self._keep(run_id, new)
        if new:
            self._nudges.nudge()
        return (*read, *new)

    def _keep(self, run_id: str, new: Sequence[Record]) -> None:
        self._records.setdefault(run_id, []).extend(new)
        self._keys.setdefault(run_id, set()).update(r.key for r in new if r.key is not None)
        self._anchors[run_id] = Anchor(new[-1].seq, new[-1].digest)
        summary = self._summaries.get(run_id, RunSummary(run_id))
        for record in new:
            summary = summarize(summary, record)
        self._summaries[run_id] = summary

    def read(self, run_id: str, after: int = 0) -> Sequence[Record]:
        """The run's records after a position, in order."""
        with self._lock:
            return tuple(self._records.get(run_id, [])[max(after, 0) :])

    def runs(self) -> Sequence[str]:
        """Ids of all runs, oldest first."""
        with self._lock:
            return tuple(self._records)

    def summaries(self) -> Sequence[RunSummary]:
        """Every run in short, oldest first."""
        with self._lock:
            return tuple(self._summaries.values())

    def unfinished(self) -> Sequence[RunSummary]:
        """The runs that go on or have left a fault in, oldest first."""
        return tuple(summary for summary in self.summaries() if summary.unfinished)

    def verify(self, run_id: str) -> ChainCheck:
        """Walk the run's chain and compare its end with the anchor."""
        with self._lock:
            rows = [to_row(record) for record in self._records.get(run_id, [])]
            check = check_chain(run_id, rows, self._anchors.get(run_id, Anchor()))
            return check_summary(check, rows, self._summaries.get(run_id, RunSummary(run_id)))

    def hold_ballast(self) -> None:
        """Nothing: memory has no disk to be full."""

    def release_ballast(self) -> None:
        """Nothing."""

    async def changes(self) -> AsyncIterator[None]:
        """Yields at once, so that nothing falls between a read and the wait, then after each
        append; several appends in a row may be one wake-up."""
        with self._nudges.listener() as appended:
            while True:
                yield
                await appended.wait()
                appended.clear()

    def close(self) -> None:
        """Nothing to let go of; the records stay readable."""
