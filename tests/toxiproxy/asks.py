"""One long list of requests, good and bad, in groups that each start with no proxies."""

from __future__ import annotations

from collections.abc import Iterator

from tests.toxiproxy.ask import BROKEN, BROWSER, METHODS, ODD, UP, Ask, proxy
from tests.toxiproxy.toxic_asks import TOXIC_GROUPS


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
    for name in ("a", "off", "bare", "nobody"):
        yield Ask("GET", f"/proxies/{name}")
    yield Ask("GET", "/proxies")
    for name in ("a", "a", "off", "nobody"):
        yield Ask("DELETE", f"/proxies/{name}")
    yield Ask("GET", "/proxies")


def proxy_addresses() -> Iterator[Ask]:
    """Where a proxy listens and what it leads to, also when that is nonsense; its name."""
    for listen in ("nonsense", "127.0.0.1", "127.0.0.1:x", "127.0.0.1:70000", "256.0.0.1:0"):
        yield Ask("POST", "/proxies", proxy("bad", listen=listen))
    for listen in ("[::1]:0", "localhost:0", ":0", "[::1", "127.0.0.1:-1", "1.2.3.4:0"):
        yield Ask("POST", "/proxies", proxy(f"at {listen}", listen=listen))
    for upstream in ("nonsense", "", "nowhere.invalid:80", "[::1]:80", ":80", "a b:1"):
        yield Ask("POST", "/proxies", proxy(f"to {upstream}", upstream=upstream))
    for name in ("äö", "per%cent", "with space", "<&>", "q?x", "\u2028", "\x7f", "a+b", "😀"):
        yield Ask("POST", "/proxies", proxy(name, enabled=False))
    yield Ask("GET", "/proxies")
    for path in ("nobody", "with%20space", "%C3%A4%C3%B6", "per%25cent", "q%3Fx", "a%2Fb"):
        yield Ask("GET", f"/proxies/{path}")
    for path in ("a%2Bb", "a+b", "%3C&%3E", "with+space", "%zz", "A", "%61"):
        yield Ask("GET", f"/proxies/{path}")
        yield Ask("DELETE", f"/proxies/{path}")


def odd_proxies() -> Iterator[Ask]:
    """Fields that are missing or of a wrong type, and bodies that are no JSON."""
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


def broken_proxy_updates() -> Iterator[Ask]:
    """Fields of a wrong type, bodies that are no JSON, proxies that are not there."""
    yield Ask("POST", "/proxies", proxy("u"))
    at = "/proxies/u"
    for method in ("PATCH", "POST"):
        for field in ("name", "listen", "upstream", "enabled"):
            for odd in ODD:
                yield Ask(method, at, {field: odd})
        for body in BROKEN:
            yield Ask(method, at, body)
        yield Ask(method, at)
        yield Ask(method, "/proxies/nobody", {"enabled": True})
        yield Ask(method, "/proxies/nobody", "{")
        yield Ask("PATCH", at, {"listen": "127.0.0.1:0", "upstream": UP, "enabled": True})


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


def odd_populate() -> Iterator[Ask]:
    """Items and fields of a wrong type, and bodies that are no JSON."""
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


def ours_alone() -> Iterator[Ask]:
    """What Toxiproxy does not have, or does worse; see DELIBERATE."""
    yield Ask("POST", "/proxies", proxy("t"))
    limited = {"type": "noop", "name": "v", "expires_in_ms": 3_600_000}
    yield Ask("POST", "/proxies/t/toxics", limited)
    yield Ask("PATCH", "/proxies/t/toxics/v", {"expires_in_ms": 0})
    yield Ask("GET", "/proxies/t")
    yield Ask("POST", "/proxies/t/toxics", {"type": "latency", "name": "half"})
    yield Ask("PATCH", "/proxies/t/toxics/half", '{"attributes":{"latency":9,"jitter":"x"}}')
    yield Ask("GET", "/proxies/t/toxics/half")
    yield Ask("DELETE", "/proxies/t/toxics/half")
    yield Ask("PATCH", "/proxies/t", {"enabled": False, "expires_in_ms": 3_600_000})
    yield Ask("PATCH", "/proxies/t", {"enabled": True})
    yield Ask("POST", "/proxies", proxy("busy", listen="$BUSY", enabled=False))
    yield Ask("POST", "/reset", "one cannot listen")
    yield Ask("DELETE", "/proxies/busy")
    yield Ask("GET", "/metrics")


GROUPS = (
    proxies,
    proxy_addresses,
    odd_proxies,
    proxy_updates,
    broken_proxy_updates,
    *TOXIC_GROUPS,
    populate,
    odd_populate,
    routes,
    agents,
    reset,
    ours_alone,
)
