"""The HTTP contract, as read off a real Toxiproxy 2.12 server."""

import asyncio
import socket
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.faultproxy.net import connected, echoed, upstream

PROXY = {"name": "p", "listen": "127.0.0.1:0", "upstream": "127.0.0.1:1"}
TEXT = "text/plain; charset=utf-8"

Play = Callable[[Any], None]


def test_version_is_json(play: Play) -> None:
    async def scenario(api: Any) -> None:
        answer = await api.call("GET", "/version")
        assert (answer.status, answer.json) == (200, {"version": "2.12.0"})
        assert answer.content_type.startswith("application/json")

    play(scenario)


def test_a_proxy_is_created_shown_changed_and_deleted(play: Play) -> None:
    async def scenario(api: Any) -> None:
        made = await api.call("POST", "/proxies", PROXY)
        assert (made.status, made.content_type) == (201, "application/json")
        listen = made.json["listen"]
        assert listen.startswith("127.0.0.1:")
        assert not listen.endswith(":0")
        assert made.json == {**PROXY, "listen": listen, "enabled": True, "Logger": {}, "toxics": []}
        assert (await api.call("GET", "/proxies/p")).json == made.json
        assert (await api.call("GET", "/proxies")).json == {"p": made.json}
        for method in ("POST", "PATCH"):
            for enabled in (False, True):
                answer = await api.call(method, "/proxies/p", {"enabled": enabled})
                assert (answer.status, answer.json["enabled"]) == (200, enabled)
                assert answer.json["listen"] == listen
        gone = await api.call("DELETE", "/proxies/p")
        assert (gone.status, gone.text) == (204, "")
        assert (await api.call("DELETE", "/proxies/p")).status == 404

    play(scenario)


def test_a_toxic_is_created_shown_changed_and_deleted(play: Play) -> None:
    async def scenario(api: Any) -> None:
        await api.call("POST", "/proxies", PROXY)
        made = await api.call("POST", "/proxies/p/toxics", {"type": "latency"})
        wanted = {
            "attributes": {"latency": 0, "jitter": 0},
            "name": "latency_downstream",
            "type": "latency",
            "stream": "downstream",
            "toxicity": 1,
        }
        assert (made.status, made.content_type, made.json) == (200, "application/json", wanted)
        path = "/proxies/p/toxics/latency_downstream"
        change = {"attributes": {"jitter": 7}, "toxicity": 0.5}
        changed = await api.call("PATCH", path, change)
        wanted |= {"attributes": {"latency": 0, "jitter": 7}, "toxicity": 0.5}
        assert (changed.status, changed.json) == (200, wanted)
        changed = await api.call("POST", path, {"attributes": {"latency": 9}})
        wanted |= {"attributes": {"latency": 9, "jitter": 7}}
        assert changed.json == wanted
        assert (await api.call("GET", path)).json == wanted
        assert (await api.call("GET", "/proxies/p/toxics")).json == [wanted]
        assert (await api.call("GET", "/proxies/p")).json["toxics"] == [wanted]
        gone = await api.call("DELETE", path)
        assert (gone.status, gone.text) == (204, "")
        assert (await api.call("GET", "/proxies/p/toxics")).json == []

    play(scenario)


REFUSED: list[tuple[str, str, object, int, str]] = [
    ("POST", "/proxies", "", 400, "bad request body: EOF"),
    ("POST", "/proxies", "{", 400, "bad request body: "),
    ("POST", "/proxies", [], 400, "bad request body: "),
    ("POST", "/proxies", {"name": 1, "upstream": "x:1"}, 400, "bad request body: "),
    ("POST", "/proxies", {"upstream": "x:1"}, 400, "missing required field: name"),
    ("POST", "/proxies", {"name": "x"}, 400, "missing required field: upstream"),
    ("POST", "/proxies", PROXY, 409, "proxy already exists"),
    ("POST", "/proxies", {**PROXY, "name": "x", "listen": "x"}, 400, "listen tcp: address x: "),
    ("POST", "/proxies", {**PROXY, "name": "x", "listen": "a..b:1"}, 400, "listen tcp: lookup "),
    ("GET", "/proxies/x", None, 404, "proxy not found"),
    ("PATCH", "/proxies/x", {}, 404, "proxy not found"),
    ("PATCH", "/proxies/p", {"enabled": "no"}, 400, "bad request body: "),
    ("DELETE", "/proxies/x", None, 404, "proxy not found"),
    ("GET", "/proxies/x/toxics", None, 404, "proxy not found"),
    ("POST", "/proxies/x/toxics", {"type": "latency"}, 404, "proxy not found"),
    ("POST", "/proxies/p/toxics", {"type": "timeout"}, 409, "toxic already exists"),
    ("POST", "/proxies/p/toxics", {"type": "nope"}, 400, "invalid toxic type"),
    ("POST", "/proxies/p/toxics", {}, 400, "invalid toxic type"),
    ("POST", "/proxies/p/toxics", {"type": "latency", "stream": "x"}, 400, "stream was invalid, "),
    ("GET", "/proxies/p/toxics/x", None, 404, "toxic not found"),
    ("PATCH", "/proxies/p/toxics/x", {}, 404, "toxic not found"),
    ("DELETE", "/proxies/p/toxics/x", None, 404, "toxic not found"),
]


@pytest.mark.parametrize(("method", "path", "body", "status", "message"), REFUSED)
def test_what_is_refused_is_refused_in_toxiproxys_words(
    play: Play, method: str, path: str, body: object, status: int, message: str
) -> None:
    async def scenario(api: Any) -> None:
        await api.call("POST", "/proxies", PROXY)
        await api.call("POST", "/proxies/p/toxics", {"type": "timeout"})
        before = (await api.call("GET", "/proxies")).json
        answer = await api.call(method, path, body)
        assert (answer.status, answer.content_type) == (status, TEXT)
        assert answer.json["error"].startswith(message)
        assert answer.json["status"] == status
        assert (await api.call("GET", "/proxies")).json == before

    play(scenario)


@pytest.mark.parametrize("value", [1.5, "1", True, [], 2**63])
def test_attributes_must_be_whole_numbers(play: Play, value: object) -> None:
    async def scenario(api: Any) -> None:
        await api.call("POST", "/proxies", PROXY)
        toxic = {"type": "latency", "attributes": {"latency": value}}
        assert (await api.call("POST", "/proxies/p/toxics", toxic)).status == 400
        assert (await api.call("GET", "/proxies/p/toxics")).json == []
        await api.call("POST", "/proxies/p/toxics", {"type": "latency"})
        path = "/proxies/p/toxics/latency_downstream"
        assert (await api.call("PATCH", path, toxic)).status == 400
        assert (await api.call("GET", path)).json["attributes"] == {"latency": 0, "jitter": 0}

    play(scenario)


def test_browsers_unknown_paths_and_methods_are_refused(play: Play) -> None:
    async def scenario(api: Any) -> None:
        assert (await api.call("GET", "/proxies", agent="Mozilla/5.0")).status == 403
        assert (await api.call("GET", "/nope")).status == 404
        assert (await api.call("DELETE", "/proxies")).status == 405

    play(scenario)


def test_a_taken_port_is_an_error_and_leaves_no_proxy(play: Play) -> None:
    async def scenario(api: Any) -> None:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            listen = f"127.0.0.1:{taken.getsockname()[1]}"
            answer = await api.call("POST", "/proxies", {**PROXY, "listen": listen})
        wanted = f"listen tcp {listen}: bind: address already in use"
        assert (answer.status, answer.json["error"]) == (400, wanted)
        assert (await api.call("GET", "/proxies")).json == {}

    play(scenario)


def test_populate_creates_and_replaces(play: Play) -> None:
    async def scenario(api: Any) -> None:
        first = await api.call("POST", "/populate", [PROXY, {**PROXY, "name": "q"}])
        assert (first.status, first.content_type) == (201, "application/json")
        assert [proxy["name"] for proxy in first.json["proxies"]] == ["p", "q"]
        await api.call("POST", "/proxies/p/toxics", {"type": "latency"})
        listen = first.json["proxies"][0]["listen"]
        same = await api.call("POST", "/populate", [{**PROXY, "listen": listen}])
        assert same.json["proxies"][0]["toxics"], "one that does not differ is kept as it is"
        changed = {**PROXY, "listen": listen, "upstream": "127.0.0.1:2", "enabled": False}
        answer = await api.call("POST", "/populate", [changed])
        assert answer.json["proxies"] == [{**changed, "Logger": {}, "toxics": []}]
        assert set((await api.call("GET", "/proxies")).json) == {"p", "q"}

    play(scenario)


def test_populate_says_which_proxy_is_wrong(play: Play) -> None:
    async def scenario(api: Any) -> None:
        answer = await api.call("POST", "/populate", [PROXY, {"name": "q"}])
        wanted = "missing required field: upstream at proxy 2"
        assert answer.json == {"error": wanted, "status": 400, "proxies": None}
        assert (answer.status, (await api.call("GET", "/proxies")).json) == (400, {})

    play(scenario)


def test_reset_enables_everything_and_removes_toxics(play: Play) -> None:
    async def scenario(api: Any) -> None:
        await api.call("POST", "/proxies", {**PROXY, "enabled": False})
        await api.call("POST", "/proxies/p/toxics", {"type": "latency"})
        await api.call("POST", "/proxies/p/toxics", {"type": "timeout", "stream": "upstream"})
        assert (await api.call("POST", "/reset")).status == 204
        shown = (await api.call("GET", "/proxies/p")).json
        assert (shown["enabled"], shown["toxics"]) == (True, [])

    play(scenario)


def test_reset_goes_on_past_a_proxy_that_cannot_listen(play: Play) -> None:
    async def scenario(api: Any) -> None:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            listen = f"127.0.0.1:{taken.getsockname()[1]}"
            bad = {**PROXY, "name": "bad", "listen": listen, "enabled": False}
            await api.call("POST", "/populate", [bad, PROXY])
            await api.call("POST", "/proxies/p/toxics", {"type": "latency"})
            answer = await api.call("POST", "/reset")
            why = f"listen tcp {listen}: bind: address already in use"
            assert answer.json == {"error": why, "status": 400, "failed": {"bad": why}}
        assert (await api.call("GET", "/proxies/p/toxics")).json == []

    play(scenario)


@pytest.mark.skipif(not socket.has_ipv6, reason="no IPv6 here")
def test_ipv6_addresses_are_shown_in_brackets(play: Play) -> None:
    async def scenario(api: Any) -> None:
        answer = await api.call("POST", "/proxies", {**PROXY, "listen": "[::1]:0"})
        if answer.status != 201:
            pytest.skip("this machine has no ::1")
        assert answer.json["listen"].startswith("[::1]:")

    play(scenario)


def test_what_is_no_http_is_told_so_and_closed(play: Play) -> None:
    async def scenario(api: Any) -> None:
        where = urlsplit(api.url)
        reader, writer = await asyncio.open_connection(where.hostname, where.port)
        writer.write(b"this is no request\r\n\r\n")
        assert (await reader.read()).startswith(b"HTTP/1.1 400 ")
        writer.close()
        await writer.wait_closed()
        assert (await api.call("GET", "/version")).status == 200

    play(scenario)


DANGEROUS: list[tuple[str, dict[str, int]]] = [
    ("bandwidth", {"rate": -1}),
    ("latency", {"jitter": 2**63 - 1}),
    ("slicer", {}),
    ("slicer", {"average_size": 1, "size_variation": 3}),
]


@pytest.mark.parametrize(("kind", "attributes"), DANGEROUS)
def test_what_crashes_or_hangs_the_original_changes_nothing(
    play: Play, kind: str, attributes: dict[str, int]
) -> None:
    async def scenario(api: Any) -> None:
        await api.call("POST", "/proxies", PROXY)
        body = {"type": kind, "name": "t", "attributes": attributes}
        assert (await api.call("POST", "/proxies/p/toxics", body)).status == 400
        assert (await api.call("GET", "/proxies/p/toxics")).json == []
        sound = {"type": "slicer", "name": "t", "attributes": {"average_size": 5}}
        await api.call("POST", "/proxies/p/toxics", sound)
        change = {"attributes": {"average_size": 0}, "toxicity": 0.5}
        assert (await api.call("PATCH", "/proxies/p/toxics/t", change)).status == 400
        shown = (await api.call("GET", "/proxies/p/toxics/t")).json
        assert (shown["attributes"]["average_size"], shown["toxicity"]) == (5, 1)

    play(scenario)


@pytest.mark.parametrize(
    ("listen", "shown"),
    [
        ("127.0.0.1:", "127.0.0.1:"),
        ("localhost:0", "127.0.0.1:"),
        ("127.0.0.1:+0", "127.0.0.1:"),
        ("", "[::]:"),
        ("0.0.0.0:0", "[::]:"),
        ("[::ffff:127.0.0.1]:0", "127.0.0.1:"),
    ],
)
def test_the_address_listened_on_is_shown(play: Play, listen: str, shown: str) -> None:
    if shown == "[::]:" and not socket.has_dualstack_ipv6():
        shown = "0.0.0.0:"

    async def scenario(api: Any) -> None:
        answer = await api.call("POST", "/proxies", {**PROXY, "listen": listen})
        assert answer.json["listen"].startswith(shown)
        assert int(answer.json["listen"].removeprefix(shown)) > 0

    play(scenario)


@pytest.mark.parametrize(
    ("listen", "why"),
    [
        ("x", "address x: missing port in address"),
        ("::1:0", "address ::1:0: too many colons in address"),
        ("[::1", "address [::1: missing ']' in address"),
        ("[::1]x:1", "address [::1]x:1: missing port in address"),
        ("127.0.0.1:70000", "address 70000: invalid port"),
        ("127.0.0.1:nope", "lookup tcp/nope: unknown port"),
        ("a..b:1", "lookup a..b: no such host"),
        ("127.1:1", "lookup 127.1: no such host"),
        ("0x7f.1:1", "lookup 0x7f.1: no such host"),
        ("127.0.0.1\0:1", "lookup 127.0.0.1\0: no such host"),
        ("*:1", "lookup *: no such host"),
        ("192.0.2.1%x:1", "lookup 192.0.2.1%x: no such host"),
    ],
)
def test_a_bad_address_is_told_in_gos_words(play: Play, listen: str, why: str) -> None:
    async def scenario(api: Any) -> None:
        answer = await api.call("POST", "/proxies", {**PROXY, "listen": listen})
        assert (answer.status, answer.json["error"]) == (400, f"listen tcp: {why}")
        made = (await api.call("POST", "/proxies", PROXY)).json
        changed = await api.call("PATCH", "/proxies/p", {"listen": listen})
        assert (changed.status, changed.json["error"]) == (400, why)
        assert (await api.call("GET", "/proxies/p")).json == made

    play(scenario)


def test_paths_are_cleaned_decoded_and_matched_whole(play: Play) -> None:
    async def scenario(api: Any) -> None:
        await api.call("POST", "/proxies", {**PROXY, "name": "a b"})
        assert (await api.call("GET", "/proxies/a%20b")).status == 200
        assert (await api.call("GET", "/proxies?x=1")).status == 200
        assert (await api.call("GET", "//proxies/./x/../?y")).status == 301
        assert (await api.call("GET", "/proxies/%zz")).status == 400
        assert (await api.call("GET", "/proxies/")).text == "404 page not found\n"
        assert (await api.call("HEAD", "/version")).status == 405

    play(scenario)


async def spoken(api: Any, words: bytes, answers: int) -> list[bytes]:
    """Send bytes on one connection and return the answers' bodies, by their content length."""
    where = urlsplit(api.url)
    reader, writer = await asyncio.open_connection(where.hostname, where.port)
    writer.write(words)
    bodies = []
    for _ in range(answers):
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0])
        bodies.append(await reader.readexactly(length))
    writer.close()
    await writer.wait_closed()
    return bodies


def test_pipelined_and_chunked_requests_and_http_1_0_are_understood(play: Play) -> None:
    get = b"GET /version HTTP/1.1\r\nHost: x\r\n\r\n"
    chunked = (
        b"POST /proxies HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
        b'8\r\n{"name":\r\n2\r\n1}\r\n0\r\n\r\n'
    )
    version = b'{"version": "2.12.0"}\n'

    async def scenario(api: Any) -> None:
        first, second, third = await spoken(api, get + chunked + get, 3)
        assert (first, third) == (version, version)
        assert b"Proxy.name of type string" in second
        assert await spoken(api, b"GET /version HTTP/1.0\r\n\r\n", 1) == [version]
        absolute = get.replace(b"/version", b"http://x/version", 1)
        assert await spoken(api, absolute, 1) == [version]

    play(scenario)


def test_metrics_count_what_went_through_each_way(play: Play) -> None:
    async def scenario(api: Any) -> None:
        async with upstream() as server:
            where = await api.proxy(server.address, 'a"b')
            async with connected(where) as both:
                await echoed(both, b"12345")
                open_yet = (await api.call("GET", "/metrics")).text
            await api.call("DELETE", "/proxies/a%22b")
            after = await api.call("GET", "/metrics")
        labels = f'listener="127.0.0.1:{where[1]}",proxy="a\\"b",upstream="{server.address}"'
        for text in (open_yet, after.text):
            for direction in ("upstream", "downstream"):
                for name in ("received", "sent"):
                    metric = f"toxiproxy_proxy_{name}_bytes_total"
                    assert f'{metric}{{direction="{direction}",{labels}}} 5\n' in text
        assert after.content_type.startswith("text/plain; version=0.0.4")

    play(scenario)


def test_populate_stops_at_the_first_that_cannot_listen_and_shows_what_is_done(play: Play) -> None:
    async def scenario(api: Any) -> None:
        bad = {**PROXY, "name": "q", "listen": "nowhere"}
        answer = await api.call("POST", "/populate", [PROXY, bad, {**PROXY, "name": "r"}])
        assert (answer.status, answer.content_type) == (400, "application/json")
        assert answer.json["error"] == "listen tcp: address nowhere: missing port in address"
        assert [proxy["name"] for proxy in answer.json["proxies"]] == ["p"]
        assert list((await api.call("GET", "/proxies")).json) == ["p"]

    play(scenario)
