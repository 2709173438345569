"""Requests about toxics, good and bad, in groups that each start with no proxies."""

from __future__ import annotations

from collections.abc import Iterator

from tests.toxiproxy.ask import BROKEN, DANGEROUS, ODD, TOXICS, Ask, proxy


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
    for name in ("ä/ö", "with space", "per%cent"):
        yield Ask("POST", at, {"type": "noop", "name": name})
    for path in ("%C3%A4%2F%C3%B6", "with%20space", "per%25cent", "%zz", "nobody"):
        yield Ask("GET", f"{at}/{path}")
        yield Ask("DELETE", f"{at}/{path}")


def odd_toxics() -> Iterator[Ask]:
    """Fields that are missing or of a wrong type."""
    yield Ask("POST", "/proxies", proxy("t"))
    at = "/proxies/t/toxics"
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


def odd_attributes() -> Iterator[Ask]:
    """Attributes and toxicities of every kind."""
    yield Ask("POST", "/proxies", proxy("t"))
    at = "/proxies/t/toxics"
    good = {"type": "latency", "name": "odd", "attributes": {"latency": 1}}
    for kind, attributes in TOXICS:
        for attribute in attributes:
            for odd in ODD:
                if (kind, attribute, odd) not in DANGEROUS:
                    changed = {**attributes, attribute: odd}
                    yield Ask("POST", at, {"type": kind, "name": "odd", "attributes": changed})
                    yield Ask("DELETE", f"{at}/odd")
    for toxicity in (0, 0.1, 1 / 3, 1.0, 1e-9, 0.30000000000000004, 1e-7):
        yield Ask("POST", at, {**good, "toxicity": toxicity})
        yield Ask("DELETE", f"{at}/odd")


def broken_toxics() -> Iterator[Ask]:
    """Bodies that are no JSON, and proxies that are not there."""
    yield Ask("POST", "/proxies", proxy("t"))
    at = "/proxies/t/toxics"
    good = {"type": "latency", "name": "odd", "attributes": {"latency": 1}}
    for body in BROKEN:
        yield Ask("POST", at, body)
    yield Ask("POST", at)
    yield Ask("POST", at, {"type": "latency", "TYPE": "noop", "Stream": "upstream"})
    yield Ask("POST", "/proxies/nobody/toxics", good)
    yield Ask("POST", "/proxies/nobody/toxics", "{")
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


def broken_toxic_updates() -> Iterator[Ask]:
    """Fields of a wrong type, bodies that are no JSON, toxics that are not there."""
    yield Ask("POST", "/proxies", proxy("t"))
    at = "/proxies/t/toxics"
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


TOXIC_GROUPS = (
    toxics,
    odd_toxics,
    odd_attributes,
    broken_toxics,
    toxic_updates,
    broken_toxic_updates,
)
