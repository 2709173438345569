"""A drill whose system protects itself, or does not: played once in virtual time, with the readings
of one probe written as a story would have them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

from gameday.core.log.events import FaultInjected, Record, Sample, SamplesRecorded
from gameday.core.scorecard.scorecard import Scorecard, scorecard
from tests.engine.drill import RUN, a_break, play

Story = Callable[[float], Any]
"""A probe's value so many seconds after the fault went in; before it, at negative times."""

SLO = {"objective": 99.9, "window": "30d"}
PROBES = {
    "up": {"type": "http", "url": "http://127.0.0.1:1/"},
    "breaker": {"type": "http", "url": "http://127.0.0.1:1/", "measure": "json", "tolerance": True},
}


@cache
def drill(
    shows: str | None, within: str, broken: bool = False, promise: bool = False
) -> Sequence[Record]:
    """A fault that stays in for two minutes, and an expectation about the breaker."""
    expected = {"title": "The breaker opens", "within": within, "probe": "breaker"}
    shown = {**expected, **({"shows": shows} if shows else {})}
    timeline = [{**a_break("2m", until="expired"), "expect": [shown]}]
    workers = {"broken": frozenset({"break"})} if broken else None
    more: dict[str, Any] = {"slo": SLO} if promise else {}
    return play(workers=workers, probes=PROBES, timeline=timeline, duration="10m", **more).records


def told(records: Sequence[Record], story: Story) -> Scorecard:
    """The same drill, with the breaker's readings as the story has them."""
    injected = [r.at.boot for r in records if isinstance(r.event, FaultInjected)]
    zero = injected[0] if injected else records[-1].at.boot
    return scorecard(RUN, [_told(record, story, zero) for record in records])


def _told(record: Record, story: Story, zero: int) -> Record:
    if not isinstance(record.event, SamplesRecorded):
        return record
    samples = tuple(_sample(sample, story, zero) for sample in record.event.samples)
    return replace(record, event=replace(record.event, samples=samples))


def _sample(sample: Sample, story: Story, zero: int) -> Sample:
    if sample.probe != "breaker":
        return sample
    value = story((sample.at - zero) / 1e9)
    return sample._replace(value=value, ok=value is True, error="" if value is not None else "-")


def never(_: float) -> bool:
    return False


def from_on(seconds: float) -> Story:
    return lambda at: at >= seconds


def unread(at: float) -> bool | None:
    return False if at < 0 else None
