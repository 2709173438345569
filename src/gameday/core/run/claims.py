"""Claims against probes: a word is borne out, or it was a false all-clear.

A claim made up to ``settle`` before steady state came back still counts as true; the clean
window afterwards decides. Both wait until every probe has reported up to the moment that
matters, so a slow probe delays a judgement and never changes it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from gameday.core.instant import NANOSECONDS, Instant, seconds_between
from gameday.core.run.attribution import attribute
from gameday.core.run.presence import felt, presences
from gameday.core.run.state import Claim, Impact, RunState
from gameday.core.run.steady_state import possible_end, possible_start, watermark
from gameday.core.scenario.scenario import Scenario
from gameday.core.words import Attribution, Milestone

if TYPE_CHECKING:
    from gameday.core.run.commands import JudgeClaim, VerifyMitigation
# Commands are imported where one is made: a report makes few or none, and all of them cost 8 ms.


def awaited(state: RunState, claim: Claim) -> bool:
    """The probes will still have to say something on this claim: it counts, and there had been
    an impact that it could be about."""
    if claim.verdict is not None or claim.entry in state.annulled:
        return False
    return _impact_at(state, claim.at) is not None


def judge(state: RunState, scenario: Scenario, claim: Claim) -> JudgeClaim | None:
    """The verdict on a claim, or None while the probes have not said enough."""
    impact = _impact_at(state, claim.at)
    if impact is None:
        return None  # nothing had been felt; there is nothing to judge
    settled_by = claim.at.boot + round(scenario.verification.settle * NANOSECONDS)
    if impact.end is None:
        return _still_lost(state, claim, settled_by)
    if impact.end.boot > settled_by:
        late = seconds_between(claim.at, impact.end)
        return _refute(claim, f"steady state came back only {late:.1f} s after the claim")
    return _clean_since(state, scenario, claim, impact.end)


def judge_late(state: RunState, scenario: Scenario) -> tuple[RunState, tuple[JudgeClaim, ...]]:
    """What the probes say on claims that were entered when nobody conducted the run any more."""
    verdicts = tuple(
        verdict
        for claim in state.claims
        if awaited(state, claim) and (verdict := judge(state, scenario, claim)) is not None
    )
    said = {verdict.claim: verdict.since is not None for verdict in verdicts}
    claims = tuple(replace(c, verdict=said.get(c.entry, c.verdict)) for c in state.claims)
    return state._replace(claims=claims), verdicts


def verify_mitigation(state: RunState, scenario: Scenario) -> VerifyMitigation | None:
    """The verified mitigation, once the last impact's end by responders has held."""
    impacts = felt(state)
    if not impacts or impacts[-1].end is None:
        return None
    end = impacts[-1].end
    if state.mitigated_at is not None and state.mitigated_at.boot >= end.boot:
        return None
    if not _held(state, end.boot + round(scenario.verification.mitigated * NANOSECONDS)):
        return None
    finding = attribute(state, impacts[-1])
    if finding.attribution is not Attribution.RESPONDER:
        return None
    from gameday.core.run.commands import VerifyMitigation

    return VerifyMitigation(end, finding.evidence)


def _impact_at(state: RunState, at: Instant) -> Impact | None:
    """The impact during which, or else the last one before which, ``at`` lies."""
    begun = [impact for impact in state.impacts if impact.start.boot <= at.boot]
    return begun[-1] if begun else None


def _still_lost(state: RunState, claim: Claim, settled_by: int) -> JudgeClaim | None:
    if watermark(state.tracks, state.steady_probes) < settled_by:
        return None
    coming = possible_end(state.tracks, state.steady_probes)
    if coming is not None and coming <= settled_by:
        return None
    return _refute(claim, "steady state was still lost")


def _clean_since(
    state: RunState, scenario: Scenario, claim: Claim, since: Instant
) -> JudgeClaim | None:
    windows = scenario.verification
    window = windows.mitigated if claim.milestone is Milestone.MITIGATED else windows.resolved
    until = max(since.boot + round(window * NANOSECONDS), claim.at.boot)
    again = next((i.start for i in state.impacts if i.start.boot > since.boot), None)
    if again is not None and again.boot <= until and not _new_fault(state, since, again):
        good = seconds_between(since, again)
        return _refute(claim, f"steady state was lost again after {good:.1f} s")
    if again is not None or _held(state, until):
        return _judged(claim, since=since)
    return None


def _new_fault(state: RunState, since: Instant, until: Instant) -> bool:
    """A further fault went in meanwhile: the new impact says nothing against the old claim."""
    return any(p.certain and since.boot < p.since <= until.boot for p in presences(state))


def _held(state: RunState, until: int) -> bool:
    if watermark(state.tracks, state.steady_probes) < until or state.open_impact is not None:
        return False
    doubt = possible_start(state.tracks, state.steady_probes)
    return doubt is None or doubt > until


def _refute(claim: Claim, reason: str) -> JudgeClaim:
    return _judged(claim, refuted=reason)


def _judged(claim: Claim, *, since: Instant | None = None, refuted: str = "") -> JudgeClaim:
    from gameday.core.run.commands import JudgeClaim

    return JudgeClaim(claim.entry, claim.milestone, since, refuted)
