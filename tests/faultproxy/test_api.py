"""The HTTP contract, as read off a real Toxiproxy 2.12 server."""

import asyncio
import socket
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest

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
    ("POST", "/proxies", {**PROXY, "name": "x", "listen": "x"}, 500, "listen tcp: address x: "),
    ("POST", "/proxies", {**PROXY, "name": "x", "listen": "a..b:1"}, 500, "listen tcp: lookup "),
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
        assert (answer.status, answer.json["error"]) == (500, wanted)
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
            assert (await api.call("POST", "/reset")).status == 500
        assert (await api.call("GET", "/proxies/p/toxics")).json == []

    play(scenario)


@pytest.mark.skipif(not socket.has_ipv6, reason="no IPv6 here")
def test_ipv6_addresses_are_shown_in_brackets(play: Play) -> None:
    async def scenario(api: Any) -> None:
        answer = await api.call("POST", "/proxies", {**PROXY, "listen": "[::1]:0"})
        if answer.status == 500:
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
