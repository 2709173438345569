"""One long list of requests, good and bad, in groups that each start with no proxies.

``$BUSY`` in a body stands for an address somebody else listens on, ``$FREE`` for a free one.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

UP = "127.0.0.1:1"
BROWSER = "Mozilla/5.0 (X11; Linux x86_64)"
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
ODD: tuple[Any, ...] = (None, True, 0, -1, 1.5, 1e3, "", "x", "1", [], {}, [1], {"a": 1})
BROKEN: tuple[str, ...] = (
    "",
    " ",
    "{",
    "[",
    "nul",
    "null",
    "true",
    "1",
    '"x"',
    "[]",
    "[{}]",
    "{} x",
    "{}{}",
    "{,}",
)
BROKEN += ('{"name": }', "{'name': 'x'}", '{"a": 1', "\ufeff{}", '{"name": "\\ud800"}', "NaN")
BROKEN += ("\udcff", '{"name": "a\udcff"}', "{" * 2000, '{"name":"a\nb"}', "[[[[", "// x\n{}")
TOXICS: tuple[tuple[str, dict[str, int]], ...] = (
    ("latency", {"latency": 5, "jitter": 2}),
    ("bandwidth", {"rate": 100}),
    ("slow_close", {"delay": 5}),
    ("timeout", {"timeout": 5}),
    ("reset_peer", {"timeout": 5}),
    ("slicer", {"average_size": 64, "size_variation": 32, "delay": 10}),
    ("limit_data", {"bytes": 100}),
    ("noop", {}),
)

_DANGEROUS = (
    # what ours refuses because it crashes or hangs Toxiproxy; see differences.py
    ("bandwidth", "rate", None),
    ("bandwidth", "rate", 0),
    ("bandwidth", "rate", -1),
    ("slicer", "average_size", None),
    ("slicer", "average_size", 0),
    ("slicer", "average_size", -1),
    ("slicer", "size_variation", 1e3),
)


@dataclass(frozen=True)
class Ask:
    """One request."""

    method: str
    path: str
    body: Any = None
    agent: str = "gameday-tests"

    def __str__(self) -> str:
        body = self.body if isinstance(self.body, str) else json.dumps(self.body)
        return f"{self.method} {self.path} {body[:200]!r}" + (
            f" as {self.agent[:8]}" if self.agent == BROWSER else ""
        )


def proxy(name: str, /, **more: Any) -> dict[str, Any]:
    """A proxy that can be created."""
    return {"name": name, "listen": "127.0.0.1:0", "upstream": UP, **more}


def proxies() -> Iterator[Ask]:
    """Creating, showing, listing, deleting."""
    yield Ask("GET", "/version")
    yield Ask("GET", "/proxies")
    yield Ask("POST", "/proxies", proxy("a"))
    yield Ask("POST", "/proxies", proxy("a"))
    yield Ask("POST", "/proxies", proxy("off", enabled=False))
    yield Ask("POST", "/proxies", {"name": "bare", "upstream": UP, "enabled": False})
    yield Ask("POST", "/proxies", {"name": "any", "upstream": UP})
    yield Ask("POST", "/proxies", {"NAME": "upper", "Listen": "127.0.0.1:0", "uPsTream": UP})
    yield Ask("POST", "/proxies", {"name": "x", "name ": "y", "upstream": UP, "enabled": False})
    yield Ask("POST", "/proxies", proxy("more", toxics=[{"type": "latency"}], unknown={"a": [1]}))
    yield Ask("POST", "/proxies", '{"name":"first","name":"last","upstream":"u:1","enabled":false}')
    yield Ask("POST", "/proxies", '{"name":"two","upstream":"u:1","enabled":false} {"name":"no"}')
    yield Ask("POST", "/proxies", proxy("busy", listen="$BUSY"))
    yield Ask("POST", "/proxies", proxy("busy", listen="$BUSY", enabled=False))
    for listen in ("nonsense", "127.0.0.1", "127.0.0.1:x", "127.0.0.1:70000", "256.0.0.1:0"):
        yield Ask("POST", "/proxies", proxy("bad", listen=listen))
    for listen in ("[::1]:0", "localhost:0", ":0", "[::1", "127.0.0.1:-1", "1.2.3.4:0"):
        yield Ask("POST", "/proxies", proxy(f"at {listen}", listen=listen))
    for upstream in ("nonsense", "", "nowhere.invalid:80", "[::1]:80", ":80", "a b:1"):
        yield Ask("POST", "/proxies", proxy(f"to {upstream}", upstream=upstream))
    for name in ("äö", "per%cent", "with space", "<&>", "q?x", "\u2028", "\x7f", "a+b", "😀"):
        yield Ask("POST", "/proxies", proxy(name, enabled=False))
    for field in ("name", "listen", "upstream", "enabled"):
        yield Ask("POST", "/proxies", {k: v for k, v in proxy("less").items() if k != field})
        yield Ask("DELETE", "/proxies/less")
        for odd in ODD:
            yield Ask("POST", "/proxies", proxy("odd", **{field: odd}))
            yield Ask("DELETE", "/proxies/odd")
    for body in BROKEN:
        yield Ask("POST", "/proxies", body)
    yield Ask("POST", "/proxies")
    yield Ask("GET", "/proxies")
    for path in (
        "a",
        "off",
        "nobody",
        "with%20space",
        "%C3%A4%C3%B6",
        "per%25cent",
        "q%3Fx",
        "a%2Fb",
    ):
        yield Ask("GET", f"/proxies/{path}")
    for path in ("a%2Bb", "a+b", "%3C&%3E", "with+space", "%zz", "A", "%61"):
        yield Ask("GET", f"/proxies/{path}")
        yield Ask("DELETE", f"/proxies/{path}")
    yield Ask("DELETE", "/proxies/nobody")


def proxy_updates() -> Iterator[Ask]:
    """PATCH and POST on a proxy, whole and in part."""
    yield Ask("POST", "/proxies", proxy("u"))
    for method in ("PATCH", "POST"):
        at = "/proxies/u"
        for enabled in (False, False, True, True):
            yield Ask(method, at, {"enabled": enabled})
        yield Ask(method, at, {"name": "renamed"})
        yield Ask(method, at, {"upstream": "127.0.0.1:2"})
        yield Ask(method, at, {"upstream": ""})
        yield Ask(method, at, {"enabled": True})
        yield Ask(method, at, {"listen": "127.0.0.1:0"})
        yield Ask(method, at, {"listen": "127.0.0.1:0", "enabled": True})
        yield Ask(method, at, {"listen": "localhost:0", "enabled": True})
        yield Ask(method, at, {"listen": "$FREE", "upstream": UP, "enabled": True})
        yield Ask(method, at, {"listen": "$FREE"})
        yield Ask(method, at, {"listen": "$BUSY"})
        yield Ask("GET", at)
        yield Ask(method, at, {"enabled": True})
        yield Ask("GET", at)
        yield Ask(method, at, {"listen": "nonsense", "enabled": True})
        yield Ask("GET", at)
        yield Ask(method, at, {"listen": "127.0.0.1:0", "upstream": UP, "enabled": True})
        yield Ask(method, at, {"toxics": [], "x": 1, "ENABLED": False})
        for field in ("name", "listen", "upstream", "enabled"):
            for odd in ODD:
                yield Ask(method, at, {field: odd})
        for body in BROKEN:
            yield Ask(method, at, body)
        yield Ask(method, at)
        yield Ask(method, "/proxies/nobody", {"enabled": True})
        yield Ask(method, "/proxies/nobody", "{")
        yield Ask("PATCH", at, {"listen": "127.0.0.1:0", "upstream": UP, "enabled": True})


def toxics() -> Iterator[Ask]:
    """Creating, showing, listing, deleting, for each type and stream."""
    yield Ask("POST", "/proxies", proxy("t"))
    at = "/proxies/t/toxics"
    yield Ask("GET", at)
    for kind, attributes in TOXICS:
        for stream in ("upstream", "downstream", "UpStream"):
            yield Ask("POST", at, {"type": kind, "stream": stream, "attributes": attributes})
            yield Ask("GET", f"{at}/{kind}_{stream}")
            yield Ask("GET", f"{at}/{kind}_{stream.lower()}")
        yield Ask("POST", at, {"type": kind, "attributes": attributes})  # taken: downstream
        yield Ask("POST", at, {"type": kind, "name": f"more {kind}", "attributes": attributes})
        yield Ask("DELETE", f"{at}/more%20{kind}")
        yield Ask("DELETE", f"{at}/more%20{kind}")
        named = {"type": kind, "name": "n", "toxicity": 0.25, "attributes": attributes}
        yield Ask("POST", at, {**named, "x": 1, "attributes": {**attributes, "unknown": [1]}})
        yield Ask("POST", at, named)
        yield Ask("DELETE", f"{at}/n")
    yield Ask("GET", at)
    yield Ask("GET", "/proxies/t")
    yield Ask("GET", "/proxies")
    for stream in ("upstream", "downstream", "UpStream"):
        for kind, _ in TOXICS:
            yield Ask("DELETE", f"{at}/{kind}_{stream}")
    good = {"type": "latency", "name": "odd", "attributes": {"latency": 1}}
    for field in ("type", "name", "stream", "toxicity", "attributes"):
        yield Ask("POST", at, {k: v for k, v in good.items() if k != field})
        yield Ask("GET", at)
        for name in ("odd", "latency_downstream"):
            yield Ask("DELETE", f"{at}/{name}")
        for odd in ODD:
            yield Ask("POST", at, {**good, field: odd})
            for name in ("odd", "latency_downstream", "x", "1"):
                yield Ask("DELETE", f"{at}/{name}")
    for kind, attributes in TOXICS:
        for attribute in attributes:
            for odd in ODD:
                if (kind, attribute, odd) not in _DANGEROUS:
                    changed = {**attributes, attribute: odd}
                    yield Ask("POST", at, {"type": kind, "name": "odd", "attributes": changed})
                    yield Ask("DELETE", f"{at}/odd")
    for toxicity in (0, 0.1, 1 / 3, 1.0, 1e-9, 0.30000000000000004, 1e-7):
        yield Ask("POST", at, {**good, "toxicity": toxicity})
        yield Ask("DELETE", f"{at}/odd")
    for body in BROKEN:
        yield Ask("POST", at, body)
    yield Ask("POST", at)
    yield Ask("POST", at, {"type": "latency", "TYPE": "noop", "Stream": "upstream"})
    yield Ask("POST", "/proxies/nobody/toxics", good)
    yield Ask("POST", "/proxies/nobody/toxics", "{")
    for name in ("ä/ö", "with space", "per%cent"):
        yield Ask("POST", at, {**good, "name": name})
    for path in ("%C3%A4%2F%C3%B6", "with%20space", "per%25cent", "%zz", "nobody"):
        yield Ask("GET", f"{at}/{path}")
        yield Ask("DELETE", f"{at}/{path}")
    for method in ("GET", "DELETE"):
        yield Ask(method, "/proxies/nobody/toxics/latency_downstream")
    yield Ask("GET", "/proxies/nobody/toxics")


def toxic_updates() -> Iterator[Ask]:
    """PATCH and POST on a toxic: partial, wrong, unknown."""
    yield Ask("POST", "/proxies", proxy("t"))
    at = "/proxies/t/toxics"
    for kind, attributes in TOXICS:
        yield Ask("POST", at, {"type": kind, "name": "v", "attributes": attributes})
        for method in ("PATCH", "POST"):
            for name, value in attributes.items():
                yield Ask(method, f"{at}/v", {"attributes": {name: value + 1}})
                yield Ask(method, f"{at}/v", {"attributes": {name.upper(): value + 2}})
                yield Ask(method, f"{at}/v", {"attributes": {name: None}})
                yield Ask("GET", f"{at}/v")
                yield Ask(method, f"{at}/v", {"attributes": {name: "x"}})
                yield Ask("GET", f"{at}/v")
            yield Ask(method, f"{at}/v", {"attributes": {"unknown": 1}, "x": 1})
            yield Ask(method, f"{at}/v", {"toxicity": 0.5})
            renamed = {"name": "w", "type": "noop", "stream": "upstream"}
            yield Ask(method, f"{at}/v", renamed)
            yield Ask("GET", f"{at}/v")
        yield Ask("DELETE", f"{at}/v")
    yield Ask("POST", at, {"type": "latency", "name": "v", "attributes": {"latency": 7}})
    for method in ("PATCH", "POST"):
        for field in ("attributes", "toxicity"):
            for odd in ODD:
                yield Ask(method, f"{at}/v", {field: odd})
                yield Ask("GET", f"{at}/v")
        for body in BROKEN:
            yield Ask(method, f"{at}/v", body)
        yield Ask(method, f"{at}/v")
        yield Ask(method, f"{at}/nobody", {"attributes": {}})
        yield Ask(method, f"{at}/nobody", "{")
        yield Ask(method, "/proxies/nobody/toxics/v", {"attributes": {}})


def populate() -> Iterator[Ask]:
    """Lists of proxies, with good and bad items."""
    yield Ask("POST", "/populate", [])
    yield Ask("POST", "/populate", [proxy("g1"), proxy("g2", enabled=False)])
    yield Ask("POST", "/populate", [proxy("g1", listen="$FREE"), proxy("g2", listen="$FREE")])
    yield Ask("GET", "/proxies/g1")
    yield Ask("GET", "/proxies/g2")
    yield Ask("POST", "/proxies/g1/toxics", {"type": "noop"})
    for more in ({}, {"enabled": False}, {"enabled": True}, {"upstream": "127.0.0.1:9"}):
        yield Ask("POST", "/populate", [proxy("g1", listen="$FREE", **more)])
        yield Ask("GET", "/proxies/g1")
    yield Ask("POST", "/populate", [proxy("g3"), proxy("g4", listen="$BUSY"), proxy("g5")])
    for name in ("g3", "g4", "g5"):
        yield Ask("GET", f"/proxies/{name}")
    yield Ask("POST", "/populate", [proxy("g6"), {"name": "g7"}, proxy("g8")])
    yield Ask("POST", "/populate", [proxy("g6"), {"upstream": UP}])
    yield Ask("GET", "/proxies/g6")
    yield Ask("POST", "/populate", [proxy("twice"), proxy("twice")])
    yield Ask("POST", "/populate", [proxy("g9", toxics=[{"type": "latency"}])])
    for odd in ODD:
        yield Ask("POST", "/populate", [odd])
        for field in ("name", "listen", "upstream", "enabled"):
            yield Ask("POST", "/populate", [proxy("odd", **{field: odd})])
    for body in (*BROKEN, {}, proxy("single")):
        yield Ask("POST", "/populate", body)
    yield Ask("POST", "/populate")


def routes() -> Iterator[Ask]:
    """Every method on every route, and paths that are none."""
    yield Ask("POST", "/proxies", proxy("t"))
    yield Ask("POST", "/proxies/t/toxics", {"type": "latency", "name": "v"})
    for path in ("/version", "/reset", "/populate", "/proxies", "/proxies/t", "/proxies/nobody"):
        yield from (Ask(m, path) for m in METHODS if (m, path) != ("DELETE", "/proxies/t"))
    for path in ("/proxies/t/toxics", "/proxies/t/toxics/v", "/proxies/nobody/toxics/v"):
        yield from (Ask(method, path) for method in METHODS)
    for path in ("/", "/nope", "/version/", "/proxies/", "/proxies/t/", "/proxies/t/toxics/"):
        yield from (Ask(method, path) for method in METHODS)
    for path in ("/Version", "/proxies/t/nope", "/proxies/t/toxics/v/x", "/version?x=1"):
        yield from (Ask(method, path) for method in ("GET", "POST"))
    for path in ("//version", "/proxies//t", "/./version", "/proxies/../version", "/%76ersion"):
        yield from (Ask(method, path) for method in ("GET", "POST"))
    yield Ask("GET", "/proxies/t?name=x")
    yield Ask("POST", "/reset/", {})


def agents() -> Iterator[Ask]:
    """Browsers are refused where there is a route."""
    for path in ("/version", "/proxies", "/proxies/t", "/proxies/nobody", "/nope", "/reset"):
        yield from (Ask(method, path, agent=BROWSER) for method in METHODS)
    for agent in ("", "Mozilla", "mozilla/5.0", "curl Mozilla/5.0", "Mozilla/"):
        yield Ask("GET", "/version", agent=agent)


def reset() -> Iterator[Ask]:
    """Everything enabled, no toxics."""
    yield Ask("POST", "/proxies", proxy("r", enabled=False))
    yield Ask("POST", "/proxies/r/toxics", {"type": "noop"})
    yield Ask("POST", "/proxies", proxy("on"))
    yield Ask("POST", "/reset", "not read at all")
    yield Ask("GET", "/proxies/r")


GROUPS = (proxies, proxy_updates, toxics, toxic_updates, populate, routes, agents, reset)
