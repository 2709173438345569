"""The sweep: points of every family, by hooks and by a tracer, and controls that must show
orphans."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from tests.sweep import traced
from tests.sweep.points import FAMILIES, Outcome, Point, all_points, outcome, points, spread, steps
from tests.sweep.targets import Site

SIDE_BY_SIDE = 8
"""Points at a time: each is a handful of processes, which mostly wait."""

Visit = Callable[[Point, Path], Outcome]


@dataclass(frozen=True)
class Control:
    """One safeguard left out, and the points at which that shows in a family.

    times: how often each point is visited.
    """

    name: str
    family: str
    fits: Callable[[Point], bool]
    times: int = 1


CONTROLS = (
    # Both die between the fault and its intent: nobody knows of it.
    Control(
        "fault-before-intent",
        "dependency",
        lambda p: p.also == "guardian" and p.name == "commit",
    ),
    # The worker goes on while its fault is being undone, and after that.
    Control(
        "undo-before-kill",
        "slow",
        lambda p: (
            not p.also
            and (p.role, p.name, p.when) == ("conductor", "send", "after")
            and 8 < p.k < 24
        ),
        times=2,
    ),
    # A request is still in the air when its fault is found absent.
    Control(
        "absent-is-undone",
        "late",
        lambda p: not p.also and (p.role, p.name, p.when) == ("worker", "send", "after"),
        times=5,
    ),
)
TRACED_CONTROL = Control(
    "fault-before-intent",
    "dependency",
    lambda p: p.name == "sendto",  # the thread that commits wakes the loop with one
)


def sweep(
    site: Site, command: Sequence[str], directory: Path, most: int | None = None
) -> Iterator[Outcome]:
    """Every point, or evenly spread ones until ``most`` of a family have been hit."""
    for family in FAMILIES:
        here = directory / family
        found = all_points(site, command, family, here)
        visit = partial(_visit, site, command, family, "")
        yield from _until_hit(found, most or len(found), here, visit)


def sweep_traced(
    site: Site, command: Sequence[str], directory: Path, most: int
) -> Iterator[Outcome]:
    """The same by a tracer."""
    for family in FAMILIES:
        here = directory / f"traced-{family}"

        def calls(who: tuple[str, str], family: str = family, here: Path = here) -> list[Point]:
            return traced.calls(site, command, family, here / "-".join(who), who)

        with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
            found = list(itertools.chain(*pool.map(calls, traced.ROLES)))
        visit = partial(_visit_traced, site, command, family, "")
        yield from _until_hit(found, most, here, visit, traced.fairly)


def control(
    site: Site, command: Sequence[str], directory: Path, what: Control, broken: bool = True
) -> list[Outcome]:
    """The points where a safeguard that is left out shows; the same with it, unless broken."""
    here = directory / what.name
    here.mkdir()
    counted = steps(site, command, what.family, here)
    conductor = {key: n for key, n in counted.items() if key.startswith("conductor")}
    chosen = [p for p in (*points(counted), *points(conductor, "guardian")) if what.fits(p)]
    visit = partial(_visit, site, command, what.family, what.name if broken else "")
    return list(_play(chosen * (what.times if broken else 1), here, visit))


def control_traced(site: Site, command: Sequence[str], directory: Path) -> list[Outcome]:
    """Fault before intent, by a tracer."""
    what = TRACED_CONTROL
    here = directory / "traced-control"
    who = ("run", "conductor")
    found = traced.calls(site, command, what.family, here / "calls", who, what.name)
    visit = partial(_visit_traced, site, command, what.family, what.name)
    return list(_play([p for p in found if what.fits(p)], here, visit))


def _visit(
    site: Site, command: Sequence[str], family: str, broken: str, point: Point, directory: Path
) -> Outcome:
    return outcome(site, command, family, point, directory, broken)


def _visit_traced(
    site: Site, command: Sequence[str], family: str, broken: str, point: Point, directory: Path
) -> Outcome:
    return traced.killed(site, command, family, point, directory, broken)


def _until_hit(
    found: Sequence[Point],
    most: int,
    directory: Path,
    visit: Visit,
    choose: Callable[[Sequence[Point], int], list[Point]] = spread,
) -> Iterator[Outcome]:
    """Chosen points; for each that its process did not come to, another one."""
    left, hit, batch = list(found), 0, 0
    while left and hit < most:
        chosen = choose(left, most - hit)
        left = [point for point in left if point not in chosen]
        for item in _play(chosen, directory / f"batch-{batch}", visit):
            hit += item.hit
            yield item
        batch += 1


def _play(chosen: Sequence[Point], directory: Path, visit: Visit) -> Iterator[Outcome]:
    def one(numbered: tuple[int, Point]) -> Outcome:
        number, point = numbered
        return visit(point, directory / f"point-{number}")

    with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        yield from pool.map(one, enumerate(chosen))


def table(outcomes: Sequence[Outcome]) -> str:
    """Points, those that needed `gameday recover`, and orphans, by process and step."""
    groups: dict[tuple[str, ...], Counter[str]] = {}
    ks: dict[tuple[str, ...], set[int]] = {}
    for item in outcomes:
        point = item.point
        who = f"{point.role}{' and guardian' if point.also else ''}"
        name = f"{point.name}()" if point.when == "in" else point.name
        key = (item.family, point.during, who, name)
        row = groups.setdefault(key, Counter())
        row.update(points=1, hit=item.hit, left=item.left, orphans=item.orphan)
        ks.setdefault(key, set()).add(point.k)
    head = ("family", "during", "killed", "step", "points", "hit", "left", "orphans", "  k")
    lines = [_row(*head)]
    for where, row in sorted(groups.items()):
        counts = (row["points"], row["hit"], row["left"], row["orphans"])
        lines.append(_row(*where, *counts, f"  {_ranges(ks[where])}"))
    hit, orphans = sum(item.hit for item in outcomes), sum(item.orphan for item in outcomes)
    lines.append(f"{len(outcomes)} points visited, {hit} hit, {orphans} orphans")
    return "\n".join(lines)


def _ranges(numbers: set[int]) -> str:
    """``1-3 7``: which k were visited."""
    runs: list[list[int]] = []
    for number in sorted(numbers):
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return " ".join(str(r[0]) if len(r) == 1 else f"{r[0]}-{r[-1]}" for r in runs)


def _row(*cells: object) -> str:
    family, during, who, name, *counts = cells
    return f"{family:<12}{during:<9}{who:<24}{name:<12}" + "".join(f"{n:>8}" for n in counts)
