"""The JSON report keeps the keys that scripts read."""

from __future__ import annotations

import json

import pytest

from gameday.core.scorecard.scorecard import scorecard
from gameday.reports.json_report import to_json
from tests.engine.drill import RUN
from tests.reports.sample_runs import ODD, rich

KEYS = (
    *("verdicts", "milestones", "times", "attribution", "false_all_clears", "steady_state"),
    *("faults", "score", "run", "reasons", "impacts", "schema_version"),
)


@pytest.mark.parametrize("name", ODD)
def test_every_kind_of_run_has_every_key(name: str) -> None:
    report = json.loads(json.dumps(to_json(ODD[name]())))
    assert set(KEYS) <= set(report)
    assert set(report["verdicts"]) == {"run", "system", "people"}
    assert set(report["score"]) == {"total", "parts"}
    assert len(report["milestones"]) == 9
    for time in report["times"].values():
        assert {"seconds", "target_s", "verdict", "from_event", "to_event", "why"} <= set(time)


def test_the_same_records_give_the_same_report() -> None:
    card = rich()
    assert to_json(scorecard(RUN, list(card.records))) == to_json(card)
