"""The one table of what may happen when. Illegal events are refused and change nothing.

ARCHITECTURE.md shows :func:`diagram`'s output; CI fails when the two differ.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gameday.core.errors import IllegalCommand
from gameday.core.log import events as e
from gameday.core.log.events import Event
from gameday.core.words import RunPhase

_P = RunPhase
NOT_ENDED = frozenset(phase for phase in _P if not phase.ended)
ANY = frozenset(_P)
ACTIVE = frozenset({_P.RUNNING, _P.PAUSED, _P.ROLLING_BACK})
READY = frozenset({_P.SCHEDULED, _P.APPROVED})


@dataclass(frozen=True, slots=True)
class Rule:
    """An event is allowed in these phases; ``to`` is the phase after it, None: the same."""

    allowed: frozenset[RunPhase]
    to: RunPhase | None = None


MOVES: Mapping[type[Event], Rule] = {
    e.RunStarted: Rule(READY, _P.RUNNING),
    e.RunRefused: Rule(READY, _P.ABORTED),
    e.RunPaused: Rule(frozenset({_P.RUNNING}), _P.PAUSED),
    e.RunResumed: Rule(frozenset({_P.PAUSED}), _P.RUNNING),
    e.RollbackStarted: Rule(frozenset(READY | {_P.RUNNING, _P.PAUSED}), _P.ROLLING_BACK),
    e.RunCompleted: Rule(frozenset({_P.ROLLING_BACK}), _P.COMPLETED),
    e.RunAborted: Rule(frozenset({_P.ROLLING_BACK}), _P.ABORTED),
}

STAYS: Mapping[type[Event], Rule] = {
    e.LeaseTaken: Rule(ANY),
    e.InjectSent: Rule(frozenset({_P.RUNNING})),
    e.FaultIntended: Rule(frozenset({_P.RUNNING, _P.PAUSED})),
    e.FaultRefused: Rule(ACTIVE),
    e.FaultInjected: Rule(ACTIVE),
    e.FaultFailed: Rule(ACTIVE),
    e.FaultObserved: Rule(ANY),
    # A stuck fault is undone by `recover` also when the run itself has long ended.
    e.FaultUndoing: Rule(ANY),
    e.FaultUndone: Rule(ANY),
    e.FaultStuck: Rule(ANY),
    e.SamplesRecorded: Rule(NOT_ENDED),
    e.ImpactStarted: Rule(ACTIVE),
    e.ImpactEnded: Rule(ACTIVE),
    e.ClaimConfirmed: Rule(ACTIVE),
    e.ClaimRefuted: Rule(ACTIVE),
    e.MitigationVerified: Rule(ACTIVE),
    e.DutyFellDue: Rule(ACTIVE),
    e.DutyMissed: Rule(ACTIVE),
}

_PLAIN: Mapping[type[Event], str] = {
    e.RunPaused: "pausing",
    e.RunResumed: "resuming",
    e.RollbackStarted: "stopping",
}

_FACTS = Rule(ANY)  # what people say is always accepted, and judged later


def rule_for(event: type[Event]) -> Rule:
    """The table's row for an event type."""
    if issubclass(event, e.ResponderFact):
        return _FACTS
    return MOVES.get(event) or STAYS[event]


def phase_after(phase: RunPhase | None, event: Event) -> RunPhase:
    """The phase that ``event`` leads to; raises IllegalCommand where the table has no such move."""
    if isinstance(event, e.RunScheduled):
        if phase is not None:
            raise IllegalCommand("this run exists already")
        return _P.SCHEDULED
    if phase is None:
        raise IllegalCommand("no such run", hint="`gameday get runs` lists them")
    rule = rule_for(type(event))
    if phase not in rule.allowed:
        allowed = ", ".join(sorted(rule.allowed))
        what = _PLAIN.get(type(event), type(event).__name__)
        raise IllegalCommand(
            f"{what} is not possible: the run is {str(phase).replace('_', ' ')}",
            hint=f"it is possible while the run is: {allowed}",
        )
    return rule.to or phase


def diagram() -> str:
    """The life of a run as a Mermaid state diagram, drawn from the table."""
    lines = ["stateDiagram-v2", f"    [*] --> {_P.SCHEDULED}: RunScheduled"]
    for event, rule in MOVES.items():
        lines += [
            f"    {phase} --> {rule.to}: {event.__name__}" for phase in _P if phase in rule.allowed
        ]
    lines += [f"    {phase} --> [*]" for phase in _P if phase.ended]
    return "\n".join(lines)


if __name__ == "__main__":  # the text for ARCHITECTURE.md
    print(diagram())  # noqa: T201
