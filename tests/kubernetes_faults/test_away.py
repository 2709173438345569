"""The API server goes away in the middle of a run: no fault is forgotten, nothing is half done, and
what is in comes out once the server is back."""

from __future__ import annotations

import itertools
import json
import signal
import subprocess
import threading
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from gameday.adapters.chaostoolkit import plugins
from gameday.engine.faults import Fault, FaultFailure
from tests.acceptance.drills import game_day, process
from tests.acceptance.program import Program, eventually, finish
from tests.kubernetes_faults.experiment import written
from tests.kubernetes_faults.families import FAMILIES
from tests.kubernetes_faults.place import CONTEXT, Place, changed
from tests.kubernetes_faults.way import Way

pytestmark = [pytest.mark.needs_cluster, pytest.mark.acceptance, pytest.mark.timeout(420)]
SCALE = next(one for one in FAMILIES if one.type == "kubernetes.scale")
SILENCE = 330
"""Seconds in which a run has given up a server that says nothing. With nobody else at work it takes
100 to try every inverse to the end, and that twice: the call that was cut off may still land."""
STEP = 1500
"""Bytes of answers: small beside an object of the API, so that no answer is passed over."""
HOLD = 8
"""Seconds for which a game day's fault stays in; the way is closed in the meantime."""


@pytest.fixture
def settled(place: Place) -> Iterator[Place]:
    """The place; in the end all is as it was, object by object, and no claim is left."""
    place.settled()
    before = place.snapshot()
    yield place
    place.settled()
    assert not changed(before, place.snapshot())


def broken(program: Program, place: Place, way: Way) -> subprocess.Popen[str]:
    """An experiment whose fault is in, and stays in."""
    file = Path(written(SCALE, way.to(place), program.directory))
    held = json.loads(file.read_text(encoding="utf-8"))
    held["method"].append({**process("true"), "pauses": {"before": 600}})
    file.write_text(json.dumps(held), encoding="utf-8")
    running = program.start("experiment", "run", str(file))
    eventually(lambda: SCALE.is_in(place), "the fault never went in")
    return running


def drill(program: Program, place: Place, way: Way, at: str) -> subprocess.Popen[str]:
    """A game day that has begun; its signals come from the API server too."""
    fault = Path(written(SCALE, way.to(place), program.directory))
    file = game_day(program.directory, fault, target(place), f"{HOLD}s")
    text = file.read_text(encoding="utf-8").replace("at: +0s", f"at: +{at}")
    where = f"context: {CONTEXT}, api_server: '{way.server}', namespace: {place.name}"
    file.write_text(f"{text}signals: [{{type: kubernetes, {where}}}]\n", encoding="utf-8")
    return program.start("run", str(file), "--yes", "--headless")


def target(place: Place) -> str:
    return f"kubernetes/{place.name}/deployments/web"


def is_loud(text: str, place: Place) -> None:
    """It names the fault's target, why it is in, and what to do."""
    assert "A FAULT IS STILL IN" in text
    assert f"targets: {target(place)}" in text
    assert "wait until it can be reached" in text
    assert "gameday recover --run" in text


def is_in_until_recovered(program: Program, place: Place, way: Way) -> None:
    """The ledger knows it, also while nobody can do anything; then it comes out."""
    assert SCALE.is_in(place), "nothing was left, so this test shows nothing"
    listed = program.run("faults", "-o", "json")
    assert listed.returncode == 8
    assert [row["status"] for row in json.loads(listed.stdout)] == ["stuck"]
    way.open()
    recovered = program.run("recover")
    assert recovered.returncode == 0, recovered.stderr
    assert program.json("faults", "-o", "json") == []


def test_a_silent_server_is_given_up_and_the_fault_stays_in_the_ledger(
    settled: Place, program: Program, way: Way
) -> None:
    running = broken(program, settled, way)
    way.hang()
    running.send_signal(signal.SIGTERM)
    done = finish(running, within=SILENCE)
    assert done.returncode == 8, done.stderr
    is_loud(done.stderr, settled)
    is_in_until_recovered(program, settled, way)


def test_a_game_day_whose_fault_cannot_come_out_ends_and_says_so(
    settled: Place, program: Program, way: Way
) -> None:
    running = drill(program, settled, way, at="0s")
    program.wait_for("FaultInjected")
    way.close()
    done = finish(running)
    assert done.returncode == 8, done.stderr
    is_loud(done.stderr, settled)
    assert "nothing can be seen" in done.stderr, "its signals were not told to be blind"
    assert "unsafe" in done.stdout
    again = program.run("recover")
    assert again.returncode == 8, "it cannot have been undone"
    is_loud(again.stderr, settled)
    is_in_until_recovered(program, settled, way)


def test_an_undo_goes_on_when_the_server_comes_back_meanwhile(
    settled: Place, program: Program, way: Way
) -> None:
    running = broken(program, settled, way)
    way.close()
    running.send_signal(signal.SIGTERM)
    program.wait_for("FaultUndoing")
    way.open()
    done = finish(running)
    assert "STILL IN" not in done.stderr, done.stderr
    assert program.run("faults").returncode == 0


def test_a_server_that_falls_silent_before_the_fault_gets_none(
    settled: Place, program: Program, way: Way
) -> None:
    running = drill(program, settled, way, at="5s")
    program.wait_for("RunStarted")
    way.hang()
    done = finish(running)
    assert done.returncode == 4, done.stderr
    assert "the-fault" in done.stderr
    assert "wait until it can be reached" in done.stderr
    assert not SCALE.is_in(settled)
    assert program.json("faults", "-o", "json") == []


def test_without_a_server_nothing_begins(settled: Place, program: Program, way: Way) -> None:
    way.close()
    file = written(SCALE, way.to(settled), program.directory)
    done = program.run("experiment", "run", file)
    assert done.returncode == 4, done.stderr
    assert "wait until it can be reached" in done.stdout + done.stderr
    running = drill(program, settled, way, at="0s")
    done = finish(running)
    assert done.returncode == 4, done.stderr
    assert "wait until it can be reached" in done.stderr
    assert program.json("faults", "-o", "json") == []


def test_cut_off_after_any_answer_it_comes_out_whole(
    settled: Place, way: Way, kubeconfig: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each time the server is gone a little later, until the fault goes in undisturbed."""
    monkeypatch.setenv("KUBECONFIG", way.kubeconfig(kubeconfig, tmp_path / "config"))
    fault, arguments = plugins.fault(SCALE.type), SCALE.at(way.to(settled))
    others, left = _renewing(), set()
    for size in itertools.count(STEP, STEP):
        prior = fault.capture(arguments)
        way.cut_after(size)
        try:
            fault.inject(arguments)
            whole = True
        except FaultFailure:
            whole = False
        way.open()
        left.add((bool(settled.get("leases")["items"]), SCALE.is_in(settled)))
        out = partial(comes_out, fault, arguments, prior)
        eventually(out, f"after {size} bytes it stays in")
        assert settled.get("leases")["items"] == []
        if whole:
            break
    # nothing, a claim alone, and the fault: each was met with at least once
    assert left == {(False, False), (True, False), (True, True)}
    eventually(lambda: _renewing() <= others, "a claim that is gone is still renewed")


def comes_out(fault: Fault, arguments: Mapping[str, Any], prior: Mapping[str, Any]) -> bool:
    """One try to undo, as a run makes several: a busy server may answer too late."""
    try:
        fault.undo(arguments, prior)
        return bool(fault.verify_undone(arguments, prior))
    except FaultFailure:
        return False


def _renewing() -> set[threading.Thread]:
    return {thread for thread in threading.enumerate() if thread.name == "claim"}
