"""TCP, process and Python probes."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gameday.engine.ports import Probe, Reading

from .servers import closed_port

Build = Callable[..., Probe]
ReadOnce = Callable[..., Reading]


def eventually(condition: Callable[[], bool], seconds: float = 10) -> None:
    """Wait for a condition, failing when it does not come."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.01)


def alive(pid: int) -> bool:
    """Whether that process runs; a zombie does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def children() -> set[str]:
    """This process's children, by pid and name; other tests may have left it servants."""
    listed = subprocess.run(
        ["ps", "--ppid", str(os.getpid()), "-o", "pid=,comm="], capture_output=True, text=True
    )
    return {line for line in listed.stdout.splitlines() if not line.strip().endswith(" ps")}


# --- tcp ------------------------------------------------------------------------------


def test_tcp_open_and_refused(probe: Build) -> None:
    async def scenario() -> None:
        server = await asyncio.start_server(lambda _r, w: w.close(), "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        made = probe(type="tcp", host="127.0.0.1", port=str(port))
        assert await asyncio.gather(*[made.read() for _ in range(20)]) == [Reading(True)] * 20
        server.close()
        await server.wait_closed()
        refused = Reading(None, f"connection refused by 127.0.0.1:{port}")
        assert await made.read() == refused

    asyncio.run(scenario())


def test_tcp_closed_port_can_be_what_is_wanted(read_once: ReadOnce) -> None:
    fields = {"type": "tcp", "host": "127.0.0.1", "port": closed_port(), "tolerance": False}
    assert read_once(**fields) == Reading(False)


@pytest.mark.parametrize("port", ["nonsense", "0", "70000"])
def test_tcp_bad_port(read_once: ReadOnce, port: str) -> None:
    found = read_once(type="tcp", host="127.0.0.1", port=port)
    assert found == Reading(None, f"{port!r} is not a port")


def test_tcp_bad_names(read_once: ReadOnce) -> None:
    for host in ("nobody.invalid", "a..b", "x" * 300):
        found = read_once(type="tcp", host=host, port=1, timeout="10s")
        assert found.value is None
        assert host in found.error


# --- process --------------------------------------------------------------------------


def shell(script: str, **fields: Any) -> dict[str, Any]:
    return {"type": "process", "command": ["sh", "-c", script], "timeout": "10s", **fields}


def test_process_exit_code_and_output(read_once: ReadOnce) -> None:
    assert read_once(**shell("exit 3")) == Reading(3)
    assert read_once(**shell("echo hello; echo x >&2", measure="stdout")) == Reading("hello")
    assert read_once(**shell("echo hello; echo x >&2", measure="stderr")) == Reading("x")
    failed = Reading(None, "exit code 4: broken")
    assert read_once(**shell("echo broken >&2; exit 4", measure="stdout")) == failed
    assert read_once(**shell("kill -9 $$")) == Reading(-9)


def test_process_that_cannot_start(read_once: ReadOnce, tmp_path: Path) -> None:
    found = read_once(type="process", command=["/no/such/program"])
    assert found == Reading(None, "cannot run '/no/such/program': no such file or directory")
    found = read_once(type="process", command=["true", "a\0b"])
    assert found.error.startswith("cannot run 'true'")


def test_process_gets_secrets_and_shows_none(read_once: ReadOnce) -> None:
    assert read_once(**shell('test "${secrets.token}" = s3cr3t-t0k3n')) == Reading(0)
    found = read_once(**shell("echo ${secrets.token} >&2; exit 1", measure="stdout"))
    assert found == Reading(None, "exit code 1: •••")


def test_process_much_output_does_not_block_it(read_once: ReadOnce) -> None:
    found = read_once(**shell("head -c 3000000 /dev/zero | tr '\\0' a", measure="stdout"))
    assert isinstance(found.value, str)
    assert len(found.value) == 64 * 1024


def test_process_group_is_killed_on_time_out(read_once: ReadOnce, tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    script = f"trap '' TERM; sleep 300 & echo $! $$ > {pids}; wait"
    before = children()
    assert read_once(**shell(script, timeout="500ms")) == Reading(None, "timed out after 500ms")
    for pid in map(int, pids.read_text().split()):
        eventually(lambda pid=pid: not alive(pid))  # type: ignore[misc]
    eventually(lambda: children() <= before)


def test_process_leaves_nothing_in_the_background(read_once: ReadOnce, tmp_path: Path) -> None:
    """Neither with closed output nor with output that it would hold open."""
    pid = tmp_path / "pid"
    assert read_once(**shell(f"sleep 300 & echo $! > {pid}")) == Reading(0)
    eventually(lambda: not alive(int(pid.read_text())))


def test_process_cancelled_at_any_moment_leaves_nothing(probe: Build) -> None:
    async def scenario() -> None:
        made = probe(**shell("sleep 300"))
        for turns in range(25):
            reading = asyncio.ensure_future(made.read())
            for _ in range(turns):
                await asyncio.sleep(0)
            reading.cancel()
            with pytest.raises(asyncio.CancelledError):
                await reading

    before = children()
    asyncio.run(scenario())
    eventually(lambda: children() <= before)


def test_process_readings_overlap(probe: Build, tmp_path: Path) -> None:
    """Each waits until all five are there, which one after the other they never would be."""
    wait = f"while [ $(ls {tmp_path} | wc -l) -lt 5 ]; do sleep 0.05; done"
    meet = f"touch {tmp_path}/$$; {wait}; echo done"

    async def scenario() -> None:
        made = probe(**shell(meet, measure="stdout"))
        assert await asyncio.gather(*[made.read() for _ in range(5)]) == [Reading("done")] * 5

    asyncio.run(scenario())


# --- python ---------------------------------------------------------------------------


@pytest.fixture
def functions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A module of the user's."""
    (tmp_path / "users_probes.py").write_text(
        "import time, sys\n"
        "def double(n, configuration=None, secrets=None): return n * 2\n"
        "def needs(configuration, secrets): return configuration == {} and secrets == {}\n"
        "def slow(): time.sleep(3600)\n"
        "def fails(token): raise ValueError('no ' + token)\n"
        "def leaves(): sys.exit(3)\n"
        "def nothing(): pass\n"
        "def many(): return [1]\n"
        "async def later(): return 1\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "users_probes", raising=False)
    return "users_probes"


@pytest.mark.parametrize(
    ("func", "arguments", "expected"),
    [
        ("double", {"n": 21}, Reading(42)),
        ("needs", {}, Reading(True)),
        ("fails", {"token": "${secrets.token}"}, Reading(None, "ValueError: no •••")),
        ("leaves", {}, Reading(None, "SystemExit: 3")),
        ("double", {}, "TypeError: double() missing 1 required positional argument"),
        ("nothing", {}, "the function returned nothing"),
        ("many", {}, "the function returned a list"),
        ("later", {}, "the function is asynchronous"),
        ("absent", {}, "AttributeError: module 'users_probes' has no attribute 'absent'"),
    ],
)
def test_python(
    read_once: ReadOnce,
    functions: str,
    func: str,
    arguments: dict[str, Any],
    expected: Reading | str,
) -> None:
    found = read_once(type="python", module=functions, func=func, arguments=arguments)
    if isinstance(expected, Reading):
        assert found == expected
    else:
        assert found.error.startswith(expected)


def test_python_module_that_is_not_there(read_once: ReadOnce) -> None:
    found = read_once(type="python", module="no_such_module", func="f")
    assert found == Reading(None, "ModuleNotFoundError: No module named 'no_such_module'")


def test_python_that_hangs_holds_up_nothing(functions: str, tmp_path: Path) -> None:
    """Neither the next reading, nor a cancel, nor the program's end."""
    code = """
import asyncio, time
from gameday.adapters.probes import build_probe
from gameday.core.scenario.probes import (PythonProbe)
async def main():
    model = PythonProbe(type="python", module="users_probes", func="slow", timeout="100ms")
    probe = build_probe(model, str)
    readings = await asyncio.gather(*[probe.read() for _ in range(16)])
    assert {r.error for r in readings} == {"timed out after 100ms"}, readings
    assert (await probe.read()).error == "16 earlier calls have not returned"
    task = asyncio.ensure_future(build_probe(model, str).read())
    await asyncio.sleep(0.01)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
asyncio.run(main())
"""
    path = os.pathsep.join([str(tmp_path), *sys.path])
    environment = {**os.environ, "PYTHONPATH": path}
    subprocess.run([sys.executable, "-c", code], check=True, timeout=30, env=environment)
