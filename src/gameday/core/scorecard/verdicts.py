"""Three verdicts that say different things, kept apart.

run: was the exercise valid? system: did steady state hold, or come back? people: were the
targets met? Each has reasons in words.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gameday.core.run.presence import first_in, presences
from gameday.core.run.state import FaultStatus, RunState
from gameday.core.run.times import ResponseTime
from gameday.core.words import Cause, Expects, TimeVerdict

NOBODY_LOOKED = "nobody looked at steady state after the conductor was gone"
NONE_FELT = "no impact was felt"
NONE_SEEN = "no impact was seen before the conductor was gone"


@dataclass(frozen=True, slots=True)
class Verdict:
    """A verdict in one word, with reasons."""

    verdict: str
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Verdicts:
    """run: valid, invalid, aborted, refused, unsafe or unfinished.
    system: held, recovered, not_recovered or unknown.
    people: met, missed, censored or not_exercised."""

    run: Verdict
    system: Verdict
    people: Verdict


def verdicts(
    state: RunState,
    times: Sequence[ResponseTime],
    *,
    impacts_felt: bool,
    samples: int,
    longest_gap_s: float,
    recovered: bool | None,
    of_system: tuple[str, ...] = (),
) -> Verdicts:
    """All three, from the state and what was measured. of_system: what else there is to say of the
    system; it changes no word of a verdict."""
    unseen = unwatched(state, recovered)
    system = _system(state, recovered, samples)
    measured = of_system if state.started_at is not None and samples else ()
    return Verdicts(
        run=_run(state, impacts_felt, samples, longest_gap_s),
        system=Verdict(system.verdict, (*system.reasons, *measured)),
        people=_people(state, times, impacts_felt, unseen),
    )


def unwatched(state: RunState, recovered: bool | None) -> bool:
    """It ended without its conductor: others took its faults out and looked at no probe, so what
    became of steady state is not known, nor whether anybody was hurt after the last sample."""
    ended = state.phase is not None and state.phase.ended
    return ended and state.started_at is not None and recovered is None


def _run(state: RunState, felt: bool, samples: int, gap: float) -> Verdict:
    stuck = [f.id for f in state.faults.values() if f.status is FaultStatus.STUCK]
    if stuck:
        return Verdict("unsafe", tuple(f"the undo of {name} is not proved" for name in stuck))
    if state.refusal:
        return Verdict("refused", (state.refusal,))
    if state.phase is None or not state.phase.ended:
        return Verdict("unfinished", (f"the run is {state.phase}",))
    if state.rollback is not None and state.rollback.cause is not Cause.FINISHED:
        return Verdict("aborted", (state.rollback.reason,))
    reasons = tuple(_invalid(state, felt, samples, gap))
    return Verdict("invalid" if reasons else "valid", reasons)


def _invalid(state: RunState, felt: bool, samples: int, gap: float) -> list[str]:
    assert state.scenario is not None
    reasons = []
    planned = [inject for inject in state.scenario.timeline if inject.breaks]
    went_in = {presence.fault for presence in presences(state) if presence.certain}
    missing = [inject.id for inject in planned if inject.id not in went_in]
    if missing:
        reasons.append(f"never injected: {', '.join(missing)}")
    if planned and state.scenario.expects is Expects.IMPACT and not felt:
        reasons.append("impact was expected and none was felt: people were not exercised")
    if not samples:
        reasons.append("no probe ran")
    longest = max(probe.interval + probe.timeout for probe in state.scenario.probes.values())
    if gap > 5 * longest:
        reasons.append(f"the probes were silent for {gap:.1f} s")
    first = first_in(state)
    if first is not None and any(i.began_by < first for i in state.impacts):
        reasons.append("steady state was lost before any fault was in")
    return reasons


def _system(state: RunState, recovered: bool | None, samples: int) -> Verdict:
    if state.started_at is None:
        return Verdict("unknown", ("the exercise did not begin",))
    if not samples:
        return Verdict("unknown", ("no probe ran",))
    if recovered is False:
        return Verdict("not_recovered", ("steady state was not proved again after the undo",))
    if unwatched(state, recovered):
        return Verdict("unknown", (NOBODY_LOOKED,))
    if not state.impacts:
        return Verdict("held", ("steady state held all through",))
    if recovered is None:
        return Verdict("unknown", ("the run has not ended",))
    expected = state.scenario is not None and state.scenario.expects is Expects.IMPACT
    surprise = () if expected else ("the fault was felt and should have been absorbed",)
    return Verdict("recovered", ("steady state was lost and came back", *surprise))


def _people(state: RunState, times: Sequence[ResponseTime], felt: bool, unseen: bool) -> Verdict:
    assert state.scenario is not None
    if state.scenario.expects is Expects.ABSORBED:
        return Verdict("not_exercised", ("the fault was to be absorbed by the system",))
    if not felt:
        return Verdict("not_exercised", (NONE_SEEN if unseen else NONE_FELT,))
    for kind in (TimeVerdict.MISSED, TimeVerdict.CENSORED):
        of_kind = tuple(f"{time.name}: {time.why}" for time in times if time.verdict is kind)
        if of_kind:
            return Verdict(kind.value, of_kind)
    return Verdict("met", ("every target was met",))
