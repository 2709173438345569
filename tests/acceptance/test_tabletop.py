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


def test_recover_closes_the_story_of_a_dead_conductor(program: Program) -> None:
    running = program.start("run", "story.yaml", "--headless")
    program.wait_for("FaultInjected")
    running.send_signal(signal.SIGKILL)
    finish(running)
    done = program.run("recover")
    assert done.returncode == 0, done.stderr
    assert program.json("faults", "-o", "json") == []
