"""``gameday run`` of a tabletop: nothing is touched, nothing is asked, and a dead conductor leaves
nothing that a recovery could not close."""

from __future__ import annotations

import json
import signal
from pathlib import Path

import pytest

from tests.acceptance.program import Program, finish

pytestmark = [pytest.mark.acceptance, pytest.mark.timeout(300)]
STORY = """
title: A short story
mode: tabletop
narrative: Once upon a time.
owner: sre
severity: SEV2
environment: story
objectives: [talk]
pace: 0.01
timeline:
  - {id: fire, at: +1s, title: Smoke, imagine: A rack burns, hold: {at_most: 60s}}
duration: 90s
verification: {before: 1s, settle: 5s, mitigated: 2s, resolved: 1s, after: 1s, recover_within: 20s}
"""


@pytest.fixture
def program(tmp_path: Path) -> Program:
    (tmp_path / "story.yaml").write_text(STORY)
    return Program(tmp_path)


def test_a_facilitator_tells_it_from_another_terminal(program: Program) -> None:
    running = program.start("run", "story.yaml", "--headless", "-o", "json")  # no --yes is needed
    program.wait_for("ImpactStarted")
    assert program.run("respond", "declare", "--severity", "P2", "--for", "alice").returncode == 0
    assert program.run("respond", "story", "--well", "water", "--for", "fay").returncode == 0
    assert program.run("respond", "mitigate", "we poured water", "--for", "bob").returncode == 0
    program.wait_for("MitigationVerified")
    assert program.run("respond", "resolve", "--for", "alice").returncode == 0
    report = json.loads(finish(running).stdout)
    assert report["attribution"] == "responder"
    assert report["severity"]["declared"] == "SEV2"
    assert report["faults"][0]["verified"]
    notices = next((program.directory / ".gameday/runs").glob("*/notices.log")).read_text()
    assert "due now (engineering manager)" in notices


def test_what_somebody_records_that_they_did_is_what_ended_it(program: Program) -> None:
    """Nobody claims anything: the deed alone tells."""
    running = program.start("run", "story.yaml", "--headless", "-o", "json")
    program.wait_for("ImpactStarted")
    assert program.run("respond", "act", "poured water", "--for", "bob").returncode == 0
    assert program.run("respond", "story", "--well", "no smoke", "--for", "fay").returncode == 0
    program.wait_for("MitigationVerified")
    assert program.run("respond", "resolve", "--for", "bob").returncode == 0
    report = json.loads(finish(running).stdout)
    assert report["attribution"] == "responder"
    assert "bob acted: poured water" in {entry["text"] for entry in program.events()}


CARDS = """
cards:
  seed: 7
  draw: 3
  first: +1s
  every: 1s
  deck:
    - {id: a, title: A, message: a}
    - {id: b, title: B, message: b}
    - {id: c, title: C, message: c}
    - {id: d, title: D, message: d}
    - {id: e, title: E, message: e}
"""


@pytest.mark.parametrize("seed", [(), ("--seed", "3"), ("--seed", "11")])
def test_a_plan_deals_the_cards_that_the_run_deals(program: Program, seed: tuple[str, ...]) -> None:
    short = STORY.replace("duration: 90s", "duration: 5s").replace("at_most: 60s", "at_most: 3s")
    (program.directory / "cards.yaml").write_text(short + CARDS, encoding="utf-8")
    planned = program.json("plan", "cards.yaml", *seed, "-o", "json")["timeline"]
    cards = [row["id"] for row in planned if row["id"].startswith("card-")]
    assert len(cards) == 3
    program.run("run", "cards.yaml", *seed, "--headless")
    sent = [e["data"]["inject"] for e in program.events() if e["type"] == "InjectSent"]
    assert [id for id in sent if id.startswith("card-")] == cards
    if seed:  # else any seed would do
        file = program.json("plan", "cards.yaml", "-o", "json")["timeline"]
        assert cards != [row["id"] for row in file if row["id"].startswith("card-")]


def test_recover_closes_the_story_of_a_dead_conductor(program: Program) -> None:
    running = program.start("run", "story.yaml", "--headless")
    program.wait_for("FaultInjected")
    running.send_signal(signal.SIGKILL)
    finish(running)
    done = program.run("recover")
    assert done.returncode == 0, done.stderr
    assert program.json("faults", "-o", "json") == []
