"""Rules about what is done to the system, and about when it is over."""

from __future__ import annotations

from collections.abc import Iterator

from gameday.core.duration import format_duration
from gameday.core.incident_process.account import Word
from gameday.core.incident_process.drill import Drill, Seen
from gameday.core.instant import NANOSECONDS
from gameday.core.log import events as e
from gameday.core.run.attribution import attribute
from gameday.core.words import Attribution


def unapproved_mitigation(drill: Drill) -> Iterator[Seen]:
    """What is done to mitigate has the commander's approval."""
    for deed in drill.deeds:
        if drill.hurt_at(deed.at) is not None:
            good = drill.approved(deed.at)
            what = "approved" if good else f"{deed.fact.by} acted without the commander's approval"
            yield Seen(good, what, (deed.entry,))
    for claim in _told(drill):
        good = drill.approved(claim.at)
        told = f"{claim.fact.by} mitigated without the commander's approval"
        yield Seen(good, "approved" if good else told, (claim.entry,))


def _told(drill: Drill) -> list[Word[e.MitigationClaimed]]:
    """Mitigations of which no deed is on record, as with most people and in every tabletop: claims
    by which an impact's end is theirs."""
    found = [attribute(drill.state, impact) for impact in drill.state.impacts]
    theirs = {
        entry
        for finding in found
        if finding.attribution is Attribution.RESPONDER
        for entry in finding.evidence
    }
    return [word for word in drill.account.all(e.MitigationClaimed) if word.entry in theirs]


def fitting_mitigation(drill: Drill) -> Iterator[Seen]:
    """What was chosen is something that nothing forbids and that lacks nothing."""
    if drill.scenario.situation == type(drill.scenario.situation)():
        return
    refused = {refusal.id: refusal for refusal in drill.advice.refused}
    known = {option.id for option in drill.process.mitigation.options}
    for approval, proposal in drill.approvals():
        against = refused.get(proposal.fact.option)
        events = (proposal.entry, approval.entry)
        if proposal.fact.option not in known:
            yield Seen(False, f"{proposal.fact.option} was chosen: no option of the matrix", events)
        elif against is not None:
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
