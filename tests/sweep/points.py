"""Crash points: which there are, and what is left when a process dies at one of them."""

from __future__ import annotations

import itertools
import os
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.sweep.targets import Site, Target

SITE = Path(__file__).with_name("site")
PATIENCE = 90.0
"""Seconds for a command, or for everything it has started, to end."""
_STEP = 0.03
FAMILIES = ("toxic", "dependency", "process", "plain")

_ids = itertools.count()


@dataclass(frozen=True)
class Point:
    """Kill ``role`` before or after its k-th step ``name``; ``also`` the guardian with it.

    when: ``before`` or ``after`` a step that the program itself counts; ``in`` for the k-th
    system call of that name in one thread, where a tracer does it.
    during: ``run``, or ``recover`` of a run whose conductor and guardian have died.
    """

    role: str
    name: str
    k: int
    when: str
    also: str = ""
    during: str = "run"

    def plan(self) -> str:
        """As the program under test is told."""
        return f"{self.role} {self.name} {self.k} {self.when} {self.also}".strip()


@dataclass(frozen=True)
class Outcome:
    """What was there once nothing of the program ran any more.

    hit: a process did die at the point; it may have ended without coming there. left: the fault
    was still in: `gameday recover` was needed. orphan: it was in after that, too.
    """

    family: str
    point: Point
    hit: bool
    left: bool
    orphan: bool


class Program:
    """The program under test in a directory of its own."""

    def __init__(self, command: Sequence[str], directory: Path, control: str = "") -> None:
        self._command = list(command)
        self._directory = directory
        self._id = f"{os.getpid()}-{next(_ids)}"
        self._env = {
            **os.environ,
            "PYTHONPATH": str(SITE),
            "GAMEDAY_SWEEP": self._id,
            "GAMEDAY_STORE": str(directory / "gameday.db"),
            "GAMEDAY_DATA": str(directory / "data"),
            "GAMEDAY_CONTROL": control,
            "GAMEDAY_CRASHED": str(directory / "crashed"),
        }

    def run(self, *arguments: str, beside: Callable[[], None] = lambda: None, **env: str) -> int:
        """Run a command until it and all that it has started are gone; its exit code.

        beside: called once it has been started.
        """
        (self._directory / "crashed").unlink(missing_ok=True)
        with (
            (self._directory / "stderr").open("ab") as stderr,
            subprocess.Popen(
                [*self._command, *arguments],
                cwd=self._directory,
                env={**self._env, **env},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=stderr,
                process_group=0,
            ) as process,
        ):
            beside()
            code = process.wait(PATIENCE)
        deadline = time.monotonic() + PATIENCE
        while living := self.living():
            if time.monotonic() > deadline:
                raise AssertionError(f"still running after {PATIENCE:g} s: {living}")
            time.sleep(_STEP)
        return code

    def kill_all(self) -> None:
        """Whatever is left of a point that went wrong."""
        for pid in self.living():
            os.kill(pid, signal.SIGKILL)

    def living(self) -> list[int]:
        """Processes with our mark in their environment: those of no other point."""
        mark = f"GAMEDAY_SWEEP={self._id}".encode() + b"\0"
        found = []
        for entry in Path("/proc").glob("[0-9]*"):
            try:
                if mark in (entry / "environ").read_bytes() + b"\0":
                    found.append(int(entry.name))
            except OSError:
                continue  # it has ended, or is not ours to look into
        return found


def steps(site: Site, command: Sequence[str], family: str, directory: Path) -> Counter[str]:
    """How often each process comes to each step, by ``role name``, in an undisturbed run."""
    return _traced(site, command, family, directory, "trace-1") & _traced(
        site, command, family, directory, "trace-2"
    )  # it differs by a few from run to run: the lesser counts, so that a point is there


def _traced(
    site: Site, command: Sequence[str], family: str, directory: Path, name: str
) -> Counter[str]:
    trace = directory / name
    with site.target(family) as target:
        program = Program(command, directory)
        code = program.run(
            "experiment", "run", str(target.experiment), GAMEDAY_CRASH_TRACE=str(trace)
        )
        assert code == 0, (directory / "stderr").read_text()
        assert not target.is_in()
    return _counted(trace)


def recovery_steps(
    site: Site, command: Sequence[str], family: str, directory: Path
) -> Counter[str]:
    """The same for a `gameday recover` after conductor and guardian have died."""
    trace = directory / "trace-recovery"
    with site.target(family) as target:
        program = Program(command, directory)
        leave_a_fault(program, target, family)
        program.run("recover", GAMEDAY_CRASH_TRACE=str(trace))
        assert not target.is_in()
    return _counted(trace)


def leave_a_fault(program: Program, target: Target, family: str) -> None:
    """Conductor and guardian die together once the fault is in."""
    known = _LEAVES.get(family, 1)
    for k in (known, *range(1, 30)):  # reads are transactions too, so it differs by a few
        plan = f"conductor commit {k} after guardian"
        program.run("experiment", "run", str(target.experiment), GAMEDAY_CRASH=plan)
        if target.is_in():
            _LEAVES[family] = k
            return
        program.run("recover")
    raise AssertionError("no fault was ever in")


_LEAVES: dict[str, int] = {}
"""The commit after which the fault of a family is in."""


def points(counted: Mapping[str, int], also: str = "", during: str = "run") -> list[Point]:
    """Before and after each step."""
    found = []
    for key, count in sorted(counted.items()):
        role, name = key.split()
        for k in range(1, count + 1):
            found += [Point(role, name, k, when, also, during) for when in ("before", "after")]
    return found


def all_points(site: Site, command: Sequence[str], family: str, directory: Path) -> list[Point]:
    """Each process alone, conductor and guardian together, and all that takes part in a
    recovery."""
    directory.mkdir()
    counted = steps(site, command, family, directory)
    conductor = {key: n for key, n in counted.items() if key.startswith("conductor")}
    recovery = recovery_steps(site, command, family, directory)
    return [
        *points(counted),
        *points(conductor, also="guardian"),
        *points(recovery, during="recover"),
    ]


def spread(found: Sequence[Point], most: int) -> list[Point]:
    """At most that many, evenly over all of them."""
    if len(found) <= most:
        return list(found)
    return [found[(2 * i + 1) * len(found) // (2 * most)] for i in range(most)]


def outcome(
    site: Site,
    command: Sequence[str],
    family: str,
    point: Point,
    directory: Path,
    control: str = "",
) -> Outcome:
    """Let a process die at the point, wait until nothing runs, recover if need be, look."""
    directory.mkdir(parents=True)
    program = Program(command, directory, control)
    with site.target(family) as target:
        try:
            if point.during == "recover":
                leave_a_fault(program, target, family)
                program.run("recover", GAMEDAY_CRASH=point.plan())
            else:
                file = str(target.experiment)
                program.run("experiment", "run", file, GAMEDAY_CRASH=point.plan())
            hit = (directory / "crashed").exists()
            site.settle(family)
            left = target.is_in()
            if left:
                program.run("recover")
            return Outcome(family, point, hit, left, target.is_in())
        finally:
            program.kill_all()


def _counted(trace: Path) -> Counter[str]:
    """How far the count of each step goes; several processes may have the same role."""
    lines = set(trace.read_text().splitlines())
    return Counter(" ".join(line.split()[:2]) for line in lines)
