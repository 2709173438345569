"""Points in time: wall clock for people, boot clock for durations.

A duration is the difference of two CLOCK_BOOTTIME readings of one boot, so a stepped
wall clock, NTP or daylight saving change no score. Across a reboot only the wall clock
is left, and the duration is marked uncertain.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

NANOSECONDS = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Instant:
    """One reading of all clocks at once.

    wall: seconds since the epoch, UTC, as the wall clock said; shown, never subtracted.
    boot: nanoseconds since boot, suspend included (CLOCK_BOOTTIME).
    boot_id: which boot ``boot`` counts from.
    """

    wall: float
    boot: int
    boot_id: str

    def plus(self, seconds: float) -> Instant:
        """The instant that many seconds later (earlier when negative) on both clocks."""
        return Instant(self.wall + seconds, self.boot + round(seconds * NANOSECONDS), self.boot_id)

    def isoformat(self) -> str:
        """Wall time as ISO 8601 in UTC with milliseconds."""
        return datetime.fromtimestamp(self.wall, UTC).isoformat(timespec="milliseconds")


@dataclass(frozen=True, slots=True)
class Elapsed:
    """Seconds between two instants; ``certain`` is False when a reboot lies between them."""

    seconds: float
    certain: bool = True


def elapsed(start: Instant, end: Instant) -> Elapsed:
    """Time from ``start`` to ``end``; negative when ``end`` came first."""
    if start.boot_id == end.boot_id:
        return Elapsed((end.boot - start.boot) / NANOSECONDS)
    return Elapsed(end.wall - start.wall, certain=False)


def seconds_between(start: Instant, end: Instant) -> float:
    """Like :func:`elapsed`, where the caller has no use for the certainty."""
    if start.boot_id == end.boot_id:  # again, because a report asks thirty thousand times
        return (end.boot - start.boot) / NANOSECONDS
    return elapsed(start, end).seconds


def at_wall(wall: float, reference: Instant) -> Instant:
    """The instant at a wall time someone stated, placed by a reference reading of all clocks."""
    return reference.plus(wall - reference.wall)
