"""What was expected after an inject, told apart from the response times."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from gameday.core.log.events import EntryAnnulled, NoteAdded, RoleAssigned, RoleHandedOver
from gameday.core.run.commands import PauseRun, ResumeRun
from gameday.core.scenario.inject import Expectation, Inject
from gameday.core.scorecard.expectations import ExpectationOutcome
from gameday.core.words import Role
from tests.engine.drill import Played, Scene, Stage, a_break, act, good_responders, play

CALL = {"id": "call", "at": "+2m", "title": "A customer calls", "message": "I cannot pay!"}
PEOPLE = [
    {"name": "alice", "role": "incident_commander"},
    {"name": "carol", "role": "comms_lead"},
]
POSTED = {"title": "a post", "within": "1m", "response": "note", "by": "comms_lead"}


def outcome(
    expected: dict[str, Any],
    acts: list[Any] | None = None,
    scene: Scene | None = None,
    **changes: Any,
) -> ExpectationOutcome:
    """What becomes of an expectation after the call, which comes 2 minutes into a drill."""
    timeline = [a_break(), {**CALL, "expect": [expected]}]
    played: Played = play(acts or [], scene, timeline=timeline, participants=PEOPLE, **changes)
    (found,) = played.card.expectations
    assert found.inject == "call"
    return found


def said(by: str, text: str, at: str = "+150s") -> Any:
    return act(at, "note", text=text).model_copy(update={"by": by})


@pytest.mark.parametrize(
    ("at", "verdict", "seconds"), [("+150s", "met", 30), ("+190s", "missed", 70)]
)
def test_a_response_counts_from_the_inject(at: str, verdict: str, seconds: float) -> None:
    found = outcome(POSTED, [said("carol", "status page updated", at)])
    assert found.verdict == verdict
    assert found.seconds == pytest.approx(seconds, abs=0.2)
    assert None not in (found.from_event, found.to_event)


@pytest.mark.parametrize(
    ("by", "text", "at"),
    [
        ("alice", "status page updated", "+150s"),  # another role
        ("carol", "looking", "+150s"),  # other words
        ("carol", "status page updated", "+60s"),  # before the inject
    ],
)
def test_what_is_not_it(by: str, text: str, at: str) -> None:
    found = outcome({**POSTED, "says": "STATUS page"}, [said(by, text, at)])
    assert (found.verdict, found.seconds, found.to_event) == ("missed", None, None)


def test_a_role_may_have_been_handed_over() -> None:
    async def scene(stage: Stage) -> None:
        await stage.at(140)
        await stage.say(RoleAssigned(by="alice", role=Role.COMMS_LEAD, holder="dora"))
        await stage.at(150)
        await stage.say(NoteAdded(by="dora", text="posted"))

    assert outcome(POSTED, scene=scene).verdict == "met"


@pytest.mark.parametrize(("by", "verdict"), [("dora", "met"), ("carol", "missed")])
@pytest.mark.parametrize("given", [RoleAssigned, RoleHandedOver])
def test_who_has_it_no_more_does_not_count(
    given: type[RoleAssigned | RoleHandedOver], by: str, verdict: str
) -> None:
    async def scene(stage: Stage) -> None:
        await stage.at(140)
        await stage.say(given(by="carol", text="all told", role=Role.COMMS_LEAD, holder="dora"))
        await stage.at(150)
        await stage.say(NoteAdded(by=by, text="posted"))

    assert outcome(POSTED, scene=scene).verdict == verdict


def test_what_is_annulled_counts_for_nothing() -> None:
    async def scene(stage: Stage) -> None:
        await stage.at(150)
        await stage.say(NoteAdded(by="carol", text="posted"))
        entry = f"e{stage.stream.state.seq}"
        await stage.say(EntryAnnulled(by="fay", text="not she", entry=entry))

    assert outcome(POSTED, scene=scene).verdict == "missed"


def test_pauses_do_not_count() -> None:
    async def scene(stage: Stage) -> None:
        await stage.at(140)
        await stage.stream.execute(PauseRun("fay", "fire alarm"))
        await stage.at(440)
        await stage.stream.execute(ResumeRun("fay"))
        await stage.say(NoteAdded(by="carol", text="posted"))

    found = outcome(POSTED, scene=scene, duration="15m")
    assert found.verdict == "met"
    assert found.seconds == pytest.approx(10, abs=1.5)


def test_a_milestone_that_was_reached_before_comes_at_once() -> None:
    declared = {"title": "declared", "within": "1m", "milestone": "declared"}
    found = outcome(declared, good_responders())
    assert (found.verdict, found.seconds) == ("met", 0.0)
    assert outcome(declared).verdict == "missed"


def test_a_probe_holds_in_time_or_not() -> None:
    healthy = {"title": "well", "within": "90s", "probe": "up"}
    found = outcome(healthy, good_responders())
    assert found.verdict == "met"
    assert found.seconds is not None
    assert 20 < found.seconds < 60  # the responders act 150 s in, and the fault goes in at 30
    assert outcome(healthy).verdict == "missed"


def test_a_run_that_ended_before_says_nothing() -> None:
    found = outcome({**POSTED, "within": "30m"})
    assert (found.verdict, found.seconds) == ("censored", None)
    assert "when the run ended" in found.why


def test_what_was_never_given_is_not_judged() -> None:
    expected = {"title": "noticed", "within": "1m", "milestone": "detected"}
    timeline = [{**a_break(), "expect": [expected]}]
    (found,) = play(timeline=timeline, workers={"broken": frozenset({"break"})}).card.expectations
    assert (found.verdict, found.from_event) == ("censored", None)
    assert "never went in" in found.why


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({}, "exactly one of"),
        ({"milestone": "declared", "probe": "checkout"}, "exactly one of"),
        ({"milestone": "declared", "by": "comms_lead"}, "belong to a response"),
        ({"response": "note", "says": "("}, "no regular expression"),
    ],
)
def test_a_mistake_is_said(wrong: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        Expectation.model_validate({"title": "x", "within": "1m", **wrong})


def test_the_inject_keeps_them_in_order() -> None:
    both = [POSTED, {"title": "declared", "within": "5m", "milestone": "declared"}]
    assert [e.title for e in Inject.model_validate({**CALL, "expect": both}).expect] == [
        "a post",
        "declared",
    ]
