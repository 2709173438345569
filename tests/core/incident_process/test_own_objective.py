"""The burn rate that obliges to declare is counted by the scenario's own objective."""

from __future__ import annotations

from typing import Any

import pytest

from gameday.core.incident_process.criteria import Obliged, obliged
from tests.engine.drill import a_break, play


def by_burn_rate(**changes: Any) -> Obliged | None:
    """When ten minutes without responders oblige, and why."""
    state = play(timeline=[a_break("10m")], duration="15m", process={}, **changes).card.state
    assert state.process is not None
    return obliged(state, state.process)


def promise(objective: float) -> dict[str, object]:
    return {"objective": objective, "window": "30d"}


def test_without_a_promise_the_process_takes_its_own() -> None:
    plain, same = by_burn_rate(), by_burn_rate(slo=promise(99.9))
    assert plain is not None
    assert plain == same, "99.9 % is what the packaged policy says"
    assert "burn" in plain.criterion


@pytest.mark.parametrize(("objective", "comes"), [(99.99, True), (99.0, True), (50.0, False)])
def test_a_looser_promise_obliges_later_or_never(objective: float, comes: bool) -> None:
    plain, found = by_burn_rate(), by_burn_rate(slo=promise(objective))
    assert plain is not None
    assert (found is not None) == comes
    if found is not None:
        later = found.at.boot > plain.at.boot
        assert later == (objective < 99.9)
