"""Action items over drills: what is open, done, shown to help by a later drill, or found again.

An item is what somebody asked for (``ActionItemAdded``), or a finding of a report that nobody
asked anything about yet. It is done when somebody says so (``FollowUpRecorded``, by its title or
its id). Saying so shows nothing; a later valid drill of the same scenario does:

| status   | when                                                                            |
|----------|---------------------------------------------------------------------------------|
| open     | nobody said that it is done                                                     |
| left_out | somebody said that it is left out on purpose                                    |
| done     | somebody said that it is done, and no later drill can tell                      |
| verified | the last later drill that could have made its finding saw that it went well     |
| repeated | that drill made the finding again, or people asked for the same again           |

A drill that was cut short tells nothing; one with other faults or a looser target verifies nothing.
An item is about a finding where its words name it: ``write a runbook (mitigate was late)``, or the
sentence that ``gameday report actions`` prints. One that names none can be done, never verified.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from gameday.core.scorecard.run_result import FollowUpResult, ItemResult, RunResult


class ItemStatus(StrEnum):
    """See the table above."""

    OPEN = "open"
    LEFT_OUT = "left_out"
    DONE = "done"
    VERIFIED = "verified"
    REPEATED = "repeated"


@dataclass(frozen=True, slots=True)
class TrackedItem:
    """id: the title in small letters and hyphens. finding: what it is about, empty if unknown.

    runs: where it was asked for or found, oldest first. done_at: wall time in seconds since the
    epoch. decided_by: the run that verified or repeated it, empty without one. asked: by a
    person; otherwise it is a finding that waits for somebody to take it.
    """

    id: str
    title: str
    scenario: str
    asked: bool
    owner: str
    priority: str
    due: str
    finding: str
    runs: tuple[str, ...]
    status: ItemStatus
    done_at: float | None
    decided_by: str


def slug(text: str) -> str:
    """Words in small letters, joined by hyphens: what items are compared by."""
    return "-".join(re.findall(r"\w+", text.lower().replace("_", " ")))


def finding_of(text: str, findings: Iterable[str]) -> str:
    """The finding that a text names, in its own words or in a report's; empty if none. Of
    several, the longest."""
    said = f"-{slug(text)}-"
    named = [one for one in findings if any(key in said for key in _keys(one))]
    return max(named, key=len, default="")


def _keys(finding: str) -> Iterator[str]:
    """Pieces of slugs that mean a finding. Beside its own, those of the steps by which
    reports/next_steps.py asks for something about it."""
    yield f"-{slug(finding)}-"
    if finding.endswith(" was late"):
        name = slug(finding.removesuffix(" was late"))
        yield from (f"-{name}-took-", f"-{name}-was-not-reached-")
    elif finding.startswith("expected and missed: "):
        title = slug(finding.removeprefix("expected and missed: "))
        yield from (f"-came-late-{title}-", f"-did-not-come-{title}-")
    elif finding.startswith("not kept: "):
        yield f"-{slug(finding.removeprefix('not kept: '))}-"
    yield from _ASKED_AS.get(finding, ())


_ASKED_AS = {
    "an all-clear was false": ("-all-clear-was-false-", "-all-clears-were-false-"),
    "another severity was declared": ("-rehearse-severity-",),
    "steady state did not come back": ("-steady-state-was-not-proved-again-",),
}


def tracked_items(results: Iterable[RunResult]) -> tuple[TrackedItem, ...]:
    """Every item of these runs: scenarios in the order in which they were first drilled, in
    each what people asked for, then findings that nobody took."""
    ordered = sorted(results, key=lambda one: (one.started, one.run_id))
    followups = [
        (result.title, one) for result in ordered for one in result.followups if one.item.strip()
    ]
    items = []
    for scenario in dict.fromkeys(one.title for one in ordered):
        runs = [one for one in ordered if one.title == scenario]
        asked = list(_asked(runs))
        taken = {source.finding for source in asked}
        found = [source for source in _found(runs) if source.finding not in taken]
        items += [_tracked(source, runs, followups) for source in (*asked, *found)]
    return tuple(items)


@dataclass(frozen=True, slots=True)
class _Source:
    """Where an item comes from: the runs in which it was asked for, or found."""

    item: ItemResult
    finding: str
    asked: bool
    runs: tuple[RunResult, ...]

    @property
    def id(self) -> str:
        return slug(self.item.title)

    def means(self, text: str) -> bool:
        """Whether a follow-up's words are about it."""
        return slug(text) == self.id or (
            not self.asked and finding_of(text, [self.finding]) == self.finding
        )


def _asked(runs: Sequence[RunResult]) -> Iterator[_Source]:
    findings = [finding for run in runs if run.valid for finding in run.findings]
    by_id: dict[str, list[tuple[RunResult, ItemResult]]] = {}
    for run in runs:
        for item in run.items:
            if key := slug(item.title):
                by_id.setdefault(key, []).append((run, item))
    for said in by_id.values():
        newest = said[-1][1]
        whole = ItemResult(
            newest.title,
            *(_latest(said, field) for field in ("owner", "priority", "due")),
        )
        asked_in = tuple(dict.fromkeys(run for run, _ in said))
        yield _Source(whole, finding_of(newest.title, findings), True, asked_in)


def _latest(said: Sequence[tuple[RunResult, ItemResult]], field: str) -> str:
    """The newest word that is one."""
    words = [getattr(item, field) for _, item in said if getattr(item, field)]
    return words[-1] if words else ""


def _found(runs: Sequence[RunResult]) -> Iterator[_Source]:
    valid = [run for run in runs if run.valid]
    for finding in dict.fromkeys(f for run in valid for f in run.findings):
        made = tuple(run for run in valid if finding in run.findings)
        yield _Source(ItemResult(finding, "", "", ""), finding, False, made)


def _tracked(
    source: _Source, runs: Sequence[RunResult], followups: Sequence[tuple[str, FollowUpResult]]
) -> TrackedItem:
    scenario = runs[0].title
    about = [one for title, one in followups if title == scenario and source.means(one.item)]
    last = max(about, key=lambda one: one.at, default=None)
    status, decided_by = ItemStatus.OPEN, ""
    if last is not None:
        status = ItemStatus.DONE if last.done else ItemStatus.LEFT_OUT
    if last is not None and last.done:
        status, decided_by = _shown(source, [run for run in runs if run.started > last.at])
    return TrackedItem(
        id=source.id,
        title=source.item.title,
        scenario=scenario,
        asked=source.asked,
        owner=source.item.owner,
        priority=source.item.priority,
        due=source.item.due,
        finding=source.finding,
        runs=tuple(run.run_id for run in source.runs),
        status=status,
        done_at=last.at if last is not None and last.done else None,
        decided_by=decided_by,
    )


def _shown(source: _Source, later: Sequence[RunResult]) -> tuple[ItemStatus, str]:
    """What drills since it was done say of it, and which of them; the last word counts."""
    status, decided_by = ItemStatus.DONE, ""
    for run in later:
        again = source.asked and run in source.runs
        if again or (run.valid and source.finding and source.finding in run.findings):
            status, decided_by = ItemStatus.REPEATED, run.run_id
        elif source.finding and source.finding in run.good and _as_hard(run, source):
            status, decided_by = ItemStatus.VERIFIED, run.run_id
    return status, decided_by


def _as_hard(run: RunResult, source: _Source) -> bool:
    """Whether a drill is the same exercise as the one before, with targets as tight: one that
    was made easier shows nothing."""
    before = source.runs[-1]
    targets = {time.name: time.target for time in before.times}
    loosened = any(
        time.target > targets.get(time.name, time.target)
        for time in run.times
        if f"{time.name} was late" == source.finding
    )
    return run.valid and not loosened and run.likeness.faults == before.likeness.faults
