"""Rules about people: severity and triage, roles and who is in charge, how they talk."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise

from gameday.core.incident_process.account import Word
from gameday.core.incident_process.blame import blaming
from gameday.core.incident_process.drill import Drill, Seen
from gameday.core.instant import NANOSECONDS, Instant
from gameday.core.log import events as e
from gameday.core.process_tables.severity import severity_of
from gameday.core.scenario.impact import Impact
from gameday.core.words import Role

COMMANDER = Role.INCIDENT_COMMANDER
_ASKED_BEFORE = ("impact", "how_many", "worsening", "what_changed", "mitigable_now")
"""The questions of the triage form, as they were when logs did not hold them."""


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
    """Triage answers all questions of its form; a team that has no such form is asked nothing."""
    asked = _ASKED_BEFORE if drill.process.triage is None else drill.process.triage
    for word in drill.account.all(e.Triaged) if asked else ():
        open_ = [question for question in asked if not word.fact.answers.get(question, "").strip()]
        what = f"not answered: {', '.join(open_)}" if open_ else "all questions are answered"
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
    for word in drill.account.role_changes(COMMANDER):
        before = _just_before(word.at)
        rivals = drill.account.holders(COMMANDER, before) - {word.fact.holder}
        if rivals and word.fact.by not in rivals:  # who has it may give it away
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
            False, f"{person} did {len(most)} different things, and nobody else had a role", entries
        )
    else:
        yield Seen(True, "no one was alone with it", entries)


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
        if first.fact.by != second.fact.by and near and not drill.approved(first.at):
            found = True
            what = f"{first.fact.by} and {second.fact.by} changed the system side by side"
            yield Seen(False, what, (first.entry, second.entry))
    if not found:
        yield Seen(True, "changes came one after another", tuple(w.entry for w in drill.deeds))


def side_conversations(drill: Drill) -> Iterator[Seen]:
    """What is said is said where all can hear it. No log shows what was not: observers do."""
    watching = [t.holder for role in _WATCHING for t in drill.account.tenures(role)]
    if watching and not list(observed(drill, "side_conversations")):
        yield Seen(True, f"{', '.join(sorted(set(watching)))} saw none")


def observed(drill: Drill, rule: str) -> Iterator[Seen]:
    """What observers say against a rule, whatever the log shows of it."""
    for word in drill.account.all(e.PatternObserved):
        if word.fact.rule == rule:
            yield Seen(False, f"{word.fact.by} saw: {word.fact.text}", (word.entry,))


_WATCHING = (Role.OBSERVER, Role.FACILITATOR)


def blame(drill: Drill) -> Iterator[Seen]:
    """Nobody is blamed in what is said, by the words of the run's own table; the logs of older
    versions hold none, and nothing is said of them."""
    table = drill.process.blame
    if table is None:
        return
    wanted = table.wanted(drill.people)
    said = [(word, blaming(text, wanted)) for word, text in drill.texts]
    found = [(word, each) for word, phrases in said for each in phrases]
    for word, each in found:
        yield Seen(False, f"“{each.phrase}”: rather {each.instead}", (word.entry,))
    if drill.texts and not found:
        yield Seen(True, "nobody was blamed")
