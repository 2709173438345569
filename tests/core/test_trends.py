"""Trends: what counts, where a series breaks, and that nothing is claimed of too few."""

from __future__ import annotations

from typing import Any

import pytest

from gameday.core.log.codec import decode_value, encode_value
from gameday.core.log.events import EntryAnnulled, HintGiven
from gameday.core.scorecard.comparable import result_of
from gameday.core.scorecard.run_result import Likeness, RunResult, TimeResult
from gameday.core.trends.statistics.trend import Change
from gameday.core.trends.trends import Incident, Series, trends
from gameday.core.words import Grouping, TimeVerdict
from tests.engine.drill import Stage, act, good_responders, play
from tests.reports.sample_runs import rich

ALIKE = Likeness("faults", "scenario")


def run(number: int, seconds: float | None, target: float = 60.0, **changes: Any) -> RunResult:
    """A valid run; ``seconds`` None: watched for 90 s and not reached."""
    late = seconds is None or seconds > target
    time = TimeResult(
        name="detect",
        span="impacted → detected",
        seconds=seconds,
        observed=90.0 if seconds is None else seconds,
        target=target,
        verdict=TimeVerdict.MISSED if late else TimeVerdict.MET,
    )
    result = RunResult(
        run_id=f"r{number:02d}",
        started=1000.0 * number,
        title="A drill",
        team="sre",
        environment="test",
        severity="SEV2",
        services=("checkout",),
        families=("toxiproxy.toxic",),
        roles=("tech_lead",),
        likeness=ALIKE,
        run="valid",
        system="recovered",
        people="met",
        attribution="responder",
        score=90.0,
        times=(time,),
        findings=("detect was late",) if late else (),
        annulled=0,
    )
    return result._replace(**changes)


def series(runs: list[RunResult], **options: Any) -> Series:
    (group,) = trends(runs, **options).groups
    (found,) = group.series
    return found


def test_few_drills_have_points_and_no_claims() -> None:
    found = series([run(1, 20), run(2, 30), run(3, 70)])
    assert [point.time.seconds for point in found.points] == [20, 30, 70]
    assert (found.median.value, found.median.low) == (30, None)
    assert found.trend.change is Change.TOO_FEW
    assert found.on_time is not None
    assert (found.on_time.hits, found.on_time.n) == (2, 3)


def test_the_order_is_that_of_the_runs_and_not_of_the_list() -> None:
    runs = [run(n, float(seconds)) for n, seconds in enumerate((60, 50, 40, 30, 20, 10))]
    found = series(runs[::-1])
    assert found.trend.change is Change.SHORTER
    assert found == series(runs)


def test_what_was_not_reached_is_censored() -> None:
    found = series([run(n, None) for n in range(4)] + [run(9, 20), run(10, 30)])
    assert (found.median.n, found.median.censored, found.median.value) == (6, 4, None)
    assert found.longest == 30


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"likeness": Likeness("others", "scenario")}, ("faults",)),
        ({"likeness": Likeness("faults", "another")}, ("scenario",)),
    ],
)
def test_a_series_breaks_where_it_is_another_exercise(
    change: dict[str, Any], why: tuple[str, ...]
) -> None:
    before = [run(n, 50) for n in range(5)]
    after = [run(n, 10, **change) for n in range(5, 8)]
    found = series([*before, *after])
    assert [point.breaks for point in found.points] == [()] * 5 + [why] + [()] * 2
    assert [point.counted for point in found.points] == [False] * 5 + [True] * 3
    assert (found.median.n, found.median.value) == (3, 10)


def test_another_target_breaks_that_time_alone() -> None:
    found = series([run(1, 50), run(2, 50), run(3, 50, target=30)])
    assert [point.breaks for point in found.points] == [(), (), ("target",)]
    assert found.median.n == 1


def test_another_scenarios_break_is_none_of_its_group() -> None:
    other: dict[str, Any] = {"title": "Another drill", "likeness": Likeness("x", "y")}
    runs = [run(1, 10), run(2, 20, **other), run(3, 30), run(4, 40, **other)]
    assert series(runs, grouping=Grouping.SERVICE).median.n == 4


def test_a_run_that_is_not_valid_is_shown_and_does_not_count() -> None:
    found = series([run(1, 10), run(2, 99, run="invalid"), run(3, 20, annulled=2)])
    assert [point.counted for point in found.points] == [True, False, True]
    assert found.points[1].marks == ("run invalid",)
    assert found.points[2].marks == ("2 annulled",)
    assert found.median.n == 2


def test_hints_and_annulled_entries_are_marked_and_count() -> None:
    found = series([run(1, 10), run(2, 20, hints=1), run(3, 30, hints=2, annulled=1)])
    assert [point.marks for point in found.points] == [(), ("1 hint",), ("2 hints", "1 annulled")]
    assert [point.amended for point in found.points] == [False, True, True]
    assert found.median.n == 3


def test_a_hint_that_was_annulled_was_not_given() -> None:
    async def scene(stage: Stage) -> None:
        await stage.at(100)
        for text in ("look at the cache", "wrong run"):
            await stage.say(HintGiven(by="fay", text=text))
        entry = f"e{stage.stream.state.seq}"
        await stage.say(EntryAnnulled(by="fay", text="typed in the wrong run", entry=entry))

    card = play(good_responders(), scene).card
    (kept,) = card.hints
    (given,) = (r.event for r in card.records if r.id == kept)
    assert isinstance(given, HintGiven)
    assert given.text == "look at the cache"
    assert (result_of(card).hints, result_of(card).annulled) == (1, 1)
    assert result_of(play(good_responders()).card).hints == 0


def test_a_change_is_looked_for_in_the_latest() -> None:
    long_ago = [run(n, 10.0 + n / 100) for n in range(60)]
    lately = [run(n, 50.0 + (n * 7919) % 13) for n in range(60, 110)]
    assert series([*long_ago, *lately]).trend.n == 50


def test_groups() -> None:
    both = run(1, 10, services=("checkout", "payments"))
    keys = {
        grouping: [group.key for group in trends([both, run(2, 10, team="shop")], grouping).groups]
        for grouping in Grouping
    }
    assert keys == {
        Grouping.SCENARIO: ["A drill"],
        Grouping.SERVICE: ["checkout", "payments"],
        Grouping.TEAM: ["shop", "sre"],
        Grouping.SEVERITY: ["SEV2"],
    }


def test_findings_that_come_again_are_told() -> None:
    (group,) = trends([run(1, 70), run(2, 10), run(3, 80), run(4, 99, run="invalid")]).groups
    assert [(one.finding, one.times, one.latest) for one in group.repeated] == [
        ("detect was late", 2, "r03")
    ]


def test_coverage_names_what_was_never_drilled() -> None:
    found = trends(
        [run(1, 10), run(2, 10, run="refused")],
        services=["checkout", "payments"],
        families=["toxiproxy.toxic", "kubernetes.pods"],
    ).coverage
    assert found.services == {"checkout": 1, "payments": 0}
    assert found.families == {"toxiproxy.toxic": 1, "kubernetes.pods": 0}
    assert found.roles["tech_lead"] == 1
    assert found.roles["comms_lead"] == 0
    assert "observer" not in found.roles


def test_incidents_stand_beside_and_are_never_mixed_in() -> None:
    drills = [run(1, 10), run(2, 20)]
    incident = Incident("i1", 0.0, "SEV1", "checkout", "sre", {"detect": 500.0})
    with_it, without = trends(drills, incidents=[incident]), trends(drills)
    assert with_it.groups == without.groups
    (figures,) = with_it.incident_figures
    assert (figures.name, figures.median.value, with_it.incidents) == ("detect", 500.0, 1)


def test_a_result_says_what_the_scorecard_says_and_survives_its_storage() -> None:
    card = rich()
    result = result_of(card)
    assert decode_value(RunResult, encode_value(result)) == result
    assert {t.name: t.seconds for t in result.times} == {t.name: t.seconds for t in card.times}
    assert "an all-clear was false" in result.findings
    assert "expected and missed: An executive is told" in result.findings
    assert result.annulled == len(card.state.annulled) > 0
    assert set(result.roles) >= {"incident_commander", "tech_lead", "comms_lead"}


def test_words_and_addresses_make_no_other_exercise_and_faults_do() -> None:
    plain = play(good_responders())

    def likeness(**changes: Any) -> Likeness:
        return result_of(play(good_responders(), **changes).card).likeness

    same = result_of(plain.card).likeness
    moved = {"up": {"type": "http", "url": "http://127.0.0.1:2/"}}
    assert likeness(narrative="Other words.", probes=moved) == same
    patient = {"up": {"type": "http", "url": "http://127.0.0.1:1/", "timeout": "5s"}}
    assert likeness(probes=patient).differences(same) == ("scenario",)
    longer = {**dict(plain.card.scenario.timeline[0].model_dump(mode="json"))}
    longer["hold"]["at_most"] = "20m"
    assert likeness(timeline=[longer]).differences(same) == ("faults",)


def test_roles_are_of_those_who_took_part() -> None:
    people = [
        {"name": "alice", "role": "incident_commander"},
        {"name": "carol", "role": "comms_lead"},
    ]
    played = play([act("+20s", "detect", "impacted")], participants=people)
    assert result_of(played.card).roles == ("incident_commander",)
