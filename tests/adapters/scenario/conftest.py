"""A project on disk with one good game day file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from gameday.adapters.scenario_yaml import check_scenario

GOOD = """\
title: Checkout slows down
narrative: |
  The database answers late, see ${base}.
owner: sre
severity: SEV2
environment: local
objectives:
  - find the slow dependency
participants:
  - {name: ana, role: incident_commander}
configuration:
  host: 127.0.0.1
  port: 8080
  limit: {type: env, key: SHOP_LIMIT, default: "200"}
  base: {type: env, key: SHOP_URL, default: "http://127.0.0.1:8080"}
secrets:
  token: {type: env, key: SHOP_TOKEN}
probes:
  checkout:
    type: http
    url: ${base}/checkout
    headers: {Authorization: "Bearer ${secrets.token}"}
    tolerance: ${limit}
  latency:
    type: http
    url: ${base}/checkout
    measure: latency
    tolerance: {type: range, range: [0, 500]}
    interval: 500ms
  db:
    type: tcp
    host: ${host}
    port: ${port}
steady_state:
  title: people can buy
  probes: [checkout, latency]
timeline:
  - id: page
    at: +0
    title: A page
    message: Something is slow
    to: [responder]
  - id: slow
    at: +30s
    title: Slow database
    fault: experiments/slow-db.yaml
    hold: {until: mitigated, at_most: 5m}
duration: 10m
targets:
  detect: 3m
  own: {from: impacted, to: mitigated, within: 10m}
abort_when:
  - {probe: latency, fails_for: 5m}
  - steady_state_lost_for: 9m
blast_radius:
  targets: [db-*]
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (tmp_path / "experiments").mkdir()
    (tmp_path / "experiments" / "slow-db.yaml").write_text("title: x\n")
    path = tmp_path / "gamedays" / "drill.yaml"
    path.parent.mkdir()
    path.write_text(GOOD)
    return path


@pytest.fixture
def problems(file: Path) -> Callable[..., list[str]]:
    """What is said of the good file with texts replaced, without the file's name."""

    def check(*changes: tuple[str, str]) -> list[str]:
        text = GOOD
        for old, new in changes:
            assert old in text
            text = text.replace(old, new, 1)
        file.write_text(text)
        return [str(problem).removeprefix(f"{file}:") for problem in check_scenario(file)]

    return check
