"""HTTP and Prometheus probes against real servers."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gameday.adapters.probes.http import Window
from gameday.core.errors import IntegrationFailure
from gameday.engine.ports import Probe, Reading

from .servers import Answer, Request, Server, closed_port, http_server

Build = Callable[..., Probe]
ReadOnce = Callable[..., Reading]


def reading(
    probe: Build, answer: Answer | Callable[[Request], Answer], **fields: Any
) -> tuple[Reading, Server]:
    """One reading against a server; the fields' url is below the server's."""
    reply = answer if callable(answer) else lambda _: answer

    async def scenario() -> tuple[Reading, Server]:
        async with http_server(reply) as server:
            url = server.url + fields.pop("url", "/")
            made = probe(**{"type": "http", **fields, "url": url})
            try:
                return await made.read(), server
            finally:
                await made.close()

    return asyncio.run(scenario())


def test_status_is_a_value_whatever_it_is(probe: Build) -> None:
    for status in (200, 204, 301, 404, 503):
        assert reading(probe, Answer(status=status))[0] == Reading(status)


def test_redirects_are_not_followed(probe: Build) -> None:
    found, server = reading(probe, Answer(status=302, headers={"Location": "/other"}))
    assert found == Reading(302)
    assert len(server.requests) == 1


def test_sends_method_headers_body_and_secrets(probe: Build) -> None:
    _, server = reading(
        probe,
        Answer(),
        url="/pay?key=${secrets.token}",
        method="POST",
        headers={"X-Key": "k-${secrets.token}"},
        json_body={"deep": ["${secrets.token}", 5]},
        bearer_token="${secrets.token}",
    )
    (request,) = server.requests
    assert request.path == "/pay?key=s3cr3t-t0k3n"
    assert request.headers["x-key"] == "k-s3cr3t-t0k3n"
    assert request.headers["authorization"] == "Bearer s3cr3t-t0k3n"
    assert request.body == '{"deep":["s3cr3t-t0k3n",5]}'


def test_latency_in_milliseconds(probe: Build) -> None:
    found, _ = reading(probe, Answer(delay=0.05), measure="latency")
    assert found.error == ""
    assert isinstance(found.value, float)
    assert 50 <= found.value < 1500


def test_a_latency_of_the_wrong_status_has_failed(probe: Build) -> None:
    found, _ = reading(probe, Answer(status=503), measure="latency")
    assert found == Reading(None, "HTTP 503")
    found, _ = reading(probe, Answer(status=503), measure="latency", expected_status=[200, 503])
    assert found.error == ""


def test_percentile_over_the_window() -> None:
    window = Window(10)
    for number in range(1, 21):
        window.add(at=number / 10, value=number)
    assert [window.percentile(p) for p in (50, 95, 100, 1)] == [10, 19, 20, 1]
    window.add(at=11.5, value=99)  # those before 1.5 have left
    assert window.percentile(1) == 15


@pytest.mark.parametrize(
    ("body", "path", "expected"),
    [
        ({"rate": 0.25}, "$.rate", Reading(0.25)),
        ({"a": [{"ok": True}]}, "$.a[0].ok", Reading(True)),
        ("17", "$", Reading(17)),
        ({"rate": None}, "$.rate", Reading(None, "$.rate is null, not a single value")),
        ({"rate": [1]}, "$.rate", Reading(None, "$.rate is a list, not a single value")),
        ({}, "$.rate", Reading(None, "the body has nothing at $.rate")),
        ("<html>", "$.rate", Reading(None, "the body is not JSON")),
        ("[" * 100_000, "$.rate", Reading(None, "the body is not JSON")),
    ],
)
def test_json_value(probe: Build, body: Any, path: str, expected: Reading) -> None:
    assert reading(probe, Answer(body), measure="json", json_path=path)[0] == expected


def test_a_slow_answer_times_out(probe: Build) -> None:
    found, _ = reading(probe, Answer(delay=300), timeout="200ms")
    assert found == Reading(None, "timed out after 200ms")


def test_a_dripping_answer_times_out_as_a_whole(probe: Build) -> None:
    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:  # each byte resets a limit on single reads
                writer.write(b"H")
                await writer.drain()
                await asyncio.sleep(0.05)
        except (ConnectionError, asyncio.CancelledError):
            return
        finally:
            writer.transport.abort()

    async def scenario() -> Reading:
        server = await asyncio.start_server(drip, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        made = probe(type="http", url=f"http://127.0.0.1:{port}", timeout="300ms")
        found = await made.read()
        await made.close()
        server.close()
        return found

    assert asyncio.run(scenario()) == Reading(None, "timed out after 300ms")


def test_a_refused_connection(read_once: ReadOnce) -> None:
    port = closed_port()
    found = read_once(type="http", url=f"http://127.0.0.1:{port}/")
    assert found == Reading(None, f"connection refused by 127.0.0.1:{port}")


def test_a_name_that_does_not_resolve(read_once: ReadOnce) -> None:
    found = read_once(type="http", url="http://nobody.invalid:81/", timeout="10s")
    assert found == Reading(None, "cannot resolve nobody.invalid")


def test_a_server_that_hangs_up(probe: Build) -> None:
    found, server = reading(probe, Answer(hang_up=True))
    assert found.value is None
    assert f"127.0.0.1:{server.port}" in found.error


def test_a_slow_reading_does_not_hold_up_the_next(probe: Build) -> None:
    def answer(request: Request) -> Answer:
        if len(slow) == 3:
            return Answer()
        slow.append(request)
        if len(slow) == 3:
            all_slow.set()
        return Answer(delay=30)

    slow: list[Request] = []
    all_slow = asyncio.Event()

    async def scenario() -> None:
        async with http_server(answer) as server:
            made = probe(type="http", url=server.url, timeout="60s")
            waiting = [asyncio.ensure_future(made.read()) for _ in range(3)]
            await asyncio.wait_for(all_slow.wait(), 5)
            assert await asyncio.wait_for(made.read(), 5) == Reading(200)
            assert not any(task.done() for task in waiting)
            for task in waiting:
                task.cancel()
            await asyncio.gather(*waiting, return_exceptions=True)
            assert await asyncio.wait_for(made.read(), 5) == Reading(200)
            await made.close()

    asyncio.run(scenario())


def test_connections_are_used_again(probe: Build) -> None:
    async def scenario() -> int:
        async with http_server(lambda _: Answer()) as server:
            made = probe(type="http", url=server.url)
            for _ in range(5):
                assert await made.read() == Reading(200)
            await made.close()
            return server.connections

    assert asyncio.run(scenario()) == 1


def test_an_impossible_header_shows_no_secret(read_once: ReadOnce) -> None:
    for value in ("${secrets.token}\n", "é${secrets.token}"):
        found = read_once(type="http", url="http://127.0.0.1:1/", headers={"X": value})
        assert found.value is None
        assert "s3cr3t" not in found.error


def test_secrets_in_an_answer_are_hidden(probe: Build) -> None:
    found, _ = reading(
        probe,
        Answer({"t": "s3cr3t-t0k3n"}),
        measure="json",
        json_path="$.t",
        bearer_token="${secrets.token}",
    )
    assert found == Reading("•••")


def test_a_missing_certificate_file_is_told_before_the_run(probe: Build) -> None:
    with pytest.raises(IntegrationFailure, match=r"/no/ca\.pem") as caught:
        probe(type="http", url="https://localhost/", ca_file="/no/ca.pem")
    assert caught.value.hint


def vector(*values: str) -> dict[str, Any]:
    result = [{"metric": {"i": str(i)}, "value": [1435781451.781, v]} for i, v in enumerate(values)]
    return {"status": "success", "data": {"resultType": "vector", "result": result}}


def of_type(kind: str, result: Any) -> dict[str, Any]:
    return {"status": "success", "data": {"resultType": kind, "result": result}}


BAD_QUERY = {"status": "error", "errorType": "bad_data", "error": "parse error: unexpected <eof>"}
PROMETHEUS: list[tuple[Answer, Reading]] = [
    (Answer(vector("0.25")), Reading(0.25)),
    (Answer(of_type("scalar", [1435781451.781, "42"])), Reading(42.0)),
    (Answer(vector()), Reading(None, "no data")),
    (Answer(vector("1", "2")), Reading(None, "the query gives 2 series; it must give one")),
    (Answer(vector("NaN")), Reading(None, "the query gives NaN, which is not a number to judge")),
    (Answer(vector("+Inf")), Reading(None, "the query gives +Inf, which is not a number to judge")),
    (
        Answer(of_type("matrix", [])),
        Reading(None, "the query gives a matrix; it must give one number"),
    ),
    (
        Answer(of_type("string", [1.0, "x"])),
        Reading(None, "the query gives a string; it must give one number"),
    ),
    (
        Answer(of_type("vector", [{"metric": {}, "histogram": [1.0, {}]}])),
        Reading(None, "the query gives a histogram; it must give one number"),
    ),
    (Answer(BAD_QUERY, status=400), Reading(None, "Prometheus: parse error: unexpected <eof>")),
    (Answer("Bad Gateway", status=502), Reading(None, "HTTP 502")),
    (Answer("<html>"), Reading(None, "not an answer of Prometheus")),
    (Answer({"status": "success"}), Reading(None, "not an answer of Prometheus")),
    (Answer([1]), Reading(None, "not an answer of Prometheus")),
    (Answer(vector("many")), Reading(None, "not an answer of Prometheus")),
]


@pytest.mark.parametrize(("answer", "expected"), PROMETHEUS)
def test_prometheus(probe: Build, answer: Answer, expected: Reading) -> None:
    query = "sum(rate(errors[1m]))"
    found, server = reading(
        probe,
        answer,
        type="prometheus",
        url="/prom/",
        query=query,
        tolerance=0,
        bearer_token="${secrets.token}",
    )
    assert found == expected
    (request,) = server.requests
    assert request.path == "/prom/api/v1/query"
    assert request.form == {"query": query, "timeout": "2000ms"}
    assert request.headers["authorization"] == "Bearer s3cr3t-t0k3n"


def test_prometheus_away(read_once: ReadOnce) -> None:
    port = closed_port()
    fields = {
        "type": "prometheus",
        "url": f"http://127.0.0.1:{port}",
        "query": "up",
        "tolerance": 1,
    }
    assert read_once(**fields) == Reading(None, f"connection refused by 127.0.0.1:{port}")


def test_httpx_is_imported_only_for_probes_that_need_it() -> None:
    code = (
        "import sys; from gameday.adapters.probes import build_probe;"
        "from gameday.core.scenario.probes import TcpProbe;"
        "build_probe(TcpProbe(type='tcp', host='x', port=1), str);"
        "assert 'httpx' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=30)


def test_tls_with_a_ca_and_a_client_certificate(probe: Build, tmp_path: Path) -> None:
    import ssl

    key, cert = tmp_path / "key.pem", tmp_path / "cert.pem"
    make = (
        f"openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout {key} "
        f"-out {cert} -days 2 -subj /CN=localhost -addext subjectAltName=IP:127.0.0.1"
    )
    subprocess.run(make.split(), check=True, capture_output=True, timeout=30)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=str(cert))
    context.load_cert_chain(cert, key)
    context.verify_mode = ssl.CERT_REQUIRED

    async def scenario() -> list[Reading]:
        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"\r\n\r\n")
            body = b'{"status":"success","data":{"resultType":"scalar","result":[1,"7"]}}'
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
            await writer.drain()
            writer.close()

        server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
        url = f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        common = {"type": "prometheus", "url": url, "query": "x", "tolerance": 7}
        files = {"ca_file": str(cert), "client_cert": str(cert), "client_key": str(key)}
        found = []
        for fields in ({**common, **files}, common):
            made = probe(**fields)
            found.append(await made.read())
            await made.close()
        server.close()
        return found

    trusted, untrusted = asyncio.run(scenario())
    assert trusted == Reading(7.0)
    assert untrusted.value is None
    assert "is not trusted" in untrusted.error
