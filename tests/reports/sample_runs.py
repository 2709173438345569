"""Runs to make reports of: drills played in virtual time, and logs made up for size."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from gameday.core.instant import Instant
from gameday.core.log import events as e
from gameday.core.log.events import Event, Record, Sample
from gameday.core.run.commands import PauseRun, Respond, ResumeRun
from gameday.core.scorecard.scorecard import Scorecard, scorecard
from gameday.core.words import Cause
from gameday.testing import EPOCH
from tests.engine.drill import RUN, SHIELD, Stage, act, good_responders, play, played_once

TITLE = "Payments answer slowly, then not at all"
_PROBES = {
    "checkout": {"type": "http", "url": "http://127.0.0.1:1/"},
    "latency.p95": {
        "type": "http",
        "url": "http://127.0.0.1:1/",
        "measure": "latency",
        "tolerance": {"type": "range", "range": [0, 400]},
    },
}
_WORDS = {
    "narrative": "A Friday evening. The payment provider slows down, and the shop waits for it.",
    "owner": "team-checkout",
    "environment": "staging",
    "services": ["checkout", "payments"],
    "objectives": ["Notice within two minutes", "Shield users without the provider's help"],
    "success_criteria": ["Checkout answers while payments are away", "Nobody calls it over early"],
    "debrief": ["What told you first?", "What would you have wanted to see?"],
    "participants": [
        {"name": "alice", "role": "incident_commander"},
        {"name": "bob", "role": "tech_lead"},
        {"name": "carol", "role": "comms_lead"},
    ],
    "abort_when": [{"steady_state_lost_for": "20m"}],
}


def good() -> Scorecard:
    """Everything in time."""
    return played_once(good_responders()).card


def rich() -> Scorecard:
    """A drill with a bit of everything: a pause, a false all-clear, late and annulled entries."""
    records = play(_rich_acts(), _rich_scene, **rich_scenario()).records
    return scorecard(RUN, with_latencies(records))


def rich_scenario() -> dict[str, Any]:
    """The scenario of :func:`rich`."""
    first = {"id": "slow", "at": "+30s", "title": "Payments turn slow", "fault": "slow.yaml"}
    call = {
        "id": "call",
        "at": "+2m",
        "title": "A customer calls",
        "message": "I cannot pay!",
        "to": ["comms_lead"],
        "expect": [
            {"title": "Customers are told", "within": "1m", "response": "note", "by": "comms_lead"},
            {"title": "An executive is told", "within": "1m", "response": "note", "says": "CEO"},
            {"title": "It is over", "within": "2h", "milestone": "resolved"},
        ],
    }
    return {
        **_WORDS,
        "title": TITLE,
        "probes": _PROBES,
        "steady_state": {"title": "Customers can pay", "probes": list(_PROBES)},
        "timeline": [{**first, "hold": {"at_most": "15m"}}, call],
        "targets": {"detect": "30s", "acknowledge": "1m", "declare": "2m", "mitigate": "3m"},
        "duration": "20m",
    }


def _rich_acts() -> list[Any]:
    return [
        act("+38s", "detect", "impacted", source="alert", text="p95 above 400 ms"),
        act("+45s", "ack", "impacted"),
        act("+50s", "role", "impacted", role="incident_commander", holder="alice"),
        act("+80s", "declare", "impacted", severity="SEV2", text="customers cannot pay"),
        act("+130s", "note", "impacted", text="provider's status page is green").model_copy(
            update={"by": "carol"}
        ),
        act("+150s", "triage", "impacted").model_copy(update={"by": "bob"}),
        act("+170s", "mitigate", "impacted", text="it looks fine to me").model_copy(
            update={"by": "bob"}
        ),
        act("+260.5s", "act", "impacted", http=SHIELD).model_copy(update={"by": "bob"}),
        act("+268s", "mitigate", "impacted"),
        act("+20s", "resolve", "mitigated"),
    ]


async def _rich_scene(stage: Stage) -> None:
    await stage.at(150)
    note = e.NoteAdded(by="carol", text="wrong channel")
    await stage.stream.execute(Respond(note, key="n1"))
    entry = next(r for r in reversed(_records(stage)) if isinstance(r.event, e.NoteAdded)).id
    await stage.stream.execute(
        Respond(e.EntryAnnulled(by="dave", text="typed in the wrong run", entry=entry), key="a1")
    )
    await stage.at(225)
    await stage.stream.execute(PauseRun("dave", "fire alarm"))
    await stage.at(270)
    await stage.stream.execute(ResumeRun("dave"))
    late = e.NoteAdded(by="bob", text="restarted the client pool", late=True)
    await stage.stream.execute(Respond(late, key="n2", at=stage.clock.now().plus(-80)))


def _records(stage: Stage) -> Sequence[Record]:
    return stage.stream._log.read(RUN)  # the stage gives no other way to see entry ids


def with_latencies(records: Sequence[Record]) -> list[Record]:
    """The same log with numbers in the samples of the latency probe."""
    return [_with_latency(record) for record in records]


def _with_latency(record: Record) -> Record:
    if not isinstance(record.event, e.SamplesRecorded):
        return record
    samples = tuple(
        _latency(s) if s.probe.startswith("latency") else s for s in record.event.samples
    )
    return replace(record, event=replace(record.event, samples=samples))


def _latency(sample: Sample) -> Sample:
    phase = sample.at / 1e9
    usual = 120 + 35 * math.sin(phase / 3) + 20 * math.sin(phase * 1.7)
    return sample._replace(value=round(usual if sample.ok else 640 + 4 * usual / 3, 1), error="")


def refused() -> Scorecard:
    """Steady state did not hold before the start."""

    async def scene(stage: Stage) -> None:
        stage.system.faults.add("already-broken")

    return play(scene=scene).card


def aborted() -> Scorecard:
    """A person stopped it."""

    async def scene(stage: Stage) -> None:
        await stage.at(90)
        await stage.conductor.abort("enough", "facilitator")

    return play(scene=scene).card


def unfelt() -> Scorecard:
    """The fault went in and nobody felt it."""

    async def scene(stage: Stage) -> None:
        stage.system.shielded = True

    return play(scene=scene).card


def absorbed() -> Scorecard:
    """The fault was to be absorbed, and was."""

    async def scene(stage: Stage) -> None:
        stage.system.shielded = True

    return play(scene=scene, expects="absorbed").card


def stuck() -> Scorecard:
    """The undo could not be proved."""
    return play(good_responders(), workers={"sticky": frozenset({"break"})}).card


def failed() -> Scorecard:
    """The fault could not be injected."""
    return play(workers={"broken": frozenset({"break"})}).card


def nobody_acted() -> Scorecard:
    """The hold ran out: rolled back, targets missed."""
    hold = {"id": "break", "at": "+30s", "title": "it breaks", "fault": "x.yaml"}
    return played_once(timeline=[{**hold, "hold": {"at_most": "12m"}}]).card


def faultless() -> Scorecard:
    """Only words for people, no fault."""
    talk = {"id": "talk", "at": "+30s", "title": "a call", "message": "hello"}
    return played_once(timeline=[talk], duration="2m").card


def going_on() -> Scorecard:
    """Cut off in the middle of an impact."""
    records = played_once(good_responders()).records
    cut = next(i for i, r in enumerate(records) if isinstance(r.event, e.Triaged))
    return scorecard(RUN, records[:cut])


def left_hurt() -> Scorecard:
    """Its conductor died in the middle of an impact; others took the fault out."""
    return _recovered_by_others(going_on())


def left_unhurt() -> Scorecard:
    """Its conductor died before anybody was hurt; others took the fault out."""
    records = unfelt().records
    cut = next(i for i, r in enumerate(records) if isinstance(r.event, e.FaultInjected))
    return _recovered_by_others(scorecard(RUN, records[: cut + 1]))


def _recovered_by_others(card: Scorecard) -> Scorecard:
    last, why = card.records[-1], "its conductor is gone"
    after: list[tuple[float, Event]] = [
        (last.at.boot / 1e9 + 1, e.RollbackStarted(cause=Cause.RECOVERY, reason=why)),
        (last.at.boot / 1e9 + 2, e.FaultUndoing(fault="break", cause=Cause.RECOVERY)),
        (last.at.boot / 1e9 + 3, e.FaultUndone(fault="break", proof=("it is gone",))),
        (last.at.boot / 1e9 + 4, e.RunAborted(reason=why, recovered=None)),
    ]
    return scorecard(RUN, [*card.records, *_recorded(after, last)])


def without_samples() -> Scorecard:
    """No probe ever ran."""
    records = [
        r
        for r in played_once(good_responders()).records
        if not isinstance(r.event, e.SamplesRecorded)
    ]
    return scorecard(RUN, records)


def only_scheduled() -> Scorecard:
    """Nothing has happened yet."""
    return scorecard(RUN, played_once(good_responders()).records[:1])


ODD: dict[str, Callable[[], Scorecard]] = {
    f.__name__: f
    for f in (
        *(aborted, absorbed, failed, faultless, going_on, good, nobody_acted),
        *(left_hurt, left_unhurt, only_scheduled, refused, rich, stuck, unfelt, without_samples),
    )
}
"""Every kind of run a report must make sense of."""


def hostile(text: str) -> Scorecard:
    """A run in which people wrote ``text`` wherever they could write."""
    words: dict[str, Any] = {key: [text] for key in ("objectives", "success_criteria", "debrief")}
    talk = {"id": "talk", "at": "+40s", "title": text, "message": text}
    acts = [
        act("+20s", "detect", "impacted", text=text, source=text),
        act("+25s", "note", "impacted", text=text),
        act("+30s", "mitigate", "impacted", text=text),
    ]
    fault = {"id": "break", "at": "+30s", "title": text, "fault": "x.yaml"}
    timeline = [{**fault, "hold": {"at_most": "3m"}}, talk]
    return played_once(
        acts, title=text, narrative=text, owner=text, timeline=timeline, **words
    ).card


# --- logs made up for size -----------------------------------------------------------------


def huge(events: int, samples: int) -> Scorecard:
    """A valid run with so many entries and samples, the samples one chunk a second."""
    records = list(played_once(good_responders()).records)
    head = [r for r in records if not isinstance(r.event, (e.RunCompleted, e.SamplesRecorded))]
    seconds = samples // 10
    made: list[tuple[float, Event]] = [
        (10 + second, _chunk(second, [10 + second + tenth / 10 for tenth in range(10)]))
        for second in range(seconds)
    ]
    notes = events - len(head) - 1
    made += [
        (60 + n * (seconds - 100) / notes, e.NoteAdded(by=f"p{n % 12}", text=f"checked host {n}"))
        for n in range(notes)
    ]
    made += [(10.0 + seconds, e.RunCompleted(recovered=True))]
    return scorecard(RUN, [*head, *_recorded(made, head[-1])])


def _chunk(number: int, times: Sequence[float]) -> Event:
    samples = tuple(
        Sample(
            "up", round(t * 1e9), round(t * 1e9), number % 97 != 5, 100 + 50 * math.sin(t), 1, ""
        )
        for t in times
    )
    return e.SamplesRecorded(chunk=number, samples=samples)


def _recorded(made: Sequence[tuple[float, Event]], last: Record) -> list[Record]:
    ordered = sorted(made, key=lambda pair: pair[0])
    return [
        replace(last, seq=last.seq + 1 + n, event=event, at=_at(t), recorded=_at(t), key=None)
        for n, (t, event) in enumerate(ordered)
    ]


def _at(seconds: float) -> Instant:
    return Instant(EPOCH + seconds, round(seconds * 1e9), "virtual")
