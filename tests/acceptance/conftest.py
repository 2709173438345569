"""The demo's stories, all played once and at the same time; and a shop to drill by hand."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from gameday.demo.shop import Shop
from tests.acceptance.program import Program, finish

STORIES = ("responders", "nobody", "false-all-clear", "self-heal")


@dataclass(frozen=True)
class Told:
    """A story that has been played."""

    report: Mapping[str, Any]
    exit_code: int
    log: str
    program: Program


@pytest.fixture(scope="session")
def stories(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Told]:
    """Every story's report, from the real ``gameday demo``."""
    programs = {name: Program(tmp_path_factory.mktemp(name)) for name in STORIES}
    started = {
        name: program.start("demo", "--story", name, "--headless", "-o", "json")
        for name, program in programs.items()
    }
    ended = {name: finish(process) for name, process in started.items()}
    told = {}
    for name, done in ended.items():
        assert done.stdout, done.stderr
        told[name] = Told(json.loads(done.stdout), done.returncode, done.stderr, programs[name])
    return told


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    """A running shop."""
    with Shop(tmp_path / "shop") as running:
        yield running


@pytest.fixture
def program(shop: Shop, tmp_path: Path) -> Program:
    """``gameday`` beside a running shop."""
    directory = tmp_path / "work"
    directory.mkdir()
    return Program(directory, dict(shop.env))
