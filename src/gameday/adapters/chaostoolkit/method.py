"""Run an experiment's method alone, and say truthfully how it went."""

from __future__ import annotations

import contextlib
import json
import logging
import threading
import time
from collections.abc import Callable, Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any

from chaoslib.run import RunEventHandler

from gameday.adapters.chaostoolkit import plugins
from gameday.adapters.chaostoolkit.output import Output
from gameday.adapters.chaostoolkit.source import Source, fill_secrets
from gameday.adapters.chaostoolkit.verdict import method_problems
from gameday.engine.faults import FaultFailure

log = logging.getLogger("chaostoolkit")

Reading = dict[str, float | int]
_BOOT_CLOCK = next(
    getattr(time, name)
    for name in ("CLOCK_BOOTTIME", "CLOCK_MONOTONIC_RAW", "CLOCK_MONOTONIC")
    if hasattr(time, name)
)


def reading() -> Reading:
    """Wall clock in seconds and boot clock in nanoseconds, now."""
    return {"wall": time.time(), "boot": time.clock_gettime_ns(_BOOT_CLOCK)}


class Watch(RunEventHandler):  # type: ignore[misc]  # chaoslib publishes no types
    """Hears of each activity of the method as it starts and returns; chaoslib swallows what
    a handler raises. ``tell`` is called before a target is, so that a killed worker's last
    word is true."""

    def __init__(self, tell: Callable[[int, Reading | None], None], keep: Journal) -> None:
        self.finished: Reading | None = None
        self._tell = tell
        self._keep = keep
        self._lock = threading.Lock()
        self._in_method = False
        self._began: Reading | None = None
        self._calls = 0

    def started(self, _experiment: Any, journal: Any) -> None:
        """The run begins; from here on there is a journal to keep."""
        self._keep.journal = journal

    def start_method(self, _experiment: Any) -> None:
        """Activities are the method's from here on."""
        self._in_method = True

    def method_completed(self, _experiment: Any, _state: Any = None) -> None:
        """And no longer."""
        self._in_method = False

    def start_activity(self, activity: Mapping[str, Any]) -> None:
        """One activity is about to call its target (pauses before it are over)."""
        if not self._in_method:
            return
        with self._lock:
            if self._began is None and activity.get("type") == "action":
                self._began = reading()
            self._calls += 1
            self._tell(self._calls, self._began)

    def activity_completed(self, _activity: Mapping[str, Any], _run: Any) -> None:
        """It has returned (pauses after it are still to come)."""
        if not self._in_method:
            return
        with self._lock:
            self.finished = reading()
            self._calls -= 1
            self._tell(self._calls, self._began)
        self._keep.write()


class Journal:
    """Chaos Toolkit's journal on disk, also of what has happened before a kill."""

    def __init__(self, path: str, output: Output) -> None:
        self._path = Path(path)
        self._output = output
        self._lock = threading.Lock()
        self.journal: Mapping[str, Any] = {}

    def write(self) -> None:
        """Replace the file by the journal as it is now, secrets masked."""
        with self._lock:
            clean = self._output.redactor.data(self.journal)
            text = json.dumps(clean, indent=2, ensure_ascii=False, default=_json)
            self._path.parent.mkdir(parents=True, exist_ok=True)
            part = self._path.with_name(self._path.name + ".part")
            part.write_text(text, "utf-8")
            part.replace(self._path)


def inject(
    source: Source,
    output: Output,
    *,
    journal: str,
    with_hypothesis: bool,
    priors: Mapping[int, Mapping[str, Any]],
    tell: Callable[[int, Reading | None], None],
) -> dict[str, Any]:
    """Play the method; its faults stay in. priors: captured state of each declared fault."""
    keep = Journal(journal, output)
    watch = Watch(tell, keep)
    experiment = deepcopy(dict(source.experiment))
    problems = []
    try:
        run(experiment, "never", with_hypothesis=with_hypothesis, watch=watch, keep=keep)
    except (Exception, SystemExit) as error:
        log.exception("Chaos Toolkit gave up")
        problems.append(f"Chaos Toolkit gave up: {error}")
    problems += method_problems(keep.journal, len(source.method), output.last_error)
    if not problems:
        problems += _missing(source, priors)
    with contextlib.suppress(OSError):  # a full disk must not hide how it went
        keep.write()
    return {
        "finished": watch.finished or reading(),
        "reason": output.redactor.text("; ".join(problems)),
        "deviated": bool(keep.journal.get("deviated")),
    }


def run(
    experiment: dict[str, Any],
    rollbacks: str,
    *,
    with_hypothesis: bool = False,
    watch: RunEventHandler | None = None,
    keep: Journal | None = None,
) -> Mapping[str, Any]:
    """chaoslib's run with the rollback strategy given; the experiment's own is set aside.

    A ``runtime`` block in the file would reset the strategy to ``default``, so it goes.
    """
    from chaoslib.experiment import run_experiment
    from chaoslib.settings import load_settings
    from chaoslib.types import Strategy

    experiment.pop("runtime", None)
    settings = deepcopy(load_settings() or {})
    settings.setdefault("runtime", {})["rollbacks"] = {"strategy": rollbacks}
    journal: Mapping[str, Any] = run_experiment(
        experiment,
        settings=settings,
        strategy=Strategy.DEFAULT if with_hypothesis else Strategy.SKIP,
        event_handlers=[watch] if watch is not None else None,
    )
    if keep is not None:
        keep.journal = journal
    return journal


def _missing(source: Source, priors: Mapping[int, Mapping[str, Any]]) -> list[str]:
    """Declared faults that are not in although every action succeeded."""
    found = []
    for index, (name, arguments) in enumerate(source.faults):
        real = fill_secrets(arguments, source.secrets)
        try:
            plugins.fault(name).verify_injected(real, priors.get(index, {}))
        except FaultFailure as failure:
            found.append(f"every action succeeded, but {name} is not in: {failure}")
    return found


def _json(value: Any) -> str:
    if hasattr(value, "isoformat"):
        return str(value.isoformat())
    return repr(value)
