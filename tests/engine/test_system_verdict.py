"""What a run says of the system: protections and alerts, error budget, readings. Whole drills in
virtual time."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from gameday.adapters.scenario_yaml import check_scenario, load_scenario
from gameday.core.log.events import FaultInjected, SamplesRecorded
from gameday.core.scenario.inject import Inject, Shows
from gameday.core.scorecard.comparable import result_of
from gameday.core.scorecard.protections import Protection, Worked
from gameday.core.scorecard.readings import Split
from gameday.core.scorecard.scorecard import Scorecard, scorecard
from gameday.reports.next_steps import next_steps
from tests.engine.drill import RUN, SHIELD, Scene, Stage, a_break, act, good_responders, play
from tests.engine.system_drills import SLO, Story, drill, from_on, never, told, unread


def shown(card: Scorecard) -> Protection:
    (found,) = (*card.system.protections, *card.system.alerts)
    return found


@pytest.mark.parametrize(
    ("within", "story", "verdict", "why"),
    [
        ("30s", from_on(5), Worked.WORKED, "after 5."),
        ("30s", never, Worked.DID_NOT_WORK, "not within 30s"),
        ("30s", from_on(60), Worked.DID_NOT_WORK, "not within 30s, only after 60."),
        ("30s", unread, Worked.UNKNOWN, "could not be read"),
        ("30s", lambda _: True, Worked.UNKNOWN, "proves nothing"),
        ("5m", never, Worked.UNKNOWN, "the fault was in for 1"),
        ("5m", from_on(150), Worked.UNKNOWN, "the fault was in for 1"),  # the fault was out by then
    ],
)
def test_a_protection_is_judged_while_the_fault_is_in(
    within: str, story: Story, verdict: Worked, why: str
) -> None:
    card = told(drill("protection", within), story)
    found = shown(card)
    assert (found.kind, found.verdict) == (Shows.PROTECTION, verdict)
    assert why in found.why
    said = {Worked.WORKED: "worked", Worked.DID_NOT_WORK: "did not work"}.get(verdict)
    reasons = [r for r in card.verdicts.system.reasons if r.startswith("a protection")]
    assert reasons == ([f"a protection {said}: The breaker opens ({found.why})"] if said else [])


@pytest.mark.parametrize(
    ("within", "story", "verdict"),
    [
        ("30s", from_on(5), Worked.WORKED),
        ("30s", never, Worked.DID_NOT_WORK),
        ("5m", from_on(150), Worked.WORKED),  # late, and it has so much time
    ],
)
def test_an_alert_is_none_of_the_systems_reasons(
    within: str, story: Story, verdict: Worked
) -> None:
    card = told(drill("alert", within), story)
    assert shown(card).kind is Shows.ALERT
    assert shown(card).verdict is verdict
    assert card.system.protections == ()
    assert not [r for r in card.verdicts.system.reasons if "breaker" in r]


def test_a_fault_that_never_went_in_says_nothing_of_protections() -> None:
    found = shown(told(drill("protection", "30s", broken=True), never))
    assert (found.verdict, found.why) == (Worked.UNKNOWN, "its fault never went in")


def test_what_says_nothing_of_the_system_changes_nothing() -> None:
    """The negative control: the same expectation without ``shows``."""
    plain, card = told(drill(None, "30s"), never), told(drill("protection", "30s"), never)
    assert (*plain.system.protections, *plain.system.alerts) == ()
    assert plain.verdicts.system.verdict == card.verdicts.system.verdict == "recovered"
    assert plain.verdicts.system.reasons == card.verdicts.system.reasons[:1]
    assert plain.score == card.score


def test_nothing_of_it_scores() -> None:
    worked, failed = (told(drill("protection", "30s"), story) for story in (from_on(5), never))
    assert worked.score == failed.score


def test_what_did_not_work_is_said_once_in_what_to_do_next() -> None:
    card = told(drill("protection", "30s"), never)
    assert sum("The breaker opens" in step.text for step in next_steps(card)) == 1


def test_without_a_promise_no_budget_is_claimed() -> None:
    card = play(good_responders()).card
    assert card.impacts
    assert card.system.budget is None
    assert not any("budget" in reason for reason in card.verdicts.system.reasons)


def test_the_budget_is_spent_by_every_loss() -> None:
    card = play(good_responders(), slo=SLO).card
    budget = card.system.budget
    assert budget is not None
    assert budget.spent_s == pytest.approx(card.steady_state.lost_seconds, abs=0.01)
    assert budget.share == pytest.approx(budget.spent_s / (0.001 * 30 * 86400))
    length = card.offset(card.ended)
    assert budget.burn_rate == pytest.approx(budget.spent_s / length / 0.001)
    assert "of the error budget of 43m12s (99.9 % over 30d)" in _spent(card)


def _spent(card: Scorecard) -> str:
    (found,) = [reason for reason in card.verdicts.system.reasons if "budget" in reason]
    return found


def test_who_heals_earlier_spends_less() -> None:
    spent = []
    for seconds in (40, 120, 300):
        deed = act(f"+{seconds}s", "act", "impacted", http=SHIELD)
        budget = play([deed], slo=SLO).card.system.budget
        assert budget is not None
        spent.append(budget.spent_s)
    assert spent == sorted(spent)
    assert spent[0] < spent[-1] - 200


def test_what_is_still_lost_has_been_spent_so_far() -> None:
    records = play(good_responders(), slo=SLO).records
    injected = next(i for i, r in enumerate(records) if isinstance(r.event, FaultInjected))
    budget = scorecard(RUN, records[: injected + 30]).system.budget
    assert budget is not None
    assert budget.spent_s > 0


@pytest.mark.parametrize("why", ["refused", "unmeasured"])
def test_what_was_not_measured_spends_nothing_that_anybody_knows(why: str) -> None:
    async def scene(stage: Stage) -> None:
        if why == "refused":
            stage.system.faults.add("already-broken")

    records = play(scene=scene, slo=SLO, timeline=[a_break("1m")], duration="3m").records
    if why == "unmeasured":
        records = [r for r in records if not isinstance(r.event, SamplesRecorded)]
    assert scorecard(RUN, records).system.budget is None


def test_a_story_spends_no_budget() -> None:
    """A tabletop measures nothing, whatever its story says of users; the same drill does."""
    assert play(good_responders(), slo=SLO, mode="tabletop").card.system.budget is None


def test_a_story_shows_nothing_of_the_system() -> None:
    expected = {"title": "It opens", "within": "1m", "probe": "up", "shows": "protection"}
    imagined = {"id": "a", "at": "+1m", "title": "a", "imagine": "a rack burns"}
    with pytest.raises(ValidationError, match="this inject has none"):
        Inject.model_validate({**imagined, "expect": [expected]})


def absorbing() -> Scene:
    async def scene(stage: Stage) -> None:
        stage.system.shielded = True

    return scene


def test_a_run_that_held_spends_nothing_and_says_so() -> None:
    card = play(scene=absorbing(), expects="absorbed", slo=SLO).card
    assert card.verdicts.system.verdict == "held"
    assert "nothing was spent" in _spent(card)
    assert card.system.split is Split.FAULT


def test_a_promise_makes_no_other_exercise() -> None:
    first, second = play(duration="2m").card, play(duration="2m", slo=SLO).card
    assert result_of(first).likeness == result_of(second).likeness


# --- what a file may say ---------------------------------------------------------------

FILE = """\
title: T
narrative: N
owner: o
severity: SEV2
environment: e
objectives: [x]
slo: {slo}
probes:
  up: {{type: http, url: "http://127.0.0.1:1/"}}
steady_state: {{title: s, probes: [up]}}
duration: 5m
blast_radius: {{targets: ["sim/*"]}}
timeline:
  - id: call
    at: +1m
    title: A call
    message: hello
    expect:
      - {{title: An answer, within: 1m, {expected}}}
"""


@pytest.mark.parametrize(
    ("slo", "expected", "place", "said"),
    [
        ("{objective: 99.9, window: 30d}", "response: note", None, ""),
        (
            "{objective: 99.9, window: 30d}",
            "probe: up, shows: protection",
            "19:7: timeline.0.expect:",
            "this inject has none",
        ),
        (
            "{objective: 99.9, window: 30d}",
            "response: note, shows: alert",
            "19:9: timeline.0.expect.0:",
            "shows belongs to a probe",
        ),
        ("{objective: 100, window: 30d}", "response: note", "7:18: slo.objective:", "less than"),
        (
            "{objective: 0.999, window: 30d}",
            "response: note",
            "7:18: slo.objective:",
            "a per cent of the time: write 99.9, not 0.999",
        ),
        ("{objective: 1, window: 30d}", "response: note", "7:18: slo.objective:", "at least 50"),
        ("{objective: 99, window: 30}", "response: note", "7:30: slo.window:", "no unit"),
        ("{objective: 99}", "response: note", "7:6: slo", "window"),
    ],
)
def test_a_mistake_is_placed(
    tmp_path: Path, slo: str, expected: str, place: str | None, said: str
) -> None:
    file = tmp_path / "x.yaml"
    file.write_text(FILE.format(slo=slo, expected=expected), encoding="utf-8")
    problems = [str(problem) for problem in check_scenario(file)]
    if place is None:
        assert problems == []
        return
    (found,) = problems
    assert f"{file}:{place}" in found, found
    assert said in found


@pytest.mark.parametrize("drills", ["kubernetes", "."])
def test_probes_that_are_expected_after_a_fault_say_what_they_show(drills: str) -> None:
    library = Path(__file__).parents[2] / "gamedays" / drills
    for file in sorted(library.glob("*.yaml")):
        for inject in load_scenario(file).timeline:
            for expected in inject.expect:
                shows = expected.probe is not None and inject.fault is not None
                assert (expected.shows is not None) == shows, f"{file}: {expected.title}"
