"""What people install: the wheel holds all that the program needs, and works away from here."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests import wheel

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built wheel, unpacked into a directory of its own."""
    directory = tmp_path_factory.mktemp("wheel")
    target = directory / "site"
    with zipfile.ZipFile(wheel.build(directory)) as archive:
        archive.extractall(target)
    return target


def test_everything_that_is_not_python_is_in_it(installed: Path) -> None:
    package = installed / "gameday"
    for name in (
        "library/gamedays/slow-inventory.yaml",
        "library/gamedays/responders/responders.yaml",
        "library/experiments/inventory-latency.yaml",
        "adapters/event_log/sql/schema.sql",
        "reports/templates/report.html.j2",
        "reports/templates/report.css",
        "cli/scaffold/first.yaml",
        "py.typed",
    ):
        assert (package / name).is_file(), name


def test_it_works_away_from_the_checkout(installed: Path, tmp_path: Path) -> None:
    code = (
        "import gameday, sys\n"
        "from gameday.bootstrap import files\n"
        "from gameday.cli.main import run\n"
        "print(gameday.__file__)\n"
        "gamedays = files.library('gamedays')\n"
        "print(gamedays)\n"
        "sys.exit(run(['validate', *map(str, sorted(gamedays.glob('*.yaml')))]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(installed)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert all(line.startswith(str(installed)) for line in done.stdout.splitlines())


def test_the_image_gets_the_releases_that_are_tested_and_no_tools() -> None:
    tested, image = pins(ROOT / "requirements.txt"), pins(ROOT / "deploy/requirements.txt")
    assert image.items() <= tested.items()
    assert needed("gameday", {"build"}) <= set(image)
    assert not {"hypothesis", "mypy", "playwright", "ruff"} & set(image)


def pins(lock: Path) -> dict[str, str]:
    """The release of each package in a lock file."""
    lines = lock.read_text(encoding="utf-8").splitlines()
    return dict(line.split()[0].split("==") for line in lines if "==" in line)


def needed(package: str, extras: set[str]) -> set[str]:
    """What a package needs here, and what that needs."""
    found: set[str] = set()
    ahead = [(package, extras)]
    while ahead:
        name, wanted = ahead.pop()
        for text in metadata.requires(name) or ():
            one = Requirement(text)
            holds = one.marker is None or any(
                one.marker.evaluate({"extra": extra}) for extra in (wanted or {""})
            )
            other = canonicalize_name(one.name)
            if holds and other not in found and other != "gameday":
                found.add(other)
                ahead.append((other, set(one.extras)))
    return found
