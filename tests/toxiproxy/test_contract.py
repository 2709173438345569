"""The API as its clients use it, on both servers."""

from __future__ import annotations

import socket
from typing import Any

import pytest

from tests.toxiproxy.client import Client
from tests.toxiproxy.comparing import UNUSABLE_ADDRESS
from tests.toxiproxy.peers import connect, read_all
from tests.toxiproxy.servers import Server

UP = "127.0.0.1:1"
PROXY = {"name": "p", "listen": "127.0.0.1:0", "upstream": UP}
TEXT, JSON = "text/plain; charset=utf-8", "application/json"


@pytest.fixture
def made(client: Client) -> Client:
    """A server with the proxy ``p``."""
    client.proxy(UP)
    return client


def refused(client: Client, method: str, path: str, body: Any = None) -> tuple[int, str]:
    """Status and words of a refusal, whose form is checked."""
    answer = client.send(method, path, body)
    assert answer.kind == TEXT
    assert answer.json.keys() == {"error", "status"}
    assert answer.json["status"] == answer.status
    return answer.status, answer.json["error"]


def test_version(client: Client) -> None:
    answer = client.send("GET", "/version")
    assert (answer.status, answer.json) == (200, {"version": "2.12.0"})


def test_a_proxy_is_created_with_a_real_port(client: Client) -> None:
    answer = client.send("POST", "/proxies", PROXY)
    assert (answer.status, answer.kind) == (201, JSON)
    port = int(answer.json["listen"].removeprefix("127.0.0.1:"))
    socket.create_connection(("127.0.0.1", port)).close()
    want = {**PROXY, "listen": f"127.0.0.1:{port}", "enabled": True, "toxics": []}
    for found in (
        answer.json,
        client.send("GET", "/proxies/p").json,
        client.send("GET", "/proxies").json["p"],
    ):
        assert {key: found[key] for key in want} == want
    assert refused(client, "POST", "/proxies", PROXY) == (409, "proxy already exists")
    assert client.send("DELETE", "/proxies/p").status == 204
    assert refused(client, "DELETE", "/proxies/p") == (404, "proxy not found")
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port))


def test_a_proxy_on_ipv6(client: Client) -> None:
    answer = client.send("POST", "/proxies", {**PROXY, "listen": "[::1]:0"})
    port = int(answer.json["listen"].removeprefix("[::1]:"))
    socket.create_connection(("::1", port)).close()


@pytest.mark.parametrize("missing", ["name", "upstream"])
def test_what_a_proxy_needs(client: Client, missing: str) -> None:
    body = {key: value for key, value in PROXY.items() if key != missing}
    said = f"missing required field: {missing}"
    assert refused(client, "POST", "/proxies", body) == (400, said)


def test_a_body_that_is_no_json(made: Client) -> None:
    for method, path in (
        ("POST", "/proxies"),
        ("PATCH", "/proxies/p"),
        ("POST", "/proxies/p/toxics"),
    ):
        status, said = refused(made, method, path, "{")
        assert (status, said.split(":")[0]) == (400, "bad request body")


def test_an_address_in_use(made: Client, server: Server) -> None:
    listen = made.send("GET", "/proxies/p").json["listen"]
    status, said = refused(
        made, "POST", "/proxies", {"name": "q", "listen": listen, "upstream": UP}
    )
    assert status == UNUSABLE_ADDRESS[server.kind]
    assert said == f"listen tcp {listen}: bind: address already in use"
    assert "q" not in made.send("GET", "/proxies").json


@pytest.mark.parametrize("method", ["PATCH", "POST"])
def test_disabling_and_enabling_keep_the_address_and_the_toxics(made: Client, method: str) -> None:
    made.toxic("latency", latency=1)
    before = made.send("GET", "/proxies/p").json
    for enabled in (False, True):
        answer = made.send(method, "/proxies/p", {"enabled": enabled})
        assert (answer.status, answer.json) == (200, {**before, "enabled": enabled})


@pytest.mark.parametrize("method", ["PATCH", "POST"])
def test_a_toxic_from_its_defaults_to_its_end(made: Client, method: str) -> None:
    toxics = "/proxies/p/toxics"
    answer = made.send("POST", toxics, {"type": "latency", "attributes": {"latency": 9}})
    want = {
        "name": "latency_downstream",
        "type": "latency",
        "stream": "downstream",
        "toxicity": 1,
        "attributes": {"latency": 9, "jitter": 0},
    }
    assert (answer.status, answer.kind, answer.json) == (200, JSON, want)
    assert refused(made, "POST", toxics, {"type": "latency"}) == (409, "toxic already exists")
    changed = {**want, "toxicity": 0.5, "attributes": {"latency": 9, "jitter": 3}}
    change = {"toxicity": 0.5, "attributes": {"jitter": 3}}
    at = f"{toxics}/latency_downstream"
    assert made.send(method, at, change).json == changed
    assert made.send("GET", at).json == changed
    assert made.send("GET", toxics).json == [changed]
    assert made.send("DELETE", at).status == 204
    assert refused(made, "DELETE", at) == (404, "toxic not found")
    assert refused(made, method, at, change) == (404, "toxic not found")


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"type": "nope"}, "invalid toxic type"),
        ({}, "invalid toxic type"),
        (
            {"type": "latency", "stream": "sideways"},
            "stream was invalid, can be either upstream or downstream",
        ),
    ],
)
def test_toxics_that_are_refused(made: Client, body: Any, said: str) -> None:
    assert refused(made, "POST", "/proxies/p/toxics", body) == (400, said)
    assert refused(made, "POST", "/proxies/q/toxics", body) == (404, "proxy not found")


@pytest.mark.parametrize(
    "kind",
    ["latency", "bandwidth", "slow_close", "timeout", "reset_peer", "slicer", "limit_data", "noop"],
)
@pytest.mark.parametrize("stream", ["upstream", "downstream"])
def test_every_type_of_toxic(made: Client, kind: str, stream: str) -> None:
    safe = {"bandwidth": {"rate": 1}, "slicer": {"average_size": 1}}.get(kind, {})
    body = {"type": kind, "stream": stream, "attributes": safe}
    answer = made.send("POST", "/proxies/p/toxics", body)
    assert answer.status == 200
    assert answer.json["name"] == f"{kind}_{stream}"
    assert answer.json["attributes"].items() >= safe.items()
    assert all(value == 0 for key, value in answer.json["attributes"].items() if key not in safe)


def test_populate_replaces_what_differs_and_keeps_what_does_not(client: Client) -> None:
    assert client.send("POST", "/populate", [PROXY, {**PROXY, "name": "q"}]).status == 201
    client.toxic("latency", "p", latency=1)
    client.toxic("latency", "q", latency=1)
    p, q = (client.send("GET", f"/proxies/{name}").json for name in "pq")
    keep, replace = {**PROXY, "listen": p["listen"]}, {**q, "upstream": "127.0.0.1:2"}
    answer = client.send("POST", "/populate", [keep, replace])
    assert (answer.status, answer.kind) == (201, JSON)
    assert answer.json["proxies"] == [p, {**replace, "toxics": []}]


def test_populate_refuses_the_whole_list_for_one_bad_item(client: Client) -> None:
    answer = client.send("POST", "/populate", [PROXY, {"name": "q"}])
    assert (answer.status, answer.kind) == (400, JSON)
    assert answer.json["error"] == "missing required field: upstream at proxy 2"
    assert client.send("GET", "/proxies").json == {}


def test_reset_enables_and_cleans(made: Client) -> None:
    before = made.send("GET", "/proxies/p").json
    made.toxic("latency", latency=1)
    made.send("PATCH", "/proxies/p", {"enabled": False})
    assert made.send("POST", "/reset").status == 204
    assert made.send("GET", "/proxies/p").json == before


def test_browsers_are_refused(made: Client) -> None:
    answer = made.send("GET", "/proxies", agent="Mozilla/5.0 (X11; Linux x86_64)")
    assert (answer.status, answer.text) == (403, "User agent not allowed\n")


def test_names_may_hold_what_must_be_escaped(client: Client) -> None:
    client.proxy(UP, name="a b%ö?")
    at = "/proxies/a%20b%25%C3%B6%3F"
    assert client.send("GET", at).json["name"] == "a b%ö?"
    client.send("POST", f"{at}/toxics", {"type": "noop", "name": "ü #"})
    assert client.send("GET", f"{at}/toxics/%C3%BC%20%23").json["name"] == "ü #"
    assert client.send("DELETE", at).status == 204


def test_names_may_come_as_they_are_typed(client: Client, server: Server) -> None:
    """curl escapes nothing."""
    client.proxy(UP, name="ö")
    asked = "GET /proxies/ö HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode()
    with connect(("127.0.0.1", server.port)) as connection:
        connection.sendall(asked)
        answer = read_all(connection).decode()
    assert answer.startswith("HTTP/1.1 200 ")
    assert '"name":"ö"' in answer


@pytest.mark.parametrize(("path", "status"), [(b"proxies", 400), (b"http://x/proxies", 200)])
def test_targets_without_a_slash(client: Client, server: Server, path: bytes, status: int) -> None:
    with connect(("127.0.0.1", server.port)) as connection:
        connection.sendall(b"GET " + path + b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        assert read_all(connection).startswith(b"HTTP/1.1 %d " % status)


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/x", 404), ("PUT", "/reset", 405)])
def test_paths_and_methods_that_are_none(
    client: Client, method: str, path: str, status: int
) -> None:
    assert client.send(method, path).status == status
