"""What every fault plug-in promises, on real targets."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from gameday.adapters.chaostoolkit import plugins
from gameday.engine.faults import Fault, FaultMissing, FaultStillPresent
from tests.adapters.faults.proxying import Api, stored, until

SERVER = """
import http.server, os, pathlib, sys
pidfile, port = pathlib.Path(sys.argv[1]), int(sys.argv[2])
server = http.server.HTTPServer(("127.0.0.1", port), http.server.SimpleHTTPRequestHandler)
pathlib.Path(str(pidfile) + ".port").write_text(str(server.server_address[1]))
pathlib.Path(str(pidfile) + ".new").write_text(str(os.getpid()))
os.replace(str(pidfile) + ".new", pidfile)
server.serve_forever()
"""


class Case:
    """A fault with its arguments, and how its target looks from outside."""

    def __init__(self, name: str, arguments: dict[str, Any], look: Callable[[], Any]) -> None:
        self.fault: Fault = plugins.fault(name)
        self.arguments = arguments
        self.look = look


@pytest.fixture
def service_process(tmp_path: Path) -> Iterator[dict[str, Any]]:
    """A web server in a process of its own, with the arguments to break and restart it."""
    pidfile = tmp_path / "web.pid"

    def command(port: str) -> list[str]:
        return [sys.executable, "-c", SERVER, str(pidfile), port]

    with subprocess.Popen(command("0"), start_new_session=True, stderr=subprocess.DEVNULL) as first:
        until(pidfile.exists)
        port = Path(f"{pidfile}.port").read_text()
        yield {
            "pidfile": str(pidfile),
            "check": f"http://127.0.0.1:{port}/",
            "restart": {"command": command(port)},
        }
        first.kill()
    last = int(pidfile.read_text())
    if last != first.pid:
        subprocess.run(["kill", "-KILL", str(last)], check=False)


@pytest.fixture(params=["KILL", "TERM", "STOP"])
def process_case(request: pytest.FixtureRequest, service_process: dict[str, Any]) -> Case:
    """Every kind of fault on a process."""
    arguments = service_process | {"signal": request.param}
    return Case("process.signal", arguments, Path(arguments["pidfile"]).exists)


@pytest.fixture(params=["toxic", "down"])
def proxy_case(request: pytest.FixtureRequest, api: Api) -> Case:
    """Every kind of fault on a proxy, on both servers."""
    api.add(name="theirs", type="latency", attributes={"latency": 1, "jitter": 0})
    arguments: dict[str, Any] = {"server": api.server, "proxy": api.name}
    if request.param == "toxic":
        arguments |= {"type": "latency", "attributes": {"latency": 9}, "stream": "upstream"}
    return Case(f"toxiproxy.{request.param}", arguments, api.now)


class Promises:
    """What holds for every fault."""

    def test_in_and_out_and_out_again(self, case: Case) -> None:
        fault, arguments = case.fault, case.arguments
        before = case.look()
        prior = stored(fault.capture(arguments))
        assert case.look() == before  # capturing changes nothing
        with pytest.raises(FaultMissing):
            fault.verify_injected(arguments, prior)

        fault.inject(arguments)
        assert fault.verify_injected(arguments, prior)
        with pytest.raises(FaultStillPresent):  # the control: a proof must be able to fail
            fault.verify_undone(arguments, prior)

        for _ in range(2):
            fault.undo(arguments, prior)
            assert fault.verify_undone(arguments, prior)
            assert case.look() == before

    def test_undo_without_inject_changes_nothing(self, case: Case) -> None:
        before = case.look()
        prior = stored(case.fault.capture(case.arguments))
        case.fault.undo(case.arguments, prior)
        assert case.fault.verify_undone(case.arguments, prior)
        assert case.look() == before

    def test_describing_is_pure_and_names_the_target(self, case: Case) -> None:
        description = case.fault.describe(case.arguments)
        assert all("/" in target for target in description.targets)
        assert description.blast_radius
        assert case.fault.problems(case.arguments) == []
        assert json.dumps(list(case.fault.problems({"no": "such"})))


class TestOnProcesses(Promises):
    """On a process."""

    @pytest.fixture
    def case(self, process_case: Case) -> Case:
        return process_case


class TestOnProxies(Promises):
    """On a proxy of either server."""

    @pytest.fixture
    def case(self, proxy_case: Case) -> Case:
        return proxy_case


def test_the_entry_points_say_the_same_as_the_built_in_table() -> None:
    text = (Path(__file__).parents[3] / "pyproject.toml").read_text()
    for name, place in plugins.BUILT_IN.items():
        assert f'"{name}" = "{place}"' in text
        assert name in plugins.known()
