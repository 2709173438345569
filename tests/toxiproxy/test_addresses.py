"""Addresses that cannot be used are refused in Toxiproxy's own words, and no others are."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import pytest

from tests.toxiproxy.client import Answer, Client
from tests.toxiproxy.comparing import Turn, as_it_is, as_ours, without_resolver
from tests.toxiproxy.servers import Server

pytestmark = pytest.mark.needs_toxiproxy

SEED = 20261121
MANY = 600
HOSTS: tuple[str, ...] = (
    "127.0.0.1",
    "[127.0.0.1]",
    "[::1]",
    "::1",
    "localhost",
    "LocalHost",
    "",
    "[]",
    "0.0.0.0",
)
HOSTS += ("[::]", "[0:0:0:0:0:0:0:1]", "[::ffff:127.0.0.1]", "[::127.0.0.1]", "[::1%lo]", "[::g]")
HOSTS += (
    "[fe80::1%none]",
    "[fe80::1%99999999999]",
    "[::1%]",
    "[fe80::1%1x]",
    "[::1",
    "::1]",
    "[[::1]]",
    "[::1]x",
)
HOSTS += ("192.0.2.1", "[2001:db8::1]", "256.0.0.1", "1.2.3", "127.1", "127.0.0.01", "0x7f.1", "1")
HOSTS += ("2130706433", " 127.0.0.1", "127.0.0.1 ", "127.0.0.1\x00", "*", "é", "-", "-a", "a-")
HOSTS += ("a b", "a..b", ".a", "%", "a/b", "http://127.0.0.1", "x" * 64, "a." * 127 + "a")
PORTS: tuple[str, ...] = (
    "0",
    "",
    "00",
    "+0",
    "-0",
    "+",
    "-",
    "++0",
    "0" * 21,
    "x",
    "X-",
    "a b",
    " 0",
    "0 ",
    "0\n",
)
PORTS += ("-1", "65536", "70000", "9" * 20, "0x0", "0.0", "1e1", "٠", "0]", "[0", "1:2", "tcp/0")
ELSEWHERE = tuple(
    f"192.0.2.1:{port}" for port in ("http", "HTTP", "Domain", "80", "+443", "065535")
)


def addresses() -> Iterator[str]:
    """Every host and every port once, and both in many pairs."""
    yield from HOSTS
    yield from ELSEWHERE
    yield from (f"{host}:0" for host in HOSTS)
    yield from (f"127.0.0.1:{port}" for port in PORTS)
    pick = random.Random(SEED).choice
    yield from (f"{pick(HOSTS)}:{pick(PORTS)}" for _ in range(MANY))


def seen(answer: Answer) -> Any:
    """Status and body; a port that was chosen at random is left out."""
    if answer.status >= 300:
        return answer.status, answer.kind, without_resolver(answer.text)
    shown = answer.json["proxies"][0] if "proxies" in answer.json else answer.json
    return answer.status, answer.kind, {**shown, "listen": shown["listen"].rpartition(":")[0]}


def asked(client: Client, listen: str, turn: Turn = as_it_is) -> Iterator[Any]:
    """What becomes of the address when it is given in each way there is."""

    def seen_of(method: str, path: str, given: Any = None) -> Any:
        return seen(turn(client.send(method, path, given)))

    body = {"name": "n", "listen": listen, "upstream": "127.0.0.1:1"}
    yield seen_of("POST", "/proxies", body)
    client.send("DELETE", "/proxies/n")
    yield seen_of("POST", "/populate", [body])
    yield seen_of("POST", "/populate", [{**body, "enabled": False}])
    client.send("DELETE", "/proxies/n")
    client.proxy("127.0.0.1:1")
    yield seen_of("PATCH", "/proxies/p", {"listen": listen})
    yield seen_of("GET", "/proxies/p")
    client.send("DELETE", "/proxies/p")


def test_each_address_is_used_or_refused_by_both_alike(
    embedded_server: Server, real_server: Server
) -> None:
    ours, theirs = Client(embedded_server.url), Client(real_server.url)
    for each in (ours, theirs):
        each.wipe()
    statuses, differing = set(), []
    for listen in dict.fromkeys(addresses()):
        mine, real = list(asked(ours, listen)), list(asked(theirs, listen, as_ours))
        statuses |= {answer[0] for answer in real}
        differing += [
            f"{listen!r}\n  ours {m}\n  real {r}" for m, r in zip(mine, real, strict=True) if m != r
        ]
    assert not differing, "\n".join(differing[:20])
    assert statuses == {200, 201, 400}


def test_the_comparison_can_fail(real_server: Server) -> None:
    """The negative control: two different addresses to one server."""
    client = Client(real_server.url)
    client.wipe()
    four, six, bad = (list(asked(client, at)) for at in ("127.0.0.1:0", "[::1]:0", "127.1:0"))
    assert four[0] != six[0] != bad[0]
    assert [status for status, _kind, _body in bad] == [500, 500, 201, 500, 200]
    turned = list(asked(client, "127.1:0", as_ours))
    assert [status for status, _kind, _body in turned] == [400, 400, 201, 400, 200]
