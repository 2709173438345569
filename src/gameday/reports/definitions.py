"""What starts and stops each clock, in words: the table that makes a time arguable."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gameday.core.scorecard.scorecard import Scorecard
from gameday.core.words import Milestone

MEANINGS: Mapping[Milestone, str] = {
    Milestone.INJECTED: "the first fault's first action began; from there it may have been in",
    Milestone.IMPACTED: (
        "first failing sample of the first loss of steady state since the injection"
    ),
    Milestone.DETECTED: "the earliest entry by which somebody, or an alert, had noticed",
    Milestone.ACKNOWLEDGED: "the earliest entry by which somebody had taken the page",
    Milestone.DECLARED: "the earliest entry that declared an incident",
    Milestone.TRIAGED: "the earliest entry by which impact, extent and a way out were known",
    Milestone.CLAIMED: "the earliest word that the impact is over, true or not",
    Milestone.MITIGATED: (
        "first good sample after which steady state stayed, ended by a responder and verified"
    ),
    Milestone.RESOLVED: "the earliest word that the incident is resolved which the probes bore out",
}
"""What places each milestone."""

RULES = (
    "Every time is the difference between two entries of the log, on a clock that no change of "
    "the wall clock moves.",
    "A pause stops these clocks. It never stops sampling, maximum holds or stop conditions.",
    "Entries from before the injection and annulled entries place no milestone.",
    "A milestone that was not reached is censored: known to have taken at least as long as "
    "anybody watched for it. If that is longer than the target, the target is missed.",
)
"""What holds for every clock."""


@dataclass(frozen=True, slots=True)
class Clock:
    """One response time: what starts it and what stops it."""

    name: str
    from_: Milestone
    to: Milestone
    starts: str
    stops: str


def clocks(card: Scorecard) -> tuple[Clock, ...]:
    """The clocks of this run's targets."""
    return tuple(
        Clock(
            time.name,
            time.target.from_,
            time.target.to,
            MEANINGS[time.target.from_],
            MEANINGS[time.target.to],
        )
        for time in card.times
    )
