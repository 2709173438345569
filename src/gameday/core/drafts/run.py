"""Questions that a draft has about a run, each answered in words or with a visible gap."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from gameday.core.drafts.felt_impact import ProbeImpact, probe_impacts
from gameday.core.drafts.words import clock, clock_s, percent, span, to_fill
from gameday.core.incident_process.account import Account, Word
from gameday.core.incident_process.standing import Standing
from gameday.core.instant import Instant
from gameday.core.log import events as e
from gameday.core.scorecard.scorecard import Scorecard
from gameday.core.words import (
    Attribution,
    Audience,
    HypothesisVerdict,
    Milestone,
    Role,
    Severity,
    StatusPhase,
)

UPDATE_EVERY_S = 900
"""Seconds between two updates inside: 15 minutes, as both runbooks (002, 003) have it. The
policy of the run's own process comes first."""

PUBLIC_EVERY_S = 1800
"""Seconds after which a status page must speak again: 30 minutes (003; 002's upper end)."""

_SHORT_S = 300
"""Seconds under which a time is told to the second: a drill's pace can make minutes of hours."""

_ENDED_BY = {
    Attribution.RESPONDER: "what responders did",
    Attribution.ROLLBACK: "the end of the exercise, not the response",
    Attribution.ABORT: "the exercise was stopped",
    Attribution.SELF_HEALED: "it went away by itself",
    Attribution.AMBIGUOUS: "not certain: the log allows two readings",
}


@dataclass(frozen=True)
class Asked:
    """A run, asked what needs more than one place of its scorecard. wanted: the phase it is to be
    told as in, where that is not what it has come to."""

    card: Scorecard
    wanted: StatusPhase | None = None

    @cached_property
    def account(self) -> Account:
        """What people said and did."""
        return Account(self.card.state, self.card.records)

    @cached_property
    def now(self) -> Standing:
        """What of it holds now."""
        return Standing(self.account)

    @property
    def severity(self) -> Severity:
        """As declared last, else the scenario's."""
        return self.card.severity.declared or self.card.scenario.severity

    def reached(self, milestone: Milestone) -> Instant | None:
        """When it was, None if it was not."""
        mark = self.card.milestones[milestone]
        return mark.at if mark else None

    @property
    def ended(self) -> bool:
        """Nothing can happen to the run any more."""
        return self.card.state.phase is not None and self.card.state.phase.ended

    @property
    def hurt(self) -> Instant | None:
        """When users were first hurt; by a fault, where one was in."""
        impacts = self.card.impacts
        return self.reached(Milestone.IMPACTED) or (impacts[0].start.at if impacts else None)

    @property
    def well(self) -> Instant | None:
        """When steady state came back for the last time; None while it is lost."""
        impacts = self.card.impacts
        end = impacts[-1].end if impacts else None
        return end.at if end else None

    @property
    def duration(self) -> str:
        """From the first hurt to the last time steady state came back."""
        hurt = self.hurt
        if hurt is None:
            return to_fill("how long users were hurt")
        lasted = span(self.card.offset(self.well or self.card.ended) - self.card.offset(hurt))
        return lasted if self.well else f"{lasted} so far"

    @cached_property
    def probes(self) -> tuple[ProbeImpact, ...]:
        """What each probe of the steady state measured while users were hurt."""
        return probe_impacts(self.card)

    @property
    def impact(self) -> str:
        """How bad it is, by the probe that sees the most of it."""
        if not self.card.steady_state.samples:
            return to_fill("how many users are hit, and how")
        if not self.card.impacts:
            return "none that the probes have measured"
        if self._worst is None:
            return to_fill("how many users are hit: no probe read anything meanwhile")
        share, worst = self._worst
        slow = "" if worst.worst_ms is None else f", slowest {worst.worst_ms:.0f} ms"
        return f"{percent(share)} of the readings of {worst.probe} failed{slow}"

    @property
    def public_impact(self) -> str:
        """The same without names of probes, for people outside."""
        if self._worst is None:
            return to_fill("how many requests are hit, and how")
        return f"about {percent(self._worst[0])} of our checks failed"

    @property
    def _worst(self) -> tuple[float, ProbeImpact] | None:
        shares = [(one.share, one) for one in self.probes if one.share is not None]
        return max(shares, key=lambda pair: pair[0], default=None)

    @property
    def symptom(self) -> str:
        """What people said was wrong: the declaration's words, else who noticed first."""
        said = [*self.account.all(e.Declared), *self.account.all(e.Detected)]
        return next((entry.fact.text for entry in said if entry.fact.text.strip()), "")

    @cached_property
    def people(self) -> tuple[str, ...]:
        """Everybody who spoke, came with a role or was given one, each once."""
        spoke = [word.fact.by for word in self.account.said]
        came = [person.name for person in self.card.scenario.participants]
        given = [word.fact.holder for role in Role for word in self.account.role_changes(role)]
        return tuple(dict.fromkeys((*spoke, *came, *given)))

    def holder(self, role: Role) -> str:
        """Who holds a role now."""
        return self.now.holders.get(role) or to_fill(f"who is {role.replace('_', ' ')}")

    @property
    def suspected(self) -> e.HypothesisStated:
        """The hypothesis that stands; one without words where none does."""
        stands = self.now.hypothesis
        return stands.fact if stands else e.HypothesisStated(by="")

    @property
    def standing(self) -> str:
        """What the test of the standing hypothesis said."""
        stands = self.now.hypothesis
        if stands is None:
            return to_fill("what its test said")
        return str(self.now.verdicts.get(stands.entry, "not settled"))

    @property
    def cause(self) -> str:
        """The hypothesis, if its test confirmed it."""
        return self.suspected.text if self.standing == HypothesisVerdict.CONFIRMED else ""

    @property
    def ended_by(self) -> str:
        """What ended the impact."""
        known = self.card.attribution.attribution
        return _ENDED_BY.get(known) or to_fill("what ended it")

    @property
    def last_action(self) -> str:
        """The newest deed, by whom and when."""
        last = self.account.last(e.ActionTaken)
        if last is None:
            return ""
        what = last.fact.text.strip() or last.fact.detail
        done = "" if last.fact.ok else ", in vain"
        return f"{what} ({last.fact.by}, {clock(last.at, 'when')}{done})"

    @property
    def next_action(self) -> str:
        """What was approved and not done since."""
        approved, last = self.now.approved, self.account.last(e.ActionTaken)
        if approved is None or (last is not None and self._since(approved, last)):
            return ""
        said = approved.fact.text.strip() or approved.fact.option.replace("_", " ")
        return f"{said} (approved)"

    def _since(self, one: Word[e.ResponderFact], other: Word[e.ResponderFact]) -> bool:
        return self.card.offset(other.at) >= self.card.offset(one.at)

    @property
    def phase(self) -> StatusPhase:
        """Of the incident: the further of what was said and what the log bears out, and never
        past ``identified`` while users are hurt."""
        if self.wanted is not None:
            return self.wanted
        phase = max(self.now.status or StatusPhase.INVESTIGATING, self._seen, key=_order)
        hurt_now = self.card.state.open_impact is not None
        return min(phase, StatusPhase.IDENTIFIED, key=_order) if hurt_now else phase

    @property
    def _seen(self) -> StatusPhase:
        if self.reached(Milestone.RESOLVED):
            return StatusPhase.RESOLVED
        if self.reached(Milestone.MITIGATED):
            return StatusPhase.MONITORING
        known = bool(self.cause) or self.now.approved is not None
        return StatusPhase.IDENTIFIED if known else StatusPhase.INVESTIGATING

    def due(self, audience: Audience) -> str:
        """When an audience is to hear again: counted from when it last did, else from the
        declaration."""
        if self.phase is StatusPhase.RESOLVED:
            return "none, it is resolved"
        told = self.now.told(audience)
        last = told[-1].at if told else self.reached(Milestone.DECLARED)
        if last is None:
            return to_fill("when the next update comes")
        every = self._every(audience)
        at = last.plus(every)
        return f"{clock_s(at)} UTC" if every < _SHORT_S else clock(at, "")

    def _every(self, audience: Audience) -> float:
        """Seconds between two messages, by the run's own policy where it has one."""
        inside = audience is Audience.INTERNAL
        usual = UPDATE_EVERY_S if inside else PUBLIC_EVERY_S
        process = self.card.state.process
        if process is None:
            return usual
        asked = process.policy.communication
        times = asked.internal_every if inside else asked.external_every
        return process.paced(times.get(self.severity, usual))

    @property
    def waited(self) -> float | None:
        """Seconds for which users have waited for a mitigation; None if they were not hurt."""
        hurt = self.hurt
        if hurt is None:
            return None
        until = self.reached(Milestone.MITIGATED) or self.well or self.card.ended
        return self.card.offset(until) - self.card.offset(hurt)

    @property
    def waiting(self) -> str:
        """The same in words."""
        waited = self.waited
        return to_fill("how long users have waited") if waited is None else span(waited)

    @property
    def escalate_to(self) -> str:
        """Who is to be called in next: by the run's own policy, the last whose time has come and
        who was not called yet, else the first whose time will come."""
        process, declared = self.card.state.process, self.reached(Milestone.DECLARED)
        if process is None:
            return "team lead"
        steps = [
            step
            for step in sorted(process.policy.escalation.steps, key=lambda step: step.after)
            if self.severity in step.severities and not self.account.called_in(step.to)
        ]
        passed = self.card.offset(self.card.ended) - self.card.offset(declared) if declared else 0.0
        come = [step for step in steps if process.paced(step.after) <= passed]
        for step in (*come[-1:], *steps[:1]):
            return step.to.replace("_", " ")
        return to_fill("who else can help")


def _order(phase: StatusPhase) -> int:
    return tuple(StatusPhase).index(phase)
