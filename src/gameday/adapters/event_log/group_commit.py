"""Group commit: callers that come while a commit is under way share the next one.

Whoever finds nobody at work leads: it commits its own requests and those that came meanwhile,
then hands over to the first that waits. So a caller on an idle store waits for nobody, no
timer is needed, and the more callers there are the more share one flush of the disk.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from gameday.core.errors import StoreFailure
from gameday.core.log.events import Record
from gameday.engine.ports import Decide


@dataclass(slots=True, eq=False)
class Request:
    """A decision to be taken and committed, and what has become of it."""

    run_id: str
    after: int
    decide: Decide
    records: Sequence[Record] = ()
    failure: BaseException | None = None

    def outcome(self) -> Sequence[Record]:
        """Its records, once it is committed; raises what it failed with."""
        if self.failure is not None:
            raise self.failure
        return self.records


Commit = Callable[[Sequence[Request]], None]
"""Commits all of them at once and writes into each what has become of it; raises when none
of them is committed."""


@dataclass(slots=True, eq=False)
class _Turn:
    """One caller in the queue, with its requests."""

    requests: Sequence[Request]
    leads: bool = False
    _call: threading.Lock | None = None

    def queue_up(self) -> None:
        """From now on it can be woken."""
        self._call = threading.Lock()
        self._call.acquire()

    def wait(self) -> None:
        """Until it is done, or leads."""
        assert self._call is not None
        self._call.acquire()

    def wake(self) -> None:
        if self._call is not None:  # else it has led from the start and waits for nobody
            self._call.release()


class GroupCommit:
    """The queue in front of one writer."""

    def __init__(self, commit: Commit) -> None:
        self._commit = commit
        self._lock = threading.Lock()
        self._queue: list[_Turn] = []
        self._busy = False
        self._leader: int | None = None

    def run(self, requests: Sequence[Request]) -> None:
        """Returns once each of the requests has been committed or has failed."""
        if self._leader == threading.get_ident():
            raise RuntimeError("a decision must not append by itself: return drafts instead")
        turn = _Turn(requests)
        try:
            self._enter(turn)
            if not turn.leads:
                turn.wait()
            if turn.leads:
                self._lead(turn)
        except BaseException:  # Ctrl-C while it waited
            self._leave(turn)
            raise

    def _enter(self, turn: _Turn) -> None:
        with self._lock:
            self._queue.append(turn)
            turn.leads = not self._busy
            self._busy = True
            if not turn.leads:
                turn.queue_up()

    def _lead(self, turn: _Turn) -> None:
        with self._lock:
            group, self._queue = self._queue, []
        requests = turn.requests
        if len(group) > 1:
            requests = [request for member in group for request in member.requests]
        self._leader = threading.get_ident()
        try:
            self._commit(requests)
        except BaseException as failure:
            _fail(requests, failure)
            if not isinstance(failure, Exception):
                raise
        finally:
            self._leader = None
            self._hand_over(turn)
            for member in group:
                member.wake()

    def _hand_over(self, turn: _Turn) -> None:
        turn.leads = False
        with self._lock:
            self._busy = bool(self._queue)
            if self._busy:
                self._queue[0].leads = True
                self._queue[0].wake()

    def _leave(self, turn: _Turn) -> None:
        with self._lock:
            if turn in self._queue:
                self._queue.remove(turn)
        if turn.leads:
            self._hand_over(turn)


def _fail(requests: Sequence[Request], failure: BaseException) -> None:
    """Nothing was committed: everybody is told, each by an error of its own."""
    for request in requests:
        if isinstance(failure, StoreFailure):
            request.failure = StoreFailure(failure.message, hint=failure.hint)
        else:
            request.failure = StoreFailure(
                f"the commit was broken off: {failure!r}", hint="try again with the same key"
            )
        request.failure.__cause__ = failure
