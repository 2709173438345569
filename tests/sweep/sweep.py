"""The sweep: every point of every family, and the controls that must show orphans."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.sweep.points import FAMILIES, Outcome, Point, all_points, outcome, points, spread, steps
from tests.sweep.targets import Site

SIDE_BY_SIDE = 4
"""Points at a time: each is a handful of processes."""

Control = tuple[str, str, Callable[[Point], bool]]

CONTROLS: tuple[Control, ...] = (
    # Both die between the fault and its intent: nobody knows of it.
    (
        "fault-before-intent",
        "dependency",
        lambda p: p.also == "guardian" and p.name == "commit",
    ),
    # The worker goes on while its fault is being undone, and after that.
    (
        "undo-before-kill",
        "slow",
        lambda p: (
            not p.also and (p.role, p.name, p.when) == ("conductor", "send", "after") and p.k < 20
        ),
    ),
    # A request is still in the air when its fault is found absent.
    (
        "absent-is-undone",
        "stalled",
        lambda p: not p.also and (p.role, p.name, p.when) == ("worker", "send", "after"),
    ),
)


def sweep(
    site: Site, command: Sequence[str], directory: Path, most: int | None = None
) -> Iterator[Outcome]:
    """Every point, or evenly spread ones, ``most`` a family."""
    for family in FAMILIES:
        here = directory / family
        found = all_points(site, command, family, here)
        yield from _play(site, command, family, spread(found, most or len(found)), here)


def control(site: Site, command: Sequence[str], directory: Path, what: Control) -> list[Outcome]:
    """The same with one safeguard broken, at the points where that shows."""
    name, family, fits = what
    here = directory / name
    here.mkdir()
    counted = steps(site, command, family, here)
    conductor = {key: n for key, n in counted.items() if key.startswith("conductor")}
    chosen = [p for p in (*points(counted), *points(conductor, "guardian")) if fits(p)]
    return list(_play(site, command, family, chosen, here, name))


def _play(
    site: Site,
    command: Sequence[str],
    family: str,
    chosen: Sequence[Point],
    directory: Path,
    broken: str = "",
) -> Iterator[Outcome]:
    def one(numbered: tuple[int, Point]) -> Outcome:
        number, point = numbered
        return outcome(site, command, family, point, directory / f"point-{number}", broken)

    with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        yield from pool.map(one, enumerate(chosen))


def table(outcomes: Sequence[Outcome]) -> str:
    """Points, those that needed `gameday recover`, and orphans, by process and step."""
    groups: dict[tuple[str, ...], Counter[str]] = {}
    for item in outcomes:
        point = item.point
        who = f"{point.role}{' and guardian' if point.also else ''}"
        row = groups.setdefault((item.family, point.during, who, point.name), Counter())
        row.update(points=1, hit=item.hit, left=item.left, orphans=item.orphan)
    lines = [_row("family", "during", "killed", "step", "points", "hit", "left", "orphans")]
    for (family, during, who, name), row in sorted(groups.items()):
        counts = (row["points"], row["hit"], row["left"], row["orphans"])
        lines.append(_row(family, during, who, name, *counts))
    hit, orphans = sum(item.hit for item in outcomes), sum(item.orphan for item in outcomes)
    lines.append(f"{len(outcomes)} points visited, {hit} hit, {orphans} orphans")
    return "\n".join(lines)


def _row(family: str, during: str, who: str, name: str, *counts: object) -> str:
    return f"{family:<12}{during:<9}{who:<24}{name:<9}" + "".join(f"{n:>8}" for n in counts)
