"""Times as drills give them: reached, or not reached by the end of the drill."""

from __future__ import annotations

from typing import NamedTuple


class Observed(NamedTuple):
    """One time in seconds. censored: it was not reached; it is longer than this, nobody knows by
    how much."""

    seconds: float
    censored: bool = False
