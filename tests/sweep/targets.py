"""What the sweep breaks: one target of its own for each point, looked at from outside."""

from __future__ import annotations

import contextlib
import itertools
import json
import select
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

STALL = 0.25
"""Seconds for which the toxics' API keeps a request that puts something in, also when whoever
sent it is dead by then."""
LATE = 1.5
"""Seconds for which a dead sender's request stays in the air once somebody has looked for it:
less than the time-out of its call, which an undo has to wait out."""
UNDONE_WITHIN = 20.0


@dataclass(frozen=True)
class Target:
    """One thing to break: the experiment's file, and whether its fault is in."""

    experiment: Path
    is_in: Callable[[], bool]


class Site:
    """Servers shared by all points of a sweep, and targets made on them."""

    def __init__(
        self, api: str, stalled_api: str, late_api: str, air: Air, upstream: str, directory: Path
    ) -> None:
        self._api = api
        self._stalled_api = stalled_api
        self._late_api = late_api
        self._air = air
        self._upstream = upstream
        self._directory = directory
        self._numbers = itertools.count()

    @contextmanager
    def target(self, family: str) -> Iterator[Target]:
        """A fresh target of a family."""
        directory = self._directory / f"target-{next(self._numbers)}"
        directory.mkdir()
        make: Mapping[str, Callable[[Path], AbstractContextManager[Target]]] = {
            "toxic": partial(self._toxic, self._stalled_api),
            "late": partial(self._toxic, self._late_api),
            "dependency": self._dependency,
            "process": _process,
            "plain": _plain,
            "slow": _slow,
        }
        with make[family](directory) as target:
            yield target

    def settle(self, family: str) -> None:
        """Return once nothing is in the air to a target of this family any more."""
        if family in ("toxic", "late"):
            time.sleep(2 * STALL)
        self._air.clear(UNDONE_WITHIN)

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


@contextmanager
def _plain(directory: Path) -> Iterator[Target]:
    """Somebody else's experiment: nothing of gameday in it, two steps with a pause between."""
    one, two = directory / "broken-1", directory / "broken-2"
    second = _program("touch", str(two)) | {"pauses": {"before": 0.2}}
    file = _write(
        directory,
        [_program("touch", str(one)), second],
        [_program("rm", "-f", str(one)), _program("rm", "-f", str(two))],
        [],
    )
    yield Target(file, lambda: one.exists() or two.exists())


_SECOND_STEP = """
lines() { wc -l 2>/dev/null <{played} || echo 0; }
for i in $(seq 50); do [ $(lines) -gt 0 ] && break; sleep 0.05; done
if [ $(lines) -gt 0 ]; then
  for i in $(seq 400); do [ $(lines) -gt 1 ] && break; sleep 0.05; done
fi
touch {two}
"""


@contextmanager
def _slow(directory: Path) -> Iterator[Target]:
    """The same, with a second step that comes after the rollbacks where there are any: an undo
    that leaves its worker alive plays them twice, and then the worker goes on."""
    one, two, played = (directory / name for name in ("broken-1", "broken-2", "played"))
    second = _SECOND_STEP.replace("{played}", str(played)).replace("{two}", str(two))
    last = f"rm -f {two}; echo >>{played}"
    file = _write(
        directory,
        [_program("touch", str(one)), _program("sh", "-c", second, timeout=30)],
        [_program("rm", "-f", str(one)), _program("sh", "-c", last)],
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


def _program(path: str, *arguments: str, timeout: int = 1) -> dict[str, Any]:
    provider = {
        "type": "process",
        "path": path,
        "arguments": list(arguments),
        "timeout": timeout,
    }
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
        air = Air()
        stalled = stack.enter_context(_server(partial(_relay, api, _stall, lambda _: None)))
        late = stack.enter_context(_server(partial(_relay, api, air.keep, air.looked)))
        yield Site(api, f"http://{stalled}", f"http://{late}", air, upstream, directory)


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


class Air:
    """What dead senders have left in the air: it lands after somebody has looked for it."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._looks: Counter[str] = Counter()
        self._kept = 0

    def looked(self, proxy: str) -> None:
        """Somebody has asked what that proxy is like, or takes out what is there."""
        with self._changed:
            self._looks[proxy] += 1
            self._changed.notify_all()

    @contextmanager
    def keep(self, proxy: str, link: socket.socket) -> Iterator[None]:
        """Enter when the request that came over ``link`` may land: at once when its sender
        lives, else some time after the next look. Leave when it has landed."""
        with self._changed:
            before = self._looks[proxy]
            self._kept += 1
        try:
            if not _lives(link) and self._look_after(proxy, before):
                time.sleep(LATE)
            yield
        finally:
            with self._changed:
                self._kept -= 1
                self._changed.notify_all()

    def _look_after(self, proxy: str, before: int) -> bool:
        with self._changed:
            return self._changed.wait_for(lambda: self._looks[proxy] > before, UNDONE_WITHIN)

    def clear(self, within: float) -> None:
        """Return once nothing is kept any more."""
        with self._changed:
            assert self._changed.wait_for(lambda: not self._kept, 2 * within)


def _lives(link: socket.socket) -> bool:
    """Whoever sent a request waits for the answer; a dead one's end is there at once."""
    readable, _, _ = select.select([link], [], [], STALL)
    return not readable


@contextmanager
def _stall(proxy: str, link: socket.socket) -> Iterator[None]:
    time.sleep(STALL)
    yield


def _relay(
    api: str,
    keep: Callable[[str, socket.socket], AbstractContextManager[None]],
    looked: Callable[[str], None],
    link: socket.socket,
) -> None:
    """One request is passed on whole, one that puts something in after it has been kept for a
    while, and also when nobody waits for the answer any more."""
    with link, contextlib.suppress(OSError), link.makefile("rb") as lines:
        request, proxy = _request(lines)
        if request.startswith(b"POST"):
            with keep(proxy, link):
                answer = _answer(api, request)
        elif request:
            looked(proxy)
            answer = _answer(api, request)
        else:
            return
        link.sendall(answer)


def _answer(api: str, request: bytes) -> bytes:
    host, _, port = api.removeprefix("http://").rpartition(":")
    with socket.create_connection((host, int(port)), 10) as onward:
        onward.sendall(request)
        answer = b""
        while chunk := onward.recv(65536):
            answer += chunk
        return answer


def _request(lines: Any) -> tuple[bytes, str]:
    """A request with its body, made one that closes the connection after the answer, and the
    proxy it is about; nothing when the sender was cut off in the middle of it."""
    head, length = b"", 0
    while (line := lines.readline()).strip():
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
        if name.lower() != b"connection":
            head += line
    body = lines.read(length)
    if not head or len(body) < length:
        return b"", ""
    path = head.split()[1].decode().split("/")
    return head + b"Connection: close\r\n\r\n" + body, path[2] if len(path) > 2 else ""
