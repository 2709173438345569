"""Errors as a tree. Each says what happened, where, and what to do next.

GamedayError
├── InvalidFile          a file a user wrote is wrong          exit 3
├── Refused              a guard rail says no                  exit 4
│   ├── IllegalCommand   not possible in the run's phase
│   ├── LeaseLost        another process owns the run by now
│   └── Unsteady         steady state does not hold before the start
├── NothingToDo          no such run, nothing matched          exit 5
│   └── UnknownId        an id that means nothing              exit 2
├── IntegrationFailure   something we depend on failed         exit 6
│   ├── StoreFailure
│   └── WorkerFailure
└── UndoOutstanding      a fault may still be in               exit 8
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum


class ExitCode(IntEnum):
    """The command line's contract; scripts depend on it."""

    OK = 0
    TARGETS_MISSED = 1
    USAGE = 2
    INVALID_FILE = 3
    REFUSED = 4
    NOTHING_TO_RUN = 5
    FAILURE = 6
    ABORTED = 7
    UNDO_OUTSTANDING = 8
    INTERRUPTED = 130


class GamedayError(Exception):
    """Base of every failure a user can meet. ``hint`` says what to do next."""

    exit_code = ExitCode.FAILURE

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}\n  → {self.hint}" if self.hint else self.message


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One mistake in a file, placed. Lines and columns count from 1; path is dotted."""

    file: str
    line: int
    column: int
    path: str
    message: str

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}:{self.column}: "
        return where + (f"{self.path}: " if self.path else "") + self.message


class InvalidFile(GamedayError):
    """Every mistake found in the files a user named, in order of place."""

    exit_code = ExitCode.INVALID_FILE

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(sorted(problems))
        super().__init__("\n".join(str(problem) for problem in self.problems))


class Refused(GamedayError):
    """A guard rail says no; nothing was started or changed."""

    exit_code = ExitCode.REFUSED


class IllegalCommand(Refused):
    """The run's phase does not allow this command; nothing changed."""


class LeaseLost(Refused):
    """Another process owns the run by now; this one may write nothing of its ledger."""


class Unsteady(Refused):
    """Steady state did not hold before the start."""


class NothingToDo(GamedayError):
    """Nothing matches what was asked for."""

    exit_code = ExitCode.NOTHING_TO_RUN


class UnknownId(NothingToDo):
    """What was said names an id that means nothing."""

    exit_code = ExitCode.USAGE


class IntegrationFailure(GamedayError):
    """Something gameday depends on failed."""


class StoreFailure(IntegrationFailure):
    """The event log could not be read or written; what was acknowledged is safe."""


class WorkerFailure(IntegrationFailure):
    """A worker or the guardian died or did not answer in time."""


class UndoOutstanding(GamedayError):
    """A fault could not be proved undone."""

    exit_code = ExitCode.UNDO_OUTSTANDING
