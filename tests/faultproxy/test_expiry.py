"""Faults that end by themselves: ``expires_in_ms``."""

import socket
import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.faultproxy.net import TOXICS

Play = Callable[[Any], None]
PROXY = {"name": "p", "listen": "127.0.0.1:0", "upstream": "127.0.0.1:1"}
HOUR = 3_600_000


async def until(api: Any, path: str, wanted: Callable[[Any], bool]) -> None:
    """Poll; the scenario's own deadline ends a wait that is in vain."""
    while not wanted((await api.call("GET", path)).json):
        pass  # each look is a request, and gives way to the others


def test_a_toxic_is_gone_after_its_time_and_not_before(play: Play) -> None:
    async def scenario(api: Any) -> None:
        await api.call("POST", "/proxies", PROXY)
        started = time.monotonic()
        made = await api.call("POST", TOXICS, {"type": "latency", "expires_in_ms": 150})
        assert 0 <= made.json["expires_in_ms"] <= 150
        await api.call("POST", TOXICS, {"type": "timeout"})
        await until(api, TOXICS, lambda toxics: len(toxics) == 1)
        assert time.monotonic() - started >= 0.15
        (left,) = (await api.call("GET", TOXICS)).json
        assert left["type"] == "timeout"
        assert "expires_in_ms" not in left

    play(scenario)


def test_a_limit_is_changed_kept_and_lifted(play: Play) -> None:
    async def scenario(api: Any) -> None:
        await api.call("POST", "/proxies", PROXY)
        await api.call("POST", TOXICS, {"type": "latency", "name": "t", "expires_in_ms": HOUR})
        path = f"{TOXICS}/t"
        kept = await api.call("PATCH", path, {"toxicity": 0.5})
        assert 0 < kept.json["expires_in_ms"] <= HOUR
        assert (await api.call("GET", "/proxies/p")).json["toxics"][0]["expires_in_ms"] > 0
        lifted = await api.call("PATCH", path, {"expires_in_ms": 0})
        assert "expires_in_ms" not in lifted.json
        await api.call("PATCH", path, {"expires_in_ms": 1})
        await until(api, TOXICS, lambda toxics: toxics == [])

    play(scenario)


def test_a_limit_does_not_reach_a_later_toxic_of_the_same_name(play: Play) -> None:
    async def scenario(api: Any) -> None:
        await api.call("POST", "/proxies", PROXY)
        await api.call("POST", TOXICS, {"type": "latency", "name": "t", "expires_in_ms": 50})
        await api.call("DELETE", f"{TOXICS}/t")
        await api.call("POST", TOXICS, {"type": "latency", "name": "t"})
        await api.call("POST", TOXICS, {"type": "noop", "name": "clock", "expires_in_ms": 60})
        await until(api, TOXICS, lambda toxics: len(toxics) == 1)
        assert (await api.call("GET", f"{TOXICS}/t")).status == 200

    play(scenario)


def test_a_proxy_that_is_off_comes_back_by_itself(play: Play) -> None:
    async def scenario(api: Any) -> None:
        await api.call("POST", "/proxies", PROXY)
        await api.call("POST", TOXICS, {"type": "latency"})
        off = {"enabled": False, "expires_in_ms": 100}
        answer = await api.call("PATCH", "/proxies/p", off)
        assert (answer.json["enabled"], answer.json["expires_in_ms"] <= 100) == (False, True)
        await until(api, "/proxies/p", lambda proxy: bool(proxy["enabled"]))
        shown = (await api.call("GET", "/proxies/p")).json
        assert shown["toxics"] == []
        assert "expires_in_ms" not in shown

    play(scenario)


def test_a_proxy_whose_port_is_taken_comes_back_when_it_is_free(play: Play) -> None:
    async def scenario(api: Any) -> None:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            listen = f"127.0.0.1:{taken.getsockname()[1]}"
            off = {**PROXY, "listen": listen, "enabled": False, "expires_in_ms": 1}
            await api.call("POST", "/proxies", off)
            await until(api, "/proxies/p", lambda proxy: proxy["expires_in_ms"] > 1)
        await until(api, "/proxies/p", lambda proxy: bool(proxy["enabled"]))

    play(scenario)


@pytest.mark.parametrize("how", ["enable", "lift", "reset"])
def test_a_proxys_limit_ends_with_what_it_limits(play: Play, how: str) -> None:
    async def scenario(api: Any) -> None:
        await api.call("POST", "/proxies", {**PROXY, "enabled": False, "expires_in_ms": HOUR})
        assert (await api.call("GET", "/proxies")).json["p"]["expires_in_ms"] > 0
        if how == "reset":
            await api.call("POST", "/reset")
        else:
            change = {"enabled": True} if how == "enable" else {"expires_in_ms": 0}
            await api.call("PATCH", "/proxies/p", change)
        assert "expires_in_ms" not in (await api.call("GET", "/proxies/p")).json

    play(scenario)


def test_populate_takes_limits_too(play: Play) -> None:
    async def scenario(api: Any) -> None:
        off = {**PROXY, "enabled": False, "expires_in_ms": 50}
        answer = await api.call("POST", "/populate", [off])
        assert answer.json["proxies"][0]["expires_in_ms"] <= 50
        await until(api, "/proxies/p", lambda proxy: bool(proxy["enabled"]))

    play(scenario)


@pytest.mark.parametrize("limit", [-1, "1", 1.5, 2**63])
def test_a_limit_must_be_a_number_of_milliseconds(play: Play, limit: object) -> None:
    async def scenario(api: Any) -> None:
        await api.call("POST", "/proxies", PROXY)
        body = {"type": "latency", "expires_in_ms": limit}
        assert (await api.call("POST", TOXICS, body)).status == 400
        other = {**PROXY, "name": "q", "expires_in_ms": limit}
        assert (await api.call("POST", "/proxies", other)).status == 400
        off = {"enabled": False, "expires_in_ms": limit}
        assert (await api.call("PATCH", "/proxies/p", off)).status == 400
        assert (await api.call("POST", "/populate", [other])).status == 400
        shown = (await api.call("GET", "/proxies")).json
        assert (list(shown), shown["p"]["enabled"], shown["p"]["toxics"]) == (["p"], True, [])

    play(scenario)
