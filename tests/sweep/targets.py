"""What the sweep breaks: one target of its own for each point, looked at from outside."""

from __future__ import annotations

import contextlib
import itertools
import json
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

STALL = {"toxic": 0.25, "stalled": 1.2}
"""By family, the seconds for which its API keeps a request that puts something in, also when
whoever sent it is dead by then."""


@dataclass(frozen=True)
class Target:
    """One thing to break: the experiment's file, and whether its fault is in."""

    experiment: Path
    is_in: Callable[[], bool]


class Site:
    """Servers shared by all points of a sweep, and targets made on them."""

    def __init__(
        self, api: str, stalled_apis: Mapping[str, str], upstream: str, directory: Path
    ) -> None:
        self._api = api
        self._stalled_apis = stalled_apis
        self._upstream = upstream
        self._directory = directory
        self._numbers = itertools.count()

    @contextmanager
    def target(self, family: str) -> Iterator[Target]:
        """A fresh target of a family."""
        directory = self._directory / f"target-{next(self._numbers)}"
        directory.mkdir()
        make: Mapping[str, Callable[[Path], AbstractContextManager[Target]]] = {
            "toxic": partial(self._toxic, self._stalled_apis["toxic"]),
            "stalled": partial(self._toxic, self._stalled_apis["stalled"]),
            "dependency": self._dependency,
            "process": _process,
            "plain": _plain,
            "slow": _slow,
        }
        with make[family](directory) as target:
            yield target

    @contextmanager
    def _proxy(self, name: str) -> Iterator[Callable[[], Any]]:
        body = {"name": name, "listen": "127.0.0.1:0", "upstream": self._upstream}
        _call("POST", f"{self._api}/proxies", body)
        try:
            yield lambda: _call("GET", f"{self._api}/proxies/{name}")
        finally:
            _call("DELETE", f"{self._api}/proxies/{name}")

    @contextmanager
    def _toxic(self, stalled_api: str, directory: Path) -> Iterator[Target]:
        """Through an API that stalls: what is sent may land long after its sender is dead."""
        arguments = {
            "server": stalled_api,
            "proxy": directory.name,
            "type": "latency",
            "attributes": {"latency": 300},
        }
        with self._proxy(directory.name) as look:
            file = _with_fault(directory, "toxiproxy.toxic", "add_toxic", arguments)
            yield Target(file, lambda: bool(look()["toxics"]) or not _passes(look()["listen"]))

    @contextmanager
    def _dependency(self, directory: Path) -> Iterator[Target]:
        arguments = {"server": self._api, "proxy": directory.name}
        with self._proxy(directory.name) as look:
            file = _with_fault(directory, "toxiproxy.down", "disable_proxy", arguments)
            yield Target(file, lambda: not look()["enabled"] or not _passes(look()["listen"]))


@contextmanager
def _process(directory: Path) -> Iterator[Target]:
    pidfile = directory / "service.pid"
    with (
        subprocess.Popen(["sleep", "600"], start_new_session=True) as service,
        contextlib.ExitStack() as stack,
    ):
        stack.callback(service.kill)
        pidfile.write_text(str(service.pid))
        arguments = {"pidfile": str(pidfile), "signal": "STOP"}
        extension = {"type": "process.signal", "arguments": arguments}
        action = _python("gameday.adapters.process.actions", "send_signal", **arguments)
        file = _write(directory, [action], [], [extension])
        stat = Path(f"/proc/{service.pid}/stat")
        yield Target(file, lambda: stat.read_text().rpartition(")")[2].split()[0] in "Tt")


def _plain(directory: Path) -> AbstractContextManager[Target]:
    return _two_steps(directory, 0.2)


def _slow(directory: Path) -> AbstractContextManager[Target]:
    return _two_steps(directory, 1.5)


@contextmanager
def _two_steps(directory: Path, pause: float) -> Iterator[Target]:
    """Somebody else's experiment: nothing of gameday in it, two steps with a pause between."""
    one, two = directory / "broken-1", directory / "broken-2"
    second = _program("touch", str(two)) | {"pauses": {"before": pause}}
    file = _write(
        directory,
        [_program("touch", str(one)), second],
        [_program("rm", "-f", str(one)), _program("rm", "-f", str(two))],
        [],
    )
    yield Target(file, lambda: one.exists() or two.exists())


def _with_fault(directory: Path, fault: str, action: str, arguments: dict[str, Any]) -> Path:
    method = [_python("gameday.adapters.toxiproxy.actions", action, **arguments)]
    return _write(directory, method, [], [{"type": fault, "arguments": arguments}])


def _write(
    directory: Path,
    method: list[dict[str, Any]],
    rollbacks: list[dict[str, Any]],
    faults: list[dict[str, Any]],
) -> Path:
    experiment: dict[str, Any] = {
        "title": "a fault",
        "description": "For the sweep.",
        "method": method,
        "rollbacks": rollbacks,
    }
    if faults:
        experiment["extensions"] = [{"name": "gameday", "faults": faults}]
    file = directory / "experiment.json"
    file.write_text(json.dumps(experiment))
    return file


def _python(module: str, func: str, **arguments: Any) -> dict[str, Any]:
    provider = {"type": "python", "module": module, "func": func, "arguments": arguments}
    return {"type": "action", "name": func, "provider": provider}


def _program(path: str, *arguments: str) -> dict[str, Any]:
    provider = {"type": "process", "path": path, "arguments": list(arguments), "timeout": 1}
    return {"type": "action", "name": f"{path} {arguments[-1]}", "provider": provider}


def _call(method: str, url: str, body: Any = None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, method=method)
    with urllib.request.urlopen(request, timeout=10) as answer:
        text = answer.read()
    return json.loads(text) if text else None


def _passes(listen: str) -> bool:
    """A connection through the proxy reaches what is behind it."""
    host, _, port = listen.rpartition(":")
    try:
        with socket.create_connection((host, int(port)), 5) as connection:
            connection.settimeout(5)
            return connection.recv(2) == b"ok"
    except OSError:
        return False


# --- the servers ------------------------------------------------------------------------


@contextmanager
def site(directory: Path) -> Iterator[Site]:
    """Start the fault proxy, its stalled double and what is behind them."""
    command = [sys.executable, "-m", "gameday.faultproxy", "--host", "127.0.0.1", "--port", "0"]
    with (
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as proxy,
        _server(_greet) as upstream,
        contextlib.ExitStack() as stack,
    ):
        stack.callback(proxy.terminate)
        assert proxy.stdout is not None
        api = proxy.stdout.readline().split()[-1]
        relays = {
            family: f"http://{stack.enter_context(_server(partial(_stall, api, seconds)))}"
            for family, seconds in STALL.items()
        }
        yield Site(api, relays, upstream, directory)


@contextmanager
def _server(serve: Callable[[socket.socket], None]) -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0), backlog=256) as listener:

        def accept() -> None:
            while True:
                try:
                    link, _ = listener.accept()
                except OSError:
                    return
                threading.Thread(target=serve, args=(link,), daemon=True).start()

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        host, port = listener.getsockname()
        yield f"{host}:{port}"
        listener.shutdown(socket.SHUT_RDWR)
        thread.join(5)


def _greet(link: socket.socket) -> None:
    with link, contextlib.suppress(OSError):
        link.sendall(b"ok")
        link.recv(1)


def _stall(api: str, seconds: float, link: socket.socket) -> None:
    """One request at a time is passed on whole; one that puts something in is kept for a while
    first, and passed on although nobody waits for the answer any more."""
    host, _, port = api.removeprefix("http://").rpartition(":")
    with link, contextlib.suppress(OSError), link.makefile("rb") as lines:
        while request := _request(lines):
            if request.startswith(b"POST") and b"/toxics " in request.split(b"\r\n", 1)[0]:
                time.sleep(seconds)
            with socket.create_connection((host, int(port)), 10) as onward:
                onward.sendall(request)
                answer = b""
                while chunk := onward.recv(65536):
                    answer += chunk
            link.sendall(answer)
            return  # it said "Connection: close"


def _request(lines: Any) -> bytes:
    """A request with its body, made one that closes the connection after the answer."""
    head, length = b"", 0
    while (line := lines.readline()).strip():
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
        if name.lower() != b"connection":
            head += line
    return head + b"Connection: close\r\n\r\n" + lines.read(length) if head else b""
