"""How a team's drills go over time: every point, and only what a handful of them can prove.

A series is one response time in the drills of one group, in order. It breaks where an exercise
became another one (its faults, its scenario, this time's target), and figures are of what came
after its last break. Only valid runs count. What was not reached is censored. Nothing here ranks
persons.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from gameday.core.scorecard.run_result import Likeness, RunResult, TimeResult
from gameday.core.trends.statistics.binomial import Share, share
from gameday.core.trends.statistics.median import Median, median
from gameday.core.trends.statistics.observed import Observed
from gameday.core.trends.statistics.trend import Trend, trend
from gameday.core.words import Grouping, Role, TimeVerdict

LATEST = 50
"""A change is looked for in so many drills, the latest ones."""


_KEYS: Mapping[Grouping, Callable[[RunResult], Sequence[str]]] = {
    Grouping.SCENARIO: lambda run: (run.title,),
    Grouping.SERVICE: lambda run: run.services,
    Grouping.TEAM: lambda run: (run.team,),
    Grouping.SEVERITY: lambda run: (run.severity,),
}


Told = tuple[RunResult, TimeResult]
"""A response time and the run it is of."""


Exercise = tuple[Likeness, float, str]
"""What a response time was of: the run's faults and scenario, the time's target and its span."""


class Point(NamedTuple):
    """One response time of one run. counted: whether the figures are made of it. breaks: what had
    become another since the scenario's run before. A tuple: of these there are most."""

    run: RunResult
    time: TimeResult
    counted: bool
    breaks: tuple[str, ...] = ()

    @property
    def amended(self) -> bool:
        """Hints were given in the run, or entries annulled."""
        return bool(self.run.hints or self.run.annulled)

    @property
    def marks(self) -> tuple[str, ...]:
        """What a reader should know of the run."""
        return _marks(self.run.run, self.run.hints, self.run.annulled)


@dataclass(frozen=True, slots=True)
class Series:
    """One response time in the drills of a group. Times in seconds.

    median: with its interval, from 6 drills on. shortest, longest: of those reached. on_time:
    the share that kept the target, of those that tell. trend: of the latest 50.
    """

    name: str
    points: tuple[Point, ...]
    median: Median
    shortest: float | None
    longest: float | None
    on_time: Share | None
    trend: Trend


@dataclass(frozen=True, slots=True)
class Repeated:
    """A finding that was made in more than one run, and the latest of them."""

    finding: str
    times: int
    latest: str


@dataclass(frozen=True, slots=True)
class Group:
    """Drills that belong together. runs: all; valid: those that count."""

    key: str
    runs: int
    valid: int
    series: tuple[Series, ...]
    repeated: tuple[Repeated, ...]


@dataclass(frozen=True, slots=True)
class Coverage:
    """What was drilled, by number of valid runs, and what never was (0)."""

    services: Mapping[str, int]
    families: Mapping[str, int]
    roles: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Incident:
    """A real incident, to be shown beside the drills. times: seconds, by name."""

    id: str
    started: float
    severity: str
    service: str
    team: str
    times: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class IncidentFigures:
    """One response time in real incidents."""

    name: str
    median: Median
    shortest: float
    longest: float


@dataclass(frozen=True, slots=True)
class Trends:
    """All groups, what was covered, and real incidents, which are never mixed with drills."""

    grouping: Grouping
    groups: tuple[Group, ...]
    coverage: Coverage
    incidents: int
    incident_figures: tuple[IncidentFigures, ...]


def trends(
    results: Iterable[RunResult],
    grouping: Grouping = Grouping.SCENARIO,
    *,
    services: Iterable[str] = (),
    families: Iterable[str] = (),
    incidents: Sequence[Incident] = (),
) -> Trends:
    """Everything, from the results of runs in any order.

    services, families: those there are, so that what was never drilled is seen.
    """
    in_order = sorted(results, key=lambda run: (run.started, run.run_id))
    by_key: dict[str, list[RunResult]] = defaultdict(list)
    for run in in_order:
        for key in _KEYS[grouping](run):
            by_key[key].append(run)
    return Trends(
        grouping=grouping,
        groups=tuple(_group(key, runs) for key, runs in sorted(by_key.items())),
        coverage=_coverage(in_order, services, families),
        incidents=len(incidents),
        incident_figures=tuple(_incident_figures(incidents)),
    )


def _group(key: str, runs: Sequence[RunResult]) -> Group:
    told: dict[str, list[Told]] = defaultdict(list)
    for run in runs:
        for time in run.times:
            told[time.name].append((run, time))
    return Group(
        key=key,
        runs=len(runs),
        valid=sum(run.valid for run in runs),
        series=tuple(_series(name, times) for name, times in told.items()),
        repeated=tuple(_repeated(runs)),
    )


def _series(name: str, told: Sequence[Told]) -> Series:
    points = tuple(_points(told))
    counted = [point.time for point in points if point.counted]
    seen = list(map(_observed, counted))
    reached = [one.seconds for one in seen if not one.censored]
    verdicts = [time.verdict for time in counted]
    known = len(verdicts) - verdicts.count(TimeVerdict.CENSORED)
    return Series(
        name=name,
        points=points,
        median=median(seen),
        shortest=min(reached, default=None),
        longest=max(reached, default=None),
        on_time=share(verdicts.count(TimeVerdict.MET), known) if known else None,
        trend=trend(seen[-LATEST:]),
    )


def _points(told: Sequence[Told]) -> Iterator[Point]:
    breaks = _breaks(told)
    current = {run.title: index for index, (run, _) in enumerate(told) if breaks[index]}
    for index, (run, time) in enumerate(told):
        known = time.seconds is not None or time.observed is not None
        counted = known and run.valid and index >= current.get(run.title, 0)
        yield Point(run, time, counted, breaks[index])


def _breaks(told: Sequence[Told]) -> list[tuple[str, ...]]:
    """For each, what has become another since the same scenario's run before."""
    found: list[tuple[str, ...]] = []
    before: dict[str, Exercise] = {}
    for run, time in told:
        now = (run.likeness, time.target, time.span)
        earlier = before.get(run.title, now)
        found.append(() if earlier == now else _differences(earlier, now))
        before[run.title] = now
    return found


def _differences(earlier: Exercise, now: Exercise) -> tuple[str, ...]:
    differences = earlier[0].differences(now[0])
    return (*differences, "target") if earlier[1:] != now[1:] else differences


@cache
def _marks(verdict: str, hints: int, annulled: int) -> tuple[str, ...]:
    told = (
        f"run {verdict}" if verdict != "valid" else "",
        f"{hints} hint{'s' if hints > 1 else ''}" if hints else "",
        f"{annulled} annulled" if annulled else "",
    )
    return tuple(filter(None, told))


def _observed(time: TimeResult) -> Observed:
    if time.seconds is not None:
        return Observed(time.seconds)
    return Observed(time.observed or 0.0, censored=True)


def _repeated(runs: Sequence[RunResult]) -> Iterator[Repeated]:
    made = [(finding, run.run_id) for run in runs if run.valid for finding in run.findings]
    latest = dict(made)
    for finding, times in Counter(finding for finding, _ in made).most_common():
        if times > 1:
            yield Repeated(finding, times, latest[finding])


def _coverage(
    runs: Sequence[RunResult], services: Iterable[str], families: Iterable[str]
) -> Coverage:
    valid = [run for run in runs if run.valid]
    known = dict.fromkeys((*services, *(name for run in runs for name in run.services)))
    return Coverage(
        services=_counted(sorted(known), (run.services for run in valid)),
        families=_counted(families, (run.families for run in valid)),
        roles=_counted(
            (role for role in Role if role is not Role.OBSERVER), (run.roles for run in valid)
        ),
    )


def _counted(known: Iterable[str], drilled: Iterable[Sequence[str]]) -> Mapping[str, int]:
    counts = Counter(name for names in drilled for name in set(names))
    return {str(name): counts[str(name)] for name in (*known, *sorted(set(counts) - set(known)))}


def _incident_figures(incidents: Sequence[Incident]) -> Iterator[IncidentFigures]:
    for name in dict.fromkeys(name for incident in incidents for name in incident.times):
        times = [incident.times[name] for incident in incidents if name in incident.times]
        figures = median([Observed(seconds) for seconds in times])
        yield IncidentFigures(name, figures, min(times), max(times))
