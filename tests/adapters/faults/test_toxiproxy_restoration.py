"""Whatever happens to a proxy while a fault is in, the undo puts back what was there before."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gameday.adapters.toxiproxy.faults import DownFault, ToxicFault
from gameday.engine.faults import Fault, FaultMissing, FaultRejected, FaultStillPresent
from tests.adapters.faults.proxying import Api, stored

KINDS: dict[str, tuple[str, ...]] = {"latency": ("latency", "jitter"), "timeout": ("timeout",)}
LATENCY: dict[str, Any] = {"type": "latency", "attributes": {"latency": 500}}
NAMES = ("a", "b c", "ä%")

toxicities = st.sampled_from([0.25, 0.5, 1])


@st.composite
def attributes(draw: st.DrawFn, kind: str) -> dict[str, int]:
    """All attributes of a toxic of that type."""
    return {name: draw(st.integers(0, 50)) for name in KINDS[kind]}


@st.composite
def toxics(draw: st.DrawFn) -> list[dict[str, Any]]:
    """One to three toxics, as they are created."""
    found = []
    for name in draw(st.lists(st.sampled_from(NAMES), unique=True, min_size=1)):
        kind = draw(st.sampled_from(sorted(KINDS)))
        stream = draw(st.sampled_from(["upstream", "downstream"]))
        more = {"toxicity": draw(toxicities), "attributes": draw(attributes(kind))}
        found.append({"name": name, "type": kind, "stream": stream, **more})
    return found


def delete(api: Api, toxic: dict[str, Any]) -> None:
    """Somebody deletes a toxic."""
    httpx.delete(f"{api.url}/toxics/{quote(toxic['name'])}")


def change(api: Api, toxic: dict[str, Any]) -> None:
    """Somebody changes a toxic."""
    other = {name: value + 1 for name, value in toxic["attributes"].items()}
    httpx.post(
        f"{api.url}/toxics/{quote(toxic['name'])}", json={"toxicity": 0.125, "attributes": other}
    )


def replace(api: Api, toxic: dict[str, Any]) -> None:
    """Somebody puts another type of toxic, on the other stream, in its place."""
    delete(api, toxic)
    kind = "timeout" if toxic["type"] == "latency" else "latency"
    stream = "upstream" if toxic["stream"] == "downstream" else "downstream"
    httpx.post(f"{api.url}/toxics", json={"name": toxic["name"], "type": kind, "stream": stream})


def move(api: Api, toxic: dict[str, Any]) -> None:
    """Somebody makes a toxic anew: it works last then."""
    delete(api, toxic)
    httpx.post(f"{api.url}/toxics", json=toxic)


def disable(api: Api, _toxic: dict[str, Any]) -> None:
    """Somebody disables the proxy."""
    httpx.post(api.url, json={"enabled": False})


def delete_proxy(api: Api, _toxic: dict[str, Any]) -> None:
    """Somebody deletes the proxy, or its server has forgotten it."""
    httpx.delete(api.url)


def bare_proxy(api: Api, _toxic: dict[str, Any]) -> None:
    """Somebody deletes the proxy and makes it again, disabled and without toxics."""
    found = httpx.get(api.url)
    if found.status_code == 200:
        httpx.delete(api.url)
        keep = {key: found.json()[key] for key in ("name", "listen", "upstream")}
        httpx.post(f"{api.server}/proxies", json={**keep, "enabled": False})


DISTURBANCES = (delete, change, replace, move, disable, delete_proxy, bare_proxy)
disturbances = st.lists(st.tuples(st.sampled_from(DISTURBANCES), st.integers(0, 2)), max_size=4)


@pytest.mark.parametrize(
    ("fault", "more"), [(ToxicFault(), LATENCY), (DownFault(), {})], ids=["toxic", "down"]
)
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(toxics=toxics(), steps=disturbances, injected=st.booleans())
def test_undo_restores_exactly(
    proxy_server: str,
    service: str,
    fault: Fault,
    more: dict[str, Any],
    toxics: list[dict[str, Any]],
    steps: list[tuple[Callable[[Api, dict[str, Any]], None], int]],
    injected: bool,
) -> None:
    with Api.create(proxy_server, service) as api:
        for toxic in toxics:
            api.add(**toxic)
        arguments = {"server": api.server, "proxy": api.name, **more}
        before = api.now()
        prior = stored(fault.capture(arguments))
        if injected:
            fault.inject(arguments)
        for disturb, which in steps:
            disturb(api, toxics[which % len(toxics)])
        fault.undo(arguments, prior)
        assert fault.verify_undone(arguments, prior)
        assert api.now() == before


@pytest.mark.parametrize("disturb", [delete, change, replace, disable, delete_proxy, bare_proxy])
def test_what_is_not_restored_is_no_proof(
    api: Api, disturb: Callable[[Api, dict[str, Any]], None]
) -> None:
    """The control of the law above: without the undo each of these is seen."""
    theirs = {"name": "a", "stream": "upstream", **LATENCY, "attributes": {"latency": 1}}
    api.add(**theirs)
    arguments = {"server": api.server, "proxy": api.name, **LATENCY}
    prior = stored(ToxicFault().capture(arguments))
    disturb(api, theirs)
    with pytest.raises(FaultStillPresent):
        ToxicFault().verify_undone(arguments, prior)


def test_an_address_that_is_taken_for_a_moment_is_waited_for(api: Api) -> None:
    """Each server refuses it with a status of its own; a closing listener looks just so."""
    arguments = {"server": api.server, "proxy": api.name, **LATENCY}
    prior = stored(ToxicFault().capture(arguments))
    httpx.delete(api.url)
    host, _, port = prior["listen"].rpartition(":")
    with socket.create_server((host, int(port))) as taken:
        refused = httpx.post(f"{api.server}/proxies", json={**prior, "name": "other"})
        assert "address already in use" in refused.text
        leaving = threading.Timer(0.2, taken.close)
        leaving.start()
        ToxicFault().undo(arguments, prior)
        leaving.join()
    assert ToxicFault().verify_undone(arguments, prior)


def test_toxics_of_others_that_came_later_stay(api: Api) -> None:
    api.add(name="before", **LATENCY)
    arguments = {"server": api.server, "proxy": api.name, **LATENCY}
    prior = stored(ToxicFault().capture(arguments))
    ToxicFault().inject(arguments)
    api.add(name="after", **LATENCY)
    ToxicFault().undo(arguments, prior)
    assert ToxicFault().verify_undone(arguments, prior)
    assert api.toxics() == ["before", "after"]


def test_a_proxy_enabled_meanwhile_is_not_disabled_again(api: Api) -> None:
    """By a rollback of ours: the prior state of a proxy that was disabled."""
    arguments = {"server": api.server, "proxy": api.name, **LATENCY}
    prior = {**stored(ToxicFault().capture(arguments)), "enabled": False}
    ToxicFault().undo(arguments, prior)
    assert ToxicFault().verify_undone(arguments, prior)
    assert api.now()["enabled"] is True


def test_a_toxic_that_hits_nothing_is_no_fault(api: Api) -> None:
    arguments = {"server": api.server, "proxy": api.name, **LATENCY}
    disable(api, {})
    with pytest.raises(FaultRejected, match="hit nothing"):
        ToxicFault().capture(arguments)
    ToxicFault().inject(arguments)
    with pytest.raises(FaultMissing, match="hit nothing"):
        ToxicFault().verify_injected(arguments, {})


def test_another_toxic_under_its_name_is_not_the_fault(api: Api) -> None:
    arguments = {"server": api.server, "proxy": api.name, **LATENCY, "toxicity": 0.3}
    ToxicFault().inject(arguments)
    assert ToxicFault().verify_injected(arguments, {})  # 0.3 comes back as a float32
    for other in ({"toxicity": 1}, {"attributes": {"latency": 501}}, {"stream": "upstream"}):
        with pytest.raises(FaultMissing, match="another one"):
            ToxicFault().verify_injected({**arguments, **other}, {})
