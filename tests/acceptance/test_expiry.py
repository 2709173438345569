"""A fault on a target that can keep a time limit ends there, though all of gameday is dead."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gameday.engine.ports import EXPIRY_MARGIN
from tests.acceptance.drills import experiment, game_day
from tests.acceptance.program import Program, eventually, finish, guardian_of
from tests.acceptance.test_run import post

pytestmark = [pytest.mark.acceptance, pytest.mark.timeout(300)]
HOLD = 3
CONFIGURATION = {
    "hold_ms": {
        "type": "env",
        "key": "GAMEDAY_HOLD_MS",
        "env_var_type": "int",
        "default": 3_600_000,
    }
}


@pytest.fixture
def api() -> Iterator[str]:
    """A fault proxy with the proxy ``db``."""
    command = [sys.executable, "-m", "gameday.faultproxy", "--host", "127.0.0.1", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        address = server.stdout.readline().split()[-1]
        try:
            body = {"name": "db", "listen": "127.0.0.1:0", "upstream": address.split("//")[1]}
            post(f"{address}/proxies", body)
            yield address
        finally:
            server.terminate()


def toxics(api: str) -> list[dict[str, Any]]:
    """What is in, seen from outside."""
    with urllib.request.urlopen(f"{api}/proxies/db/toxics", timeout=5) as answer:
        found: list[dict[str, Any]] = json.load(answer)
        return found


def with_a_limit(directory: Path, api: str) -> Path:
    """An experiment that hands its hold's limit to the target."""
    arguments = {
        "server": api,
        "proxy": "db",
        "type": "latency",
        "attributes": {"latency": 100},
        "expires_in_ms": "${hold_ms}",
    }
    provider = {
        "type": "python",
        "module": "gameday.adapters.toxiproxy.actions",
        "func": "add_toxic",
        "arguments": arguments,
    }
    return experiment(
        directory / "limited.json",
        [{"type": "action", "name": "slow", "provider": provider}],
        [],
        [{"type": "toxiproxy.toxic", "arguments": arguments}],
        CONFIGURATION,
    )


def test_the_holds_limit_is_the_toxics(api: str, tmp_path: Path) -> None:
    program = Program(tmp_path)
    drill = game_day(tmp_path, with_a_limit(tmp_path, api), "toxiproxy/db", f"{HOLD}s")
    running = program.start("run", str(drill), "--yes", "--headless")
    (toxic,) = eventually(lambda: toxics(api), "no toxic")
    os.kill(guardian_of(running.pid), signal.SIGKILL)
    running.kill()
    finish(running)
    assert 0 < toxic["expires_in_ms"] <= 1000 * (HOLD + EXPIRY_MARGIN)
    assert toxics(api), "somebody has taken it out: this shows nothing"
    eventually(lambda: not toxics(api), "the toxic stayed")
    assert program.run("faults").returncode == 8  # nobody has proved it yet
    assert program.run("recover").returncode == 0


def test_the_hold_itself_ends_before_that_limit(api: str, tmp_path: Path) -> None:
    program = Program(tmp_path)
    drill = game_day(tmp_path, with_a_limit(tmp_path, api), "toxiproxy/db", "1s", "3s")
    done = program.run("run", str(drill), "--yes", "--headless")
    undoing = next(event for event in program.events() if event["type"] == "FaultUndoing")
    assert undoing["data"]["cause"] == "hold_expired", done.stderr
    assert not toxics(api)


def test_outside_a_game_day_the_files_own_limit_counts(api: str, tmp_path: Path) -> None:
    from chaoslib.configuration import load_configuration

    file = json.loads(with_a_limit(tmp_path, api).read_text(encoding="utf-8"))
    assert load_configuration(file["configuration"]) == {"hold_ms": 3_600_000}
    done = Program(tmp_path).run("experiment", "run", str(tmp_path / "limited.json"))
    assert done.returncode == 0, done.stderr
