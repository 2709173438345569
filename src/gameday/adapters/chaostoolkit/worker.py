"""What a worker process does: one experiment, or one undo. Chaos Toolkit's signals, controls
and caches belong to the process, so each gets a process of its own, in its main thread."""

from __future__ import annotations

import logging
import math
import os
from collections.abc import Mapping
from typing import Any, Protocol

from gameday.adapters.chaostoolkit.identity import Identities, identities, refuse_others
from gameday.adapters.chaostoolkit.intent import intent
from gameday.adapters.chaostoolkit.method import Reading, inject
from gameday.adapters.chaostoolkit.output import Output
from gameday.adapters.chaostoolkit.redact import Redactor
from gameday.adapters.chaostoolkit.source import Source, UnfitExperiment, load
from gameday.adapters.chaostoolkit.undo import play
from gameday.engine.faults import FaultFailure

HOLD_MS = "GAMEDAY_HOLD_MS"
"""Environment variable of an experiment in a game day: milliseconds after which a target that
can may end the fault by itself. A file reads it as configuration, with a default of its own."""

RUN = "GAMEDAY_RUN"
"""Environment variable of an experiment: the id of the run it belongs to, for whatever it leaves in
its targets to be told by."""

log = logging.getLogger("chaostoolkit")


class Seat(Protocol):
    """How a worker talks with the conductor."""

    def hear(self) -> dict[str, Any]:
        """The next message."""

    def say(self, message: dict[str, Any]) -> None:
        """Tell the conductor."""


def work(task: Mapping[str, Any], seat: Seat) -> None:
    """Do the task: ``experiment`` answers ``identify``, ``intent`` and ``inject``; ``undo`` and
    ``verify`` answer once."""
    redactor = Redactor()
    if task["work"] == "experiment":
        os.environ[RUN] = task.get("run", "")
        if task["at_most"] is not None:
            os.environ[HOLD_MS] = str(math.ceil(1000 * task["at_most"]))
        _Experiment(task, seat, Output(task["journal"] + ".log", redactor)).serve()
        return
    output = Output(task["spec"].get("log") or os.devnull, redactor)
    answer = play(task, output)
    output.settle()
    seat.say(answer)


class _Experiment:
    def __init__(self, task: Mapping[str, Any], seat: Seat, output: Output) -> None:
        self._task = task
        self._seat = seat
        self._output = output
        self._source: Source | None = None
        self._identities: Identities | None = None
        self._priors: dict[int, Mapping[str, Any]] = {}
        self._answers = {
            "identify": self._identify,
            "intent": self._intent,
            "inject": self._inject,
        }

    def serve(self) -> None:
        """Answer until the guardian ends this process: what the method has started in the
        background belongs to the fault and stays until then."""
        while True:
            ask = self._seat.hear()["ask"]
            try:
                answer = self._answers[ask]()
            except (FaultFailure, UnfitExperiment) as failure:
                answer = {"failure": self._output.redactor.text(str(failure))}
            except (Exception, SystemExit) as error:
                log.exception("%s failed", ask)
                said = f"{type(error).__name__}: {error}"
                answer = {"failure": self._output.redactor.text(said), "hint": self._hint()}
            self._output.settle()
            self._seat.say(answer)

    def _hint(self) -> str:
        return f"its log is {self._task['journal']}.log"

    def _identify(self) -> dict[str, Any]:
        """A file that is not fit is refused when its turn comes: it may be made fit until then."""
        try:
            source = load(self._task["path"], self._output.redactor)
        except UnfitExperiment:
            return {}
        self._identities = identities(source)
        return {}

    def _intent(self) -> dict[str, Any]:
        log_path = self._task["journal"] + ".log"
        self._source = load(self._task["path"], self._output.redactor)
        if self._identities is not None:
            refuse_others(self._identities, identities(self._source))
        found = intent(self._source, self._output.redactor, log_path)
        faults = [step["spec"]["prior"] for step in found["undo"] if step["kind"] == "fault"]
        self._priors = dict(enumerate(faults))
        return found

    def _inject(self) -> dict[str, Any]:
        if self._source is None:
            raise UnfitExperiment("asked to inject before the intent was known")
        return inject(
            self._source,
            self._output,
            journal=self._task["journal"],
            with_hypothesis=bool(self._task["with_hypothesis"]),
            priors=self._priors,
            tell=self._tell,
        )

    def _tell(self, calls: int, began: Reading | None) -> None:
        self._seat.say({"news": "activity", "calls": calls, "began": began})
