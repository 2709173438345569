"""What the summary says and advises, for each way a run can go."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from gameday.core.scorecard.scorecard import Scorecard
from gameday.reports.next_steps import next_steps
from gameday.reports.story import answers, judgements, standing
from gameday.reports.wording import listed, offset, percent, took
from tests.reports.sample_runs import (
    aborted,
    absorbed,
    failed,
    faultless,
    going_on,
    good,
    left_hurt,
    left_unhurt,
    nobody_acted,
    refused,
    rich,
    stuck,
    unfelt,
    without_samples,
)


@pytest.mark.parametrize(
    ("make", "broken", "noticed", "ended"),
    [
        (good, "Simulated break", "alice, 20.0 s after users", "alice, a responder"),
        (nobody_acted, "Simulated break", "Nobody", "The rollback, not a person"),
        (aborted, "Simulated break", "Nobody", "The abort, not a person"),
        (going_on, "Simulated break", "alice, 20.0 s after users", "It has not ended"),
        (left_hurt, "Simulated break", "alice, 20.0 s after users", "Nobody knows"),
        (left_unhurt, "Simulated break", "Nobody", "Nobody knows"),
        (refused, "Nothing", "Nobody", "Nothing to end"),
        (faultless, "Nothing", "Nobody", "Nothing to end"),
        (failed, "Nothing", "Nobody", "Nothing to end"),
        (absorbed, "Simulated break", "Nobody", "Nothing to end"),
    ],
)
def test_the_three_answers(
    make: Callable[[], Scorecard], broken: str, noticed: str, ended: str
) -> None:
    found = [answer.short.replace("\N{NO-BREAK SPACE}", " ") for answer in answers(make())]
    assert found[0] == broken
    assert found[1].startswith(noticed)
    assert found[2] == ended


@pytest.mark.parametrize(
    ("make", "advice"),
    [
        (good, "Nothing is due"),
        (stuck, "Run gameday recover now: break on sim/break"),
        (rich, "Look at the probes before calling it over: 1 all-clear was false"),
        (nobody_acted, "Detect was not reached"),
        (aborted, "Run it again once this is settled: enough"),
        (refused, "Clear what refused the run"),
        (unfelt, "Mend the exercise before trusting it: impact was expected"),
        (without_samples, "Mend the exercise before trusting it: no probe ran"),
        (going_on, "Wait for its end"),
    ],
)
def test_the_first_advice(make: Callable[[], Scorecard], advice: str) -> None:
    assert next_steps(make())[0].text.startswith(advice)


def test_only_a_stuck_fault_is_urgent() -> None:
    assert next_steps(stuck())[0].urgent
    assert not any(step.urgent for step in next_steps(rich()))


def test_each_missed_target_and_each_reason_has_its_sentence() -> None:
    texts = [step.text for step in next_steps(rich())]
    assert len([text for text in texts if text.startswith(("Detect", "Mitigate"))]) == 2
    assert [text for text in texts if "did not come: An executive is told" in text]
    assert len(texts) == 4


@pytest.mark.parametrize("make", [left_hurt, left_unhurt])
def test_nothing_is_claimed_that_nobody_saw(make: Callable[[], Scorecard]) -> None:
    card = make()
    assert card.verdicts.system.verdict == "unknown"
    assert card.verdicts.system.reasons[0].startswith("nobody looked at steady state")
    told = [answer.long for answer in answers(card)] + [step.text for step in next_steps(card)]
    said = " ".join([*told, card.attribution.why, *card.verdicts.people.reasons])
    for claim in ("No impact was felt", "no impact was felt", "has not ended", "is lost", "held"):
        assert claim not in said
    assert "Look at the system now: nobody looked" in said


def test_a_run_that_goes_on_still_says_so() -> None:
    assert going_on().verdicts.system.reasons == ("the run has not ended",)


def test_a_refused_run_says_why() -> None:
    run = judgements(refused())[0]
    assert run.verdict == "refused"
    assert run.reasons
    assert standing(refused())
    assert not standing(good())


def test_spelling() -> None:
    space = "\N{NO-BREAK SPACE}"
    assert took(None) == "–"
    assert took(59.94) == f"59.9{space}s"
    assert took(59.96) == f"1m{space}00.0s"
    assert took(3599.99) == f"1h{space}00m{space}00.0s"
    assert took(14_400.4) == f"4h{space}00m{space}00.4s"
    assert took(-0.01) == f"0.0{space}s"
    assert (offset(0), offset(-10), offset(3661.25)) == ("+0:00.0", "−0:10.0", "+1:01:01.2")
    assert offset(59.96) == "+1:00.0"
    shares = {1: "100 %", 0.999999: "> 99.99 %", 0.995: "99.5 %", None: "–", 0: "0 %"}
    assert {share: percent(share) for share in shares} == shares
    assert percent(0.00001) == "< 0.01 %"
    assert (listed([]), listed(["a"]), listed(["a", "b", "c"])) == ("", "a", "a, b and c")
