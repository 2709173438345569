"""When steady state is lost and back, decided from samples alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from gameday.core.log.events import Sample


@dataclass(frozen=True, slots=True)
class Rules:
    """How many consecutive samples decide, for one probe."""

    fail_after: int
    recover_after: int


class Track(NamedTuple):
    """What one probe's samples have shown so far: a tuple, because each sample makes one. Times are
    nanoseconds since boot.

    healthy: None until enough samples have decided.
    streak: consecutive like samples, positive when good, negative when bad.
    since: the first sample of the streak. seen: the latest sample.
    lost_at, back_at: the first sample of the streak that decided.
    answered: when the streak's first sample had its answer.
    wrong: the sample that decided that it is lost; None while it is not.
    """

    healthy: bool | None = None
    streak: int = 0
    since: int = 0
    seen: int = 0
    lost_at: int | None = None
    back_at: int | None = None
    answered: int = 0
    wrong: Sample | None = None


def observe(track: Track, sample: Sample, rules: Rules) -> Track:
    """The track after one more sample; samples of one probe come in the order of their time."""
    healthy, streak, since, _, lost, back, answered, wrong = track
    ok, at = sample.ok, sample.at
    if streak > 0 if ok else streak < 0:
        streak += 1 if ok else -1
    else:
        streak, since, answered = 1 if ok else -1, at, at + round(sample.took * 1e6)
    if ok and healthy is not True and streak >= rules.recover_after:
        return Track(True, streak, since, at, None, since, answered)
    if not ok and healthy is not False and -streak >= rules.fail_after:
        return Track(False, streak, since, at, since, back, answered, sample)
    return Track(healthy, streak, since, at, lost, back, answered, wrong)


@dataclass(frozen=True, slots=True)
class Change:
    """Steady state as a whole was lost (``lost``) or came back, at a sample's time.

    answered: when that sample had its answer; what happened before then can be the cause.
    """

    lost: bool
    at: int
    probes: tuple[str, ...]
    answered: int = 0


def observe_all(
    tracks: Mapping[str, Track],
    samples: Iterable[Sample],
    rules: Mapping[str, Rules],
    steady: Sequence[str],
) -> tuple[Mapping[str, Track], tuple[Change, ...]]:
    """Fold samples into the tracks of all probes; what changed for the ``steady`` ones together."""
    current = dict(tracks)
    changes: list[Change] = []
    alike: dict[str, list[int]] = {}  # times of samples that only make a decided streak longer
    for sample in samples:
        probe, ok = sample.probe, sample.ok
        before = current.get(probe)
        if before is not None and before.healthy is ok and (before.streak > 0) is ok:
            alike.setdefault(probe, []).append(sample.at)  # nearly every one
            continue
        rule = rules.get(probe)
        if rule is None:
            continue
        before = _longer(before or Track(), alike.pop(probe, ()))
        after = observe(before, sample, rule)
        if after.healthy is before.healthy or probe not in steady:
            current[probe] = after
            continue
        was_lost = failing(current, steady)
        current[probe] = after
        now_lost = failing(current, steady)
        if now_lost and not was_lost:
            changes.append(Change(True, after.lost_at or sample.at, now_lost, after.answered))
        elif was_lost and not now_lost:
            at, answered = _back(current, steady)
            changes.append(Change(False, at, was_lost, answered))
    for probe, times in alike.items():
        current[probe] = _longer(current[probe], times)
    return current, tuple(changes)


def _longer(track: Track, times: Sequence[int]) -> Track:
    """The track after samples at these times that are like those of its streak."""
    if not times:
        return track
    more = len(times) if track.streak > 0 else -len(times)
    return track._replace(streak=track.streak + more, seen=times[-1])


def failing(tracks: Mapping[str, Track], steady: Sequence[str]) -> tuple[str, ...]:
    """The steady-state probes that are lost."""
    return tuple(name for name in steady if name in tracks and tracks[name].healthy is False)


def all_healthy(tracks: Mapping[str, Track], steady: Sequence[str]) -> bool | None:
    """True when all hold, False when one is lost, None while one is undecided."""
    states = [tracks.get(name, Track()).healthy for name in steady]
    if any(state is False for state in states):
        return False
    return None if any(state is None for state in states) else True


def watermark(tracks: Mapping[str, Track], steady: Sequence[str]) -> int:
    """The time up to which every steady-state probe has reported; 0 before that."""
    return min((tracks.get(name, Track()).seen for name in steady), default=0)


def possible_end(tracks: Mapping[str, Track], steady: Sequence[str]) -> int | None:
    """When the loss would have ended if the current good streaks go on; None if one is bad."""
    lost = [tracks[name] for name in failing(tracks, steady)]
    if any(track.streak <= 0 for track in lost):
        return None
    return max((track.since for track in lost), default=None)


def possible_start(tracks: Mapping[str, Track], steady: Sequence[str]) -> int | None:
    """When a loss would have begun if the current bad streaks go on; None when all are good."""
    bad = [tracks[n].since for n in steady if n in tracks and tracks[n].streak < 0]
    return min(bad, default=None)


def _back(tracks: Mapping[str, Track], steady: Sequence[str]) -> tuple[int, int]:
    """When the last probe was back, and when its sample had its answer."""
    return max(
        (track.back_at, track.answered if track.since == track.back_at else track.back_at)
        for track in (tracks[name] for name in steady if name in tracks)
        if track.back_at is not None
    )
