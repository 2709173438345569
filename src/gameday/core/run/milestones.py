"""Milestones of a run, each placed by one event of the log.

| milestone    | placed by                                                                    |
|--------------|------------------------------------------------------------------------------|
| injected     | the first fault's first action began (FaultInjected)                          |
| impacted     | first failing sample of the first loss that a fault can have caused           |
| detected …   | the earliest entry of that kind since the injection that nobody annulled      |
| claimed      | the earliest claim of mitigation, true or not                                 |
| mitigated    | steady state back by responders' doing, and it stayed (MitigationVerified)    |
| resolved     | the earliest claim of resolution that the probes bore out, since the last such |
|              | loss began                                                                    |
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from gameday.core.instant import Instant, seconds_between
from gameday.core.log import events as e
from gameday.core.log.events import Record
from gameday.core.run.attribution import attribute
from gameday.core.run.claims import verify_mitigation
from gameday.core.run.presence import felt
from gameday.core.run.state import RunState
from gameday.core.words import Attribution, Milestone


@dataclass(frozen=True, slots=True)
class Mark:
    """A milestone's time and the entry that placed it."""

    at: Instant
    event: str


_SPOKEN: Mapping[Milestone, type[e.ResponderFact]] = {
    Milestone.DETECTED: e.Detected,
    Milestone.ACKNOWLEDGED: e.Acknowledged,
    Milestone.DECLARED: e.Declared,
    Milestone.TRIAGED: e.Triaged,
    Milestone.CLAIMED: e.MitigationClaimed,
}
_WORDS = (*_SPOKEN.values(), e.ResolutionClaimed)
"""What people say that can place a milestone."""


def milestones(state: RunState, records: Sequence[Record]) -> Mapping[Milestone, Mark | None]:
    """Every milestone, None where the run did not reach it."""
    injected = _earliest([r for r in records if _went_in(r)], e.Event)
    zero = injected or _earliest(records, e.InjectSent) or _earliest(records, e.RunStarted)
    valid = [
        r
        for r in records
        if isinstance(r.event, _WORDS) and r.id not in state.annulled and _since(zero, r)
    ]
    marks: dict[Milestone, Mark | None] = {
        Milestone.INJECTED: injected,
        Milestone.IMPACTED: _impacted(state, records, injected),
        Milestone.MITIGATED: _mitigated(state, records),
        Milestone.RESOLVED: _resolved(state, valid),
    }
    for milestone, kind in _SPOKEN.items():
        marks[milestone] = _earliest(valid, kind)
    return {milestone: marks[milestone] for milestone in Milestone}


def _went_in(record: Record) -> bool:
    event = record.event
    return isinstance(event, e.FaultInjected) or (
        isinstance(event, e.FaultFailed) and event.touched
    )


def _since(zero: Mark | None, record: Record) -> bool:
    return zero is not None and seconds_between(zero.at, record.at) >= 0


def _earliest(records: Iterable[Record], kind: type[e.Event]) -> Mark | None:
    of_kind = [r for r in records if isinstance(r.event, kind)]
    first = min(of_kind, key=lambda r: (r.at.boot, r.seq), default=None)
    return Mark(first.at, first.id) if first else None


def _impacted(state: RunState, records: Sequence[Record], injected: Mark | None) -> Mark | None:
    """The first loss that a fault can have caused; a probe may have been waiting for its answer
    when the fault went in, and then users were hurt from there on."""
    if injected is None:
        return None
    caused = {impact.start for impact in felt(state)}
    for record in records:
        event = record.event
        if isinstance(event, e.ImpactStarted) and record.at in caused:
            if record.at.boot >= injected.at.boot:
                return Mark(record.at, record.id)
            if event.answered >= injected.at.boot:
                return Mark(injected.at, record.id)
    return None


def _mitigated(state: RunState, records: Sequence[Record]) -> Mark | None:
    """The last verification, unless a later impact was ended by something else."""
    if late := _verified_late(state, records):
        return late
    verified = [r for r in records if isinstance(r.event, e.MitigationVerified)]
    if not verified:
        return None
    last = verified[-1]
    since = [i for i in felt(state) if i.end is None or i.end.boot >= last.at.boot]
    if any(attribute(state, i).attribution is not Attribution.RESPONDER for i in since):
        return None
    return Mark(last.at, last.id)


def _verified_late(state: RunState, records: Sequence[Record]) -> Mark | None:
    """What was entered when nobody conducted the run any more can show whose doing it was."""
    found = verify_mitigation(state, state.scenario) if state.scenario else None
    if found is None:
        return None
    back = [r for r in records if isinstance(r.event, e.ImpactEnded) and r.at == found.since]
    return Mark(found.since, back[-1].id) if back else None


def _resolved(state: RunState, valid: Sequence[Record]) -> Mark | None:
    """Of a run with several losses the last one counts, as for the mitigation."""
    true = {c.entry for c in state.claims if c.milestone is Milestone.RESOLVED and c.verdict}
    begun = felt(state)[-1].start.boot if felt(state) else 0
    of_it = [r for r in valid if r.id in true and r.at.boot >= begun]
    return _earliest(of_it, e.ResolutionClaimed)
