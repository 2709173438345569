"""A game day names its targets when it begins; a namesake that comes later is not broken."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.acceptance.drills import game_day
from tests.acceptance.program import Program, eventually, finish
from tests.kubernetes_faults.experiment import written
from tests.kubernetes_faults.families import FAMILIES
from tests.kubernetes_faults.place import MANIFEST, Place

pytestmark = [pytest.mark.needs_cluster, pytest.mark.timeout(300)]

SCALE = next(one for one in FAMILIES if one.type == "kubernetes.scale")


def test_a_claim_tells_which_run_it_belongs_to(place: Place, tmp_path: Path) -> None:
    place.settled()
    program = Program(tmp_path)
    running = program.start("experiment", "run", written(SCALE, place, tmp_path))
    (claim,) = eventually(lambda: place.get("leases")["items"], "no claim")
    assert finish(running).returncode == 0
    (run,) = program.json("get", "runs", "-o", "json")
    assert claim["metadata"]["annotations"]["gameday.dev/run"] == run["id"]
    place.settled()


@pytest.mark.parametrize("anew", [True, False])
def test_a_deployment_made_anew_is_not_the_target(place: Place, tmp_path: Path, anew: bool) -> None:
    """``anew=False`` is the negative control: left alone, the same drill breaks it."""
    place.settled()
    experiment = Path(written(SCALE, place, tmp_path))
    file = game_day(tmp_path, experiment, f"kubernetes/{place.name}/*", "2s", "10s")
    late = file.read_text(encoding="utf-8").replace("at: +0s", "at: +8s").replace("10s", "30s")
    file.write_text(late, encoding="utf-8")
    program = Program(tmp_path)
    running = program.start("run", str(file), "--yes", "--headless")
    program.wait_for("RunStarted")
    if anew:
        place.kubectl("-n", place.name, "delete", "deployment", "web")
        place.kubectl("-n", place.name, "apply", "-f", str(MANIFEST))
    finish(running)
    kinds = {event["type"] for event in program.events()}
    assert ("FaultInjected" in kinds) is not anew
    assert ("FaultRefused" in kinds) is anew
    if anew:
        (refused,) = [e for e in program.events() if e["type"] == "FaultRefused"]
        assert "deployments/web was made anew" in str(refused)
    place.settled()
