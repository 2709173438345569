"""Kills by a tracer: at the k-th system call of a thread, with no hook in the program's code.

The process to be killed stands still at its birth until strace has attached itself; that is all
that is changed about it. strace counts for each thread, and lets go of what is executed anew
(the next guardian, programs of an experiment).
"""

from __future__ import annotations

import re
import subprocess
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.parts import find
from tests.sweep.points import PATIENCE, Outcome, Point, Program, leave_a_fault, spread
from tests.sweep.targets import Site

CALLS = ("connect", "fdatasync", "pwrite64", "sendmsg", "sendto", "write")
ROLES = (
    ("run", "conductor"),
    ("run", "guardian"),
    ("run", "worker"),
    ("run", "later-worker"),
    ("recover", "recovery"),
    ("recover", "worker"),
)
"""Processes, each during what; a recovery's first worker undoes."""

_CALL = re.compile(r"^(\d+) +(\w+)\(", re.MULTILINE)
_STEP = 0.005


def cannot_trace() -> str:
    """Why strace may not trace here; empty when it may."""
    program = find("strace")
    if program is None:
        return "strace is not installed"
    with subprocess.Popen(["sleep", "30"]) as victim:
        command = [program, "-f", "-b", "execve", "-p", str(victim.pid)]
        with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as strace:
            assert strace.stderr is not None
            said = strace.stderr.readline()
            victim.kill()
            said += strace.stderr.read()
    return "" if "attached" in said else f"strace may not trace here: {said.strip()}"


@dataclass
class Tracer:
    """strace on the first process of a role, of a program that is about to run.

    point: where it kills; None only counts.
    """

    directory: Path
    role: str
    point: Point | None = None

    @property
    def hold(self) -> str:
        """What the program is told, so that it waits for us."""
        return f"{self.role} {self._held}"

    @property
    def _held(self) -> Path:
        return self.directory / "held"

    @property
    def _log(self) -> Path:
        return self.directory / "strace"

    def follow(self) -> None:
        """Wait for the process, attach, and stay until it has ended; fine when none comes."""
        deadline = time.monotonic() + PATIENCE
        while not self._held.exists():
            if time.monotonic() > deadline:
                raise AssertionError(f"no {self.role} came within {PATIENCE:g} s")
            time.sleep(_STEP)
        done = subprocess.run(
            [*self._command(), "-p", self._held.read_text()],
            capture_output=True,
            text=True,
            timeout=PATIENCE,
        )
        assert "attached" in done.stderr, done.stderr

    def counted(self) -> Counter[str]:
        """How often the busiest thread has made each call."""
        calls = Counter(_CALL.findall(self._log.read_text(errors="replace")))
        found: Counter[str] = Counter()
        for (_, call), count in calls.items():
            found[call] = max(found[call], count)
        return found

    @property
    def killed(self) -> bool:
        """It came to the point, and so died there."""
        return self.point is not None and self.counted()[self.point.name] >= self.point.k

    def _command(self) -> list[str]:
        program = find("strace")
        assert program is not None
        command = [program, "-f", "-b", "execve", "-o", str(self._log)]
        if self.point is None:
            return [*command, "-e", f"trace={','.join(CALLS)}"]
        call, k = self.point.name, self.point.k
        kill = f"inject={call}:signal=SIGKILL:when={k}"
        return [*command, "-e", f"trace={call}", "-e", kill]


def calls(
    site: Site,
    command: Sequence[str],
    family: str,
    directory: Path,
    who: tuple[str, str],
    control: str = "",
) -> list[Point]:
    """Every call of a process at which it can be killed."""
    during, role = who
    tracer = _play(site, command, family, directory, Tracer(directory, role), during, control)[0]
    return [
        Point(role, call, k, "in", during=during)
        for call, count in sorted(tracer.counted().items())
        for k in range(1, count + 1)
    ]


def fairly(found: Sequence[Point], most: int) -> list[Point]:
    """At most that many, as many of each process and call as can be: most calls are writes to
    the log, and would crowd out the others."""
    groups: dict[tuple[str, str, str], list[Point]] = {}
    for point in found:
        groups.setdefault((point.during, point.role, point.name), []).append(point)
    shares = Counter(dict.fromkeys(groups, 0))
    while shares.total() < min(most, len(found)):
        open_ = [key for key in groups if shares[key] < len(groups[key])]
        for key in open_[: most - shares.total()]:
            shares[key] += 1
    return [point for key, group in groups.items() for point in spread(group, shares[key])]


def killed(
    site: Site,
    command: Sequence[str],
    family: str,
    point: Point,
    directory: Path,
    control: str = "",
) -> Outcome:
    """Kill a process in that call, wait until nothing runs, recover if need be, look."""
    tracer = Tracer(directory, point.role, point)
    _, left, orphan = _play(site, command, family, directory, tracer, point.during, control)
    return Outcome(family, point, tracer.killed, left, orphan)


def _play(
    site: Site,
    command: Sequence[str],
    family: str,
    directory: Path,
    tracer: Tracer,
    during: str,
    control: str,
) -> tuple[Tracer, bool, bool]:
    """The tracer; whether the fault was in once nothing ran; and after `gameday recover`."""
    directory.mkdir(parents=True)
    program = Program(command, directory, control)
    with site.target(family) as target:
        try:
            order: tuple[str, ...] = ("experiment", "run", str(target.experiment))
            if during == "recover":
                leave_a_fault(program, target, family)
                order = ("recover",)
            program.run(*order, beside=tracer.follow, GAMEDAY_HOLD=tracer.hold)
            site.settle(family)
            left = target.is_in()
            if left:
                program.run("recover")
            return tracer, left, target.is_in()
        finally:
            program.kill_all()
