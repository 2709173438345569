"""The API server goes away in the middle of a run: no fault is forgotten, and what is in comes out
once the server is back. Between gameday and the server stands our own fault proxy; kubectl, which
looks on, has a way of its own."""

from __future__ import annotations

import json
import signal
import subprocess
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import yaml

from tests.acceptance.drills import process
from tests.acceptance.program import Program, eventually, finish
from tests.kubernetes_faults.experiment import written
from tests.kubernetes_faults.families import FAMILIES
from tests.kubernetes_faults.place import SERVER, Place, changed

pytestmark = [pytest.mark.needs_cluster, pytest.mark.acceptance, pytest.mark.timeout(300)]
SCALE = next(one for one in FAMILIES if one.type == "kubernetes.scale")


@dataclass(frozen=True)
class Way:
    """A way to the API server that can be closed; one that hangs says nothing, as a server that
    has lost its network."""

    api: str
    listen: str

    def close(self) -> None:
        self._send("POST", "/proxies/server", {"enabled": False})

    def hang(self) -> None:
        toxic = {"name": "silence", "type": "timeout", "attributes": {"timeout": 0}}
        self._send("POST", "/proxies/server/toxics", toxic)

    def open(self) -> None:
        self._send("POST", "/reset", {})

    def _send(self, method: str, path: str, body: object) -> None:
        request = urllib.request.Request(self.api + path, json.dumps(body).encode(), method=method)
        with urllib.request.urlopen(request, timeout=10):
            pass


@pytest.fixture
def way(tmp_path: Path) -> Iterator[Way]:
    """A proxy in front of the API server, open."""
    upstream = SERVER.removeprefix("https://")
    config = tmp_path / "proxies.json"
    config.write_text(
        json.dumps([{"name": "server", "listen": "127.0.0.1:0", "upstream": upstream}])
    )
    program = Program(tmp_path)
    running = program.start("proxy", "serve", "--port", "0", "--config", str(config))
    assert running.stdout is not None
    api = running.stdout.readline().split()[-1]
    with urllib.request.urlopen(f"{api}/proxies/server", timeout=10) as answer:
        listen = json.load(answer)["listen"]
    yield Way(api, listen)
    running.send_signal(signal.SIGTERM)
    finish(running)


@pytest.fixture
def program(way: Way, kubeconfig: str, tmp_path: Path) -> Program:
    """``gameday``, which reaches the cluster only by that way."""
    config = yaml.safe_load(Path(kubeconfig).read_text(encoding="utf-8"))
    config["clusters"][0]["cluster"]["server"] = f"https://{way.listen}"
    (tmp_path / "config").write_text(json.dumps(config), encoding="utf-8")
    return Program(tmp_path, {"KUBECONFIG": str(tmp_path / "config")})


def broken(program: Program, place: Place, way: Way) -> subprocess.Popen[str]:
    """An experiment whose fault is in, and stays in."""
    through = replace(place, server=f"https://{way.listen}")
    file = Path(written(SCALE, through, program.directory))
    held = json.loads(file.read_text(encoding="utf-8"))
    held["method"].append({**process("true"), "pauses": {"before": 600}})
    file.write_text(json.dumps(held), encoding="utf-8")
    running = program.start("experiment", "run", str(file))
    eventually(lambda: SCALE.is_in(place), "the fault never went in")
    return running


@pytest.mark.parametrize("how", ["close", "hang"])
def test_a_fault_stays_in_the_ledger_until_the_server_is_back(
    place: Place, program: Program, way: Way, how: str
) -> None:
    place.settled()
    before = place.snapshot()
    running = broken(program, place, way)
    getattr(way, how)()
    running.send_signal(signal.SIGTERM)
    done = finish(running)
    assert done.returncode == 8, done.stderr
    assert "A FAULT IS STILL IN" in done.stderr
    assert "deployments/web" in done.stderr
    assert program.run("faults").returncode == 8
    if how == "close":  # a recovery that waits for a silent server takes minutes, and ends alike
        assert program.run("recover").returncode == 8, "it cannot have been undone"
    assert SCALE.is_in(place)
    way.open()
    recovered = program.run("recover")
    assert recovered.returncode == 0, recovered.stderr
    place.settled()
    assert not changed(before, place.snapshot())


def test_an_undo_goes_on_when_the_server_comes_back_meanwhile(
    place: Place, program: Program, way: Way
) -> None:
    place.settled()
    before = place.snapshot()
    running = broken(program, place, way)
    way.close()
    running.send_signal(signal.SIGTERM)
    program.wait_for("FaultUndoing")
    way.open()
    done = finish(running)
    assert "STILL IN" not in done.stderr, done.stderr
    assert program.run("faults").returncode == 0
    place.settled()
    assert not changed(before, place.snapshot())
