"""The client's calls end in time, go straight to the server, and say what became of them."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from gameday.adapters.toxiproxy import wire
from gameday.adapters.toxiproxy.client import Toxiproxy, ToxiproxyFailure

PACE = 0.02
"""Seconds between two bytes of a server that trickles."""
TIMEOUT = 0.3
LINE = b"HTTP/1.1 200 OK\r\n"
ANSWER = LINE + b"Content-Length: 4\r\n\r\nnull"
Behave = Callable[[socket.socket, threading.Event], None]


def take_request(connection: socket.socket) -> None:
    """Read one request with all of its body."""
    with connection.makefile("rb") as stream:
        length = 0
        while line := stream.readline().strip().lower():
            if line.startswith(b"content-length:"):
                length = int(line.partition(b":")[2])
        stream.read(length)


@contextlib.contextmanager
def serving(behave: Behave, host: str = "127.0.0.1") -> Iterator[str]:
    """URL of a server that does this with each connection, once a request has come."""
    over = threading.Event()

    def serve() -> None:
        with contextlib.suppress(OSError):
            while True:
                with listener.accept()[0] as connection:
                    take_request(connection)
                    behave(connection, over)

    with socket.create_server((host, 0)) as listener:
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://{host}:{listener.getsockname()[1]}"
        over.set()
        listener.shutdown(socket.SHUT_RDWR)
        thread.join(10)


def trickle(head: bytes, filler: bytes, count: int) -> Behave:
    """Say ``head``, then so many times ``filler``, slowly, and hang up."""

    def behave(connection: socket.socket, over: threading.Event) -> None:
        with contextlib.suppress(OSError):
            connection.sendall(head)
            for _ in range(count):
                if over.wait(PACE):
                    return
                connection.sendall(filler)

    return behave


def say(answer: bytes) -> Behave:
    return lambda connection, _: connection.sendall(answer)


WITHOUT_END = {
    "body": (LINE + b"Content-Length: 9999\r\n\r\n", b"x"),
    "chunks": (LINE + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
    "header": (LINE + b"X: ", b"x"),
    "first line": (b"HTTP/1.1 200 ", b"O"),
    "headers": (LINE, b"X: y\r\n"),
}


@pytest.mark.parametrize("part", WITHOUT_END)
def test_a_server_that_trickles_is_cut_off_at_the_deadline(part: str) -> None:
    with serving(trickle(*WITHOUT_END[part], count=500)) as url:
        began = time.monotonic()
        with pytest.raises(ToxiproxyFailure, match=f"{url}.*timed out after 0.3 s") as failure:
            Toxiproxy(url, timeout=TIMEOUT).proxy("p")
        assert TIMEOUT <= time.monotonic() - began < 10 * TIMEOUT
        assert failure.value.status == 0


def test_without_the_deadline_it_would_not_be() -> None:
    """The control: httpx's own time-outs begin anew with each byte."""
    count = int(2 * TIMEOUT / PACE)
    head = LINE + b"Content-Length: %d\r\n\r\n" % count
    with serving(trickle(head, b"x", count)) as url:
        assert len(httpx.get(url, timeout=TIMEOUT).content) == count
    with serving(trickle(head, b"x", count)) as url, pytest.raises(wire.NoAnswer):
        wire.call("GET", url, None, TIMEOUT)


def test_a_server_that_says_nothing_is_given_up() -> None:
    def hang(_: socket.socket, over: threading.Event) -> None:
        over.wait(10)

    with serving(hang) as url, pytest.raises(ToxiproxyFailure, match="timed out"):
        Toxiproxy(url).delete_toxic("p", "t", TIMEOUT)


@pytest.mark.parametrize(
    ("answer", "status", "said"),
    [
        (b"", 0, "disconnected"),
        (b"nonsense\r\n\r\n", 0, "http://"),
        (LINE + b"Content-Length: 2\r\n\r\n{x", 0, "http://"),
        (b"HTTP/1.1 400 Bad\r\nContent-Length: 3\r\n\r\nwhy", 400, "400 why"),
        (b"HTTP/1.1 301 Moved\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n", 301, "301"),
    ],
    ids=["nothing", "no HTTP", "no JSON", "a refusal", "a redirect"],
)
def test_what_is_no_success_is_a_failure(answer: bytes, status: int, said: str) -> None:
    with serving(say(answer)) as url, pytest.raises(ToxiproxyFailure, match=said) as failure:
        Toxiproxy(url).update("p", {"enabled": True})
    assert failure.value.status == status


@pytest.mark.parametrize("url", ["127.0.0.1:8474", "http://127.0.0.1:99999", "ftp://127.0.0.1"])
def test_an_address_that_is_none_is_a_failure(url: str) -> None:
    with pytest.raises(ToxiproxyFailure, match=f"GET {url}/proxies/p: "):
        Toxiproxy(url).proxy("p")


def test_the_connection_ends_with_the_call_and_no_proxy_of_the_environment_is_asked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    ended: list[bytes] = []

    def answer(connection: socket.socket, _: threading.Event) -> None:
        connection.sendall(ANSWER)
        connection.settimeout(10)
        ended.append(connection.recv(1))

    with serving(answer) as url:
        Toxiproxy(url).update("p", {"enabled": True})
        Toxiproxy(url).update("p", {"enabled": True})
    assert ended == [b"", b""]


def test_each_address_of_a_host_is_tried() -> None:
    """``localhost`` is ::1 too on most systems, where nobody listens here."""
    with serving(say(ANSWER)) as url:
        Toxiproxy(url.replace("127.0.0.1", "localhost")).update("p", {"enabled": True})


def test_a_server_behind_tls_must_be_trusted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import ssl

    key, cert = tmp_path / "key.pem", tmp_path / "cert.pem"
    make = (
        f"openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout {key} "
        f"-out {cert} -days 2 -subj /CN=localhost -addext subjectAltName=IP:127.0.0.1"
    )
    subprocess.run(make.split(), check=True, capture_output=True, timeout=30)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(cert, key)

    def serve() -> None:
        for _ in range(2):
            with (
                contextlib.suppress(OSError),
                listener.accept()[0] as plain,
                context.wrap_socket(plain, server_side=True) as connection,
            ):
                take_request(connection)
                connection.sendall(ANSWER)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        url = f"https://127.0.0.1:{listener.getsockname()[1]}"
        with pytest.raises(ToxiproxyFailure, match="CERTIFICATE_VERIFY_FAILED"):
            Toxiproxy(url).update("p", {"enabled": True})
        monkeypatch.setenv("SSL_CERT_FILE", str(cert))
        Toxiproxy(url).update("p", {"enabled": True})
        thread.join(10)


def test_httpx_is_imported_only_for_a_call() -> None:
    code = (
        "import sys; from gameday.adapters.toxiproxy.faults import ToxicFault;"
        "assert not ToxicFault().problems({'proxy': 'p', 'type': 'latency',"
        " 'attributes': {'latency': 1}});"
        "assert 'httpx' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=30)
