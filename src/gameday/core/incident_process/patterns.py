"""Rules over a run's whole log: each says what it has seen, good and bad, and where.

A rule that has seen nothing had no occasion. Sources are named in the table of rules.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from gameday.core import events as e
from gameday.core.duration import format_duration
from gameday.core.incident_process.account import Word
from gameday.core.incident_process.blame import blaming
from gameday.core.incident_process.drill import Drill
from gameday.core.incident_process.severity import Impact, severity_of
from gameday.core.instant import NANOSECONDS, Instant
from gameday.core.words import Role, StatusPhase

COMMANDER = Role.INCIDENT_COMMANDER
TRIAGE = ("impact", "how_many", "worsening", "what_changed", "mitigable_now")
"""The five questions of the triage form."""


@dataclass(frozen=True, slots=True)
class Seen:
    """Something that speaks for the rule, or against it."""

    good: bool
    what: str
    events: tuple[str, ...] = ()


def severity(drill: Drill) -> Iterator[Seen]:
    """The severity declared last is the one that the tree gives for what is true."""
    said: list[Word[e.Declared | e.SeverityChanged]] = [
        *drill.account.all(e.Declared),
        *drill.account.all(e.SeverityChanged),
    ]
    if not said or drill.scenario.impact == Impact():
        return
    last = max(said, key=lambda word: word.at.boot)
    answer = severity_of(drill.scenario.impact, drill.process.severity)
    why = f"declared {last.fact.severity}; it is a {answer.severity}: {', '.join(answer.because)}"
    yield Seen(last.fact.severity is answer.severity, why, (last.entry,))


def triage_form(drill: Drill) -> Iterator[Seen]:
    """Triage answers all five questions."""
    for word in drill.account.all(e.Triaged):
        open_ = [question for question in TRIAGE if not word.fact.answers.get(question)]
        what = f"not answered: {', '.join(open_)}" if open_ else "all five questions are answered"
        yield Seen(not open_, what, (word.entry,))


def hypotheses_tested(drill: Drill) -> Iterator[Seen]:
    """A hypothesis says how it can be tested, and the test is made."""
    stated = drill.account.all(e.HypothesisStated)
    judged = {_about(verdict, stated) for verdict in drill.account.all(e.HypothesisJudged)}
    for word in stated:
        lacks = [] if word.fact.evidence else ["evidence"]
        lacks += [] if word.fact.test else ["a test"]
        lacks += [] if word.entry in judged else ["a verdict"]
        what = f"a hypothesis without {' and '.join(lacks)}" if lacks else "a hypothesis was tested"
        yield Seen(not lacks, what, (word.entry,))


def _about(verdict: Word[e.HypothesisJudged], stated: list[Word[e.HypothesisStated]]) -> str | None:
    earlier = [word.entry for word in stated if word.at.boot <= verdict.at.boot]
    return verdict.fact.entry or (earlier[-1] if earlier else None)


def commander_debugs(drill: Drill) -> Iterator[Seen]:
    """Who commands does not touch the system and chases no cause."""
    tenures = list(drill.account.tenures(COMMANDER))
    if not tenures:
        return
    found = False
    hands_on: list[Word[e.ResponderFact]] = [*drill.deeds, *drill.account.all(e.HypothesisStated)]
    for word in hands_on:
        if word.fact.by in drill.account.holders(COMMANDER, word.at):
            found = True
            yield Seen(False, f"{word.fact.by} commanded and debugged", (word.entry,))
    if not found:
        entries = tuple(t.entry for t in tenures if t.entry)
        yield Seen(True, "the commander kept their hands free", entries)


def too_many_in_charge(drill: Drill) -> Iterator[Seen]:
    """One commander at a time, who hands over; only they decide."""
    tenures = list(drill.account.tenures(COMMANDER))
    if not tenures:
        return
    bad = list(_rivals(drill))
    entries = tuple(t.entry for t in tenures if t.entry)
    yield from bad or [Seen(True, "one commander at a time", entries)]


def _rivals(drill: Drill) -> Iterator[Seen]:
    came = {t.holder for t in drill.account.tenures(COMMANDER) if t.entry is None}
    if len(came) > 1:
        yield Seen(False, f"{' and '.join(sorted(came))} came as commanders")
    for word in drill.account.all(e.RoleAssigned):
        before = _just_before(word.at)
        rivals = drill.account.holders(COMMANDER, before) - {word.fact.holder}
        if word.fact.role is COMMANDER and rivals and word.fact.by not in rivals:
            holder, rival = word.fact.holder, ", ".join(sorted(rivals))
            yield Seen(False, f"{holder} took the command while {rival} had it", (word.entry,))
    for approval in drill.account.all(e.MitigationApproved):
        if approval.fact.by not in drill.account.holders(COMMANDER, approval.at):
            yield Seen(False, f"{approval.fact.by} decided and did not command", (approval.entry,))


def _just_before(at: Instant) -> Instant:
    return Instant(at.wall, at.boot - 1, at.boot_id)


def hero(drill: Drill) -> Iterator[Seen]:
    """Nobody does it all alone while there are no roles."""
    deeds: dict[str, dict[str, str]] = defaultdict(dict)
    everything = [(word.entry, word.fact) for word in drill.account.said]
    for entry, fact in (*everything, *((word.entry, word.fact) for word in drill.deeds)):
        if isinstance(fact, _DEEDS):
            deeds[fact.by].setdefault(type(fact).__name__, entry)
    if not deeds:
        return
    shared = {t.holder for role in Role for t in drill.account.tenures(role) if role in _IN_CHARGE}
    person, most = max(deeds.items(), key=lambda item: (len(item[1]), item[0]))
    entries = tuple(most.values())
    if len(most) >= drill.policy.patterns.hero_deeds and len(shared) < 2:
        yield Seen(
            False, f"{person} did {len(most)} different things, and nobody had a role", entries
        )
    else:
        yield Seen(True, "the work was shared", entries)


_DEEDS = (
    e.Acknowledged,
    e.Declared,
    e.Triaged,
    e.HypothesisStated,
    e.MitigationProposed,
    e.ActionTaken,
    e.MitigationClaimed,
    e.Communicated,
    e.ResolutionClaimed,
)
_IN_CHARGE = (COMMANDER, Role.TECH_LEAD, Role.COMMS_LEAD, Role.SCRIBE)


def uncoordinated_debugging(drill: Drill) -> Iterator[Seen]:
    """Two people do not change the system at the same time unless the commander knows."""
    window = drill.process.paced(drill.policy.patterns.uncoordinated_within)
    by = {word.fact.by for word in drill.deeds}
    if len(by) < 2:
        return
    found = False
    for first, second in pairwise(drill.deeds):
        near = (second.at.boot - first.at.boot) / NANOSECONDS <= window
        if first.fact.by != second.fact.by and near and not _approved(drill, first.at):
            found = True
            what = f"{first.fact.by} and {second.fact.by} changed the system side by side"
            yield Seen(False, what, (first.entry, second.entry))
    if not found:
        yield Seen(True, "changes came one after another", tuple(w.entry for w in drill.deeds))


def _approved(drill: Drill, at: Instant) -> bool:
    """A commander had approved something by then."""
    return any(
        approval.at.boot <= at.boot
        and approval.fact.by in drill.account.holders(COMMANDER, approval.at)
        for approval, _ in drill.approvals()
    )


def unapproved_mitigation(drill: Drill) -> Iterator[Seen]:
    """What is done to mitigate has the commander's approval."""
    for deed in drill.deeds:
        if drill.hurt_at(deed.at) is not None:
            good = _approved(drill, deed.at)
            what = "approved" if good else f"{deed.fact.by} acted without the commander's approval"
            yield Seen(good, what, (deed.entry,))


def fitting_mitigation(drill: Drill) -> Iterator[Seen]:
    """What was chosen is something that nothing forbids and that lacks nothing."""
    if drill.scenario.situation == type(drill.scenario.situation)():
        return
    refused = {refusal.id: refusal for refusal in drill.advice.refused}
    for approval, proposal in drill.approvals():
        against = refused.get(proposal.fact.option)
        events = (proposal.entry, approval.entry)
        if against is not None:
            why = "; ".join(against.reasons)
            yield Seen(False, f"{proposal.fact.option} was chosen: {why}", events)
        else:
            first = drill.advice.recommended
            also = "" if proposal.fact.option == first else f"; the matrix puts {first} first"
            yield Seen(True, f"{proposal.fact.option} was chosen{also}", events)


def rollback_debate(drill: Drill) -> Iterator[Seen]:
    """A rollback that is called for is decided and not debated."""
    declared = drill.account.declared
    if declared is None or drill.advice.recommended != "rollback":
        return
    within = drill.process.paced(drill.policy.patterns.decide_within)
    decided = [
        (approval, proposal)
        for approval, proposal in drill.approvals()
        if proposal.fact.option == "rollback"
    ]
    latest = declared.at.boot + round(within * NANOSECONDS)
    if decided and decided[0][0].at.boot <= latest:
        approval, proposal = decided[0]
        yield Seen(True, "the rollback was decided in time", (proposal.entry, approval.entry))
    elif latest <= drill.ended.boot:
        events = (declared.entry, *(word.entry for pair in decided for word in pair))
        limit = format_duration(round(within, 1))
        yield Seen(False, f"a rollback was called for and not decided within {limit}", events)


def early_resolution(drill: Drill) -> Iterator[Seen]:
    """Nobody calls it resolved before users have been well for long enough."""
    stable = drill.process.paced(drill.policy.verification.stable)
    for word in drill.account.all(e.ResolutionClaimed):
        clean = drill.clean_for(word.at)
        if clean is None:
            yield Seen(False, "called resolved while users were hurt", (word.entry,))
        elif clean < stable:
            limit = format_duration(round(stable, 1))
            what = f"called resolved after {clean:.1f} s without impact, not after {limit}"
            yield Seen(False, what, (word.entry,))
        else:
            yield Seen(True, "called resolved when it had been stable", (word.entry,))


def resolution_checklist(drill: Drill) -> Iterator[Seen]:
    """What no sample can tell is checked off before it is called resolved."""
    done = {word.fact.item: word for word in reversed(drill.account.all(e.ItemChecked))}
    for word in drill.account.all(e.ResolutionClaimed):
        wanted = drill.policy.verification.checklist
        open_ = [i for i in wanted if i not in done or done[i].at.boot > word.at.boot]
        what = f"not checked off: {', '.join(open_)}" if open_ else "the checklist was done"
        yield Seen(not open_, what, (word.entry, *(done[i].entry for i in wanted if i in done)))


def closed_quietly(drill: Drill) -> Iterator[Seen]:
    """It is closed only after a quiet time."""
    quiet = drill.process.paced(drill.policy.verification.quiet)
    for word in drill.account.all(e.ItemChecked):
        if word.fact.item.startswith("close."):
            clean = drill.clean_for(word.at)
            good = clean is not None and clean >= quiet
            limit = format_duration(round(quiet, 1))
            what = f"closed {'after' if good else 'before'} {limit} of quiet"
            yield Seen(good, what, (word.entry,))


def status_lifecycle(drill: Drill) -> Iterator[Seen]:
    """The status page goes forward: investigating, identified, monitoring, resolved."""
    posts = [w for w in drill.account.all(e.Communicated) if w.fact.status is not None]
    order = list(StatusPhase)
    back = [
        (first, second)
        for first, second in pairwise(posts)
        if first.fact.status
        and second.fact.status
        and order.index(second.fact.status) < order.index(first.fact.status)
    ]
    for first, second in back:
        what = f"the status page went from {first.fact.status} back to {second.fact.status}"
        yield Seen(False, what, (first.entry, second.entry))
    for post in posts:
        if post.fact.status is StatusPhase.RESOLVED and drill.hurt_at(post.at) is not None:
            yield Seen(False, "the status page said resolved while users were hurt", (post.entry,))
    if posts and not back:
        yield Seen(True, "the status page went forward", tuple(post.entry for post in posts))


def vendor_ticket(drill: Drill) -> Iterator[Seen]:
    """A vendor is called in with a ticket, whose number is on record."""
    for word in drill.account.all(e.Escalated):
        if word.fact.to == drill.policy.escalation.vendor:
            what = f"ticket {word.fact.ticket}" if word.fact.ticket else "a vendor without a ticket"
            yield Seen(bool(word.fact.ticket), what, (word.entry,))


def side_conversations(drill: Drill) -> Iterator[Seen]:
    """What is said is said where all can hear it. No log shows what was not: observers do."""
    seen = [w for w in drill.account.all(e.PatternObserved) if w.fact.rule == "side_conversations"]
    for word in seen:
        yield Seen(False, f"{word.fact.by} saw: {word.fact.text}", (word.entry,))
    watching = [t.holder for role in _WATCHING for t in drill.account.tenures(role)]
    if watching and not seen:
        yield Seen(True, f"{', '.join(sorted(set(watching)))} saw none")


_WATCHING = (Role.OBSERVER, Role.FACILITATOR)


def blame(drill: Drill) -> Iterator[Seen]:
    """Nobody is blamed in what is said."""
    for word in drill.texts:
        for found in blaming(word.fact.text):
            yield Seen(False, f"“{found.phrase}”: rather {found.instead}", (word.entry,))
    if drill.texts and not any(blaming(word.fact.text) for word in drill.texts):
        yield Seen(True, "nobody was blamed")


def review_held(drill: Drill) -> Iterator[Seen]:
    """A review of what was severe is held, also of a SEV2."""
    if drill.account.severity not in drill.policy.review.severities:
        return
    for word in drill.account.all(e.FollowUpRecorded):
        if word.fact.item == "review":
            what = "the review was held" if word.fact.done else "the review was left out"
            yield Seen(word.fact.done, what, (word.entry,))


def review_actions(drill: Drill) -> Iterator[Seen]:
    """A review ends in actions, and each has an owner and a day."""
    held = [w for w in drill.account.all(e.FollowUpRecorded) if w.fact.item == "review"]
    if not any(word.fact.done for word in held):
        return
    items = drill.account.all(e.ActionItemAdded)
    if not items:
        yield Seen(False, "a review without actions", (held[-1].entry,))
    for item in items:
        lacks = [name for name in ("owner", "due") if not getattr(item.fact, name)]
        what = f"an action without {' and '.join(lacks)}" if lacks else "an action with its owner"
        yield Seen(not lacks, what, (item.entry,))
