"""Targets that are not those of the run's start are refused, each one by its name."""

from __future__ import annotations

import pytest

from gameday.adapters.chaostoolkit.identity import refuse_others
from gameday.engine.faults import FaultRejected

THEN = {"deployments/web": "1", "deployments/cart": "2"}


def test_the_same_ones_are_let_through() -> None:
    refuse_others(THEN, dict(reversed(THEN.items())))
    refuse_others({}, {})


@pytest.mark.parametrize(
    ("now", "said"),
    [
        ({"deployments/web": "1"}, "deployments/cart is gone"),
        ({**THEN, "deployments/pay": "3"}, "deployments/pay was not there"),
        ({**THEN, "deployments/web": "9"}, "deployments/web was made anew"),
        ({}, "deployments/cart, deployments/web is gone"),
    ],
)
def test_others_are_refused(now: dict[str, str], said: str) -> None:
    with pytest.raises(FaultRejected, match=said):
        refuse_others(THEN, now)
