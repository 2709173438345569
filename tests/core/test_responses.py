"""What people say becomes a fact, or they are told what is missing or out of place."""

from __future__ import annotations

import pytest

from gameday.core.log import events as e
from gameday.core.log.responses import BadResponse, Said, fact
from gameday.core.words import Response, Severity


def test_a_detection_without_a_source_came_from_a_teammate() -> None:
    detected = fact(Said(Response.DETECT, by="alice"))
    assert isinstance(detected, e.Detected)
    assert detected.source == "teammate"


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (Said(Response.NOTE, by="alice", text=" "), "needs a text"),
        (Said(Response.DECLARE, by="alice"), "needs a severity"),
        (Said(Response.ROLE, by="alice"), "needs a role"),
        (Said(Response.ANNUL, by="alice", text="oops"), "needs an entry"),
        (Said(Response.ANNUL, by="alice", details={"entry": "e1"}), "needs a reason"),
        (
            Said(Response.NOTE, by="a", text="x", details={"severity": Severity.SEV1}),
            "takes no severity",
        ),
        (Said(Response.ACK, by="a", details={"source": "alert"}), "takes no source"),
        (Said(Response.RESOLVE, by="a", details={"entry": "e1"}), "takes no entry"),
        (Said(Response.ESCALATE, by="a", details={"to": " "}), "needs a to"),
        (Said(Response.CHECK, by="a", details={"item": "\t"}), "needs an item"),
    ],
)
def test_what_is_missing_or_out_of_place_is_named(said: Said, told: str) -> None:
    with pytest.raises(BadResponse, match=told):
        fact(said)
