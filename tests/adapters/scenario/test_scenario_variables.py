"""``${name}``: replaced in every string, typed where a type is wanted, secrets left alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from gameday.adapters.scenario_yaml import load_scenario, resolve
from gameday.core.errors import InvalidFile
from gameday.core.scenario.probes import HttpProbe, TcpProbe
from gameday.core.scenario.scenario import Scenario

from .conftest import GOOD


def resolved(file: Path, environ: dict[str, str], *changes: tuple[str, str]) -> Scenario:
    text = GOOD
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    file.write_text(text)
    return resolve(load_scenario(file), environ, str(file))


def test_defaults_and_literals(file: Path) -> None:
    scenario = resolved(file, {})
    checkout, db = scenario.probes["checkout"], scenario.probes["db"]
    assert isinstance(checkout, HttpProbe)
    assert isinstance(db, TcpProbe)
    assert checkout.url == "http://127.0.0.1:8080/checkout"
    assert checkout.tolerance == 200
    assert type(checkout.tolerance) is int
    assert (db.host, db.port) == ("127.0.0.1", 8080)
    assert "http://127.0.0.1:8080." in scenario.narrative
    assert checkout.headers == {"Authorization": "Bearer ${secrets.token}"}


def test_the_environment_wins(file: Path) -> None:
    scenario = resolved(file, {"SHOP_URL": "http://shop", "SHOP_LIMIT": "204"})
    checkout = scenario.probes["checkout"]
    assert isinstance(checkout, HttpProbe)
    assert (checkout.url, checkout.tolerance) == ("http://shop/checkout", 204)
    assert scenario.configuration["base"] == "http://shop"
    assert scenario.secrets["token"].key == "SHOP_TOKEN"


def test_every_variable_without_a_value_is_named(file: Path) -> None:
    changes = [
        (', default: "http://127.0.0.1:8080"', ""),
        (', default: "200"', ""),
    ]
    with pytest.raises(InvalidFile) as caught:
        resolved(file, {}, *changes)
    limit, base = caught.value.problems
    assert (limit.line, limit.column, limit.path) == (14, 10, "configuration.limit")
    assert (base.line, base.path) == (15, "configuration.base")
    assert "SHOP_URL is not set; set it (export SHOP_URL=…)" in base.message


def test_an_unreadable_source_still_gives_the_message(file: Path) -> None:
    file.write_text(GOOD.replace(', default: "200"', ""))
    with pytest.raises(InvalidFile) as caught:
        resolve(load_scenario(file), {}, "stored run r1")
    assert str(caught.value.problems[0]).startswith("stored run r1:1:1: ")


def test_escapes(file: Path) -> None:
    change = ("message: Something is slow", "message: costs $${host} and $5")
    assert resolved(file, {}, change).timeline[0].message == "costs ${host} and $5"


def test_types_within_text_and_alone(file: Path) -> None:
    changes = [
        ("title: A page", "title: ${port}"),
        ("message: Something is slow", "message: port ${port}, ${ host }"),
    ]
    inject = resolved(file, {}, *changes).timeline[0]
    assert inject.title == "8080"
    assert inject.message == "port 8080, 127.0.0.1"


def test_resolving_again_changes_nothing(file: Path) -> None:
    once = resolved(file, {})
    assert resolve(once, {}, "x") == once
