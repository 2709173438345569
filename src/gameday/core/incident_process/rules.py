"""Each rule of the process held against a run: kept, broken, or not asked for, with the evidence.

No rule gives or takes points: what is timed against a target is scored there, once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from gameday.core.duration import format_duration
from gameday.core.incident_process import message_rules, mitigation_rules, people_rules
from gameday.core.incident_process.drill import Drill, Seen
from gameday.core.incident_process.duties import duties
from gameday.core.incident_process.duty import Duty
from gameday.core.instant import NANOSECONDS, Instant
from gameday.core.log.events import Record
from gameday.core.process_tables.rule_table import Rule
from gameday.core.run.state import RunState
from gameday.core.words import RuleVerdict


@dataclass(frozen=True, slots=True)
class RuleOutcome:
    """A rule, held against a run. events: the entries that show it."""

    rule: Rule
    verdict: RuleVerdict
    why: str
    events: tuple[str, ...]


DUTIES = (
    "response_time",
    "declaration",
    "roles",
    "room",
    "status_post",
    "internal_update",
    "external_update",
    "silence",
    "escalation",
    "special_cases",
    "hand_over",
    "paging",
)
"""Rules that are kept by duties done in time."""

PATTERNS: Mapping[str, Callable[[Drill], Iterator[Seen]]] = {
    "severity": people_rules.severity,
    "triage_form": people_rules.triage_form,
    "hypotheses_tested": people_rules.hypotheses_tested,
    "commander_debugs": people_rules.commander_debugs,
    "too_many_in_charge": people_rules.too_many_in_charge,
    "hero": people_rules.hero,
    "uncoordinated_debugging": people_rules.uncoordinated_debugging,
    "unapproved_mitigation": mitigation_rules.unapproved_mitigation,
    "fitting_mitigation": mitigation_rules.fitting_mitigation,
    "rollback_debate": mitigation_rules.rollback_debate,
    "early_resolution": mitigation_rules.early_resolution,
    "resolution_checklist": mitigation_rules.resolution_checklist,
    "closed_quietly": mitigation_rules.closed_quietly,
    "status_lifecycle": message_rules.status_lifecycle,
    "vendor_ticket": message_rules.vendor_ticket,
    "side_conversations": people_rules.side_conversations,
    "blame": people_rules.blame,
    "review_held": message_rules.review_held,
    "review_actions": message_rules.review_actions,
}
"""Rules over the whole log. Each gives what it has seen, good and bad."""


def rule_outcomes(
    state: RunState, records: Sequence[Record], ended: Instant
) -> tuple[RuleOutcome, ...]:
    """One outcome for each rule of the run's process, in its order; none where it has none."""
    if state.process is None or state.scenario is None:
        return ()
    drill = Drill(state, state.process, state.scenario, records, ended)
    owed = duties(state)
    return tuple(_outcome(rule, drill, owed) for rule in state.process.rules.rules)


def _outcome(rule: Rule, drill: Drill, owed: Sequence[Duty]) -> RuleOutcome:
    if rule.id in DUTIES:
        seen = list(_duties_seen(drill, [duty for duty in owed if duty.rule == rule.id]))
    elif rule.id in PATTERNS:
        seen = list(PATTERNS[rule.id](drill))
    else:  # the log of another version: what it asked cannot be looked for any more
        return RuleOutcome(rule, RuleVerdict.NOT_ASKED, "this version does not know it", ())
    seen += people_rules.observed(drill, rule.id)
    bad = [each for each in seen if not each.good]
    if bad:
        return RuleOutcome(rule, RuleVerdict.BROKEN, _told(bad), _events(bad))
    if seen:
        return RuleOutcome(rule, RuleVerdict.KEPT, _told(seen), _events(seen))
    return RuleOutcome(rule, RuleVerdict.NOT_ASKED, "there was no occasion for it", ())


def _told(seen: Sequence[Seen]) -> str:
    """What was seen, each once."""
    return "; ".join(dict.fromkeys(each.what for each in seen))


def _events(seen: Sequence[Seen]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(event for each in seen for event in each.events))


def _duties_seen(drill: Drill, owed: Sequence[Duty]) -> Iterator[Seen]:
    """Duties that were done, and those that were not when their grace was over."""
    grace = round(drill.process.paced(drill.policy.patterns.grace) * NANOSECONDS)
    last = drill.state.rollback_at or drill.ended
    for duty in owed:
        due = duty.due(drill.state)
        done = (duty.done.entry,) if duty.done else ()
        if duty.owed_at(due + grace) and due + grace <= last.boot:
            limit = format_duration(round(duty.within, 1))
            told = f"not within {limit}" if duty.within else "not at once"
            shown = (*((drill.missed[duty.id],) if duty.id in drill.missed else ()), *done)
            yield Seen(False, f"{duty.title}: {told}", shown)
        elif duty.done is not None:
            yield Seen(True, f"{duty.title}: in time", done)
