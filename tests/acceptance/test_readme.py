"""The README as a stranger follows it: every command in it runs."""

from __future__ import annotations

import re
import shlex
import shutil
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.acceptance.conftest import Told
from tests.acceptance.program import Program

pytestmark = [pytest.mark.acceptance, pytest.mark.timeout(300)]
ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```sh\n(.*?)```", README, re.DOTALL)
EXPECTED = {
    "gameday run drills/gamedays/first.yaml": 4,  # asks first, and in a test nobody can be asked
}
"""Exit codes other than 0."""


def commands() -> list[str]:
    """Every command of the README in its order, without comments."""
    lines = [line.split(" #")[0].strip() for block in BLOCKS for line in block.splitlines()]
    return [line for line in lines if line]


def test_the_readme_has_its_commands() -> None:
    assert {"make demo", "make test"} <= set(commands())
    assert any(command.startswith("gameday init") for command in commands())


@pytest.mark.parametrize("target", [c.split()[1] for c in commands() if c.startswith("make ")])
def test_make_knows_its_targets(target: str) -> None:
    """What they run is run by other tests: the demo's stories, and this suite itself."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert re.search(rf"^{target}:", makefile, re.MULTILINE)


def test_every_demo_story_of_the_readme_is_played(stories: Mapping[str, Told]) -> None:
    told = [shlex.split(c)[-1] for c in commands() if c.startswith("gameday demo --story")]
    assert told
    assert set(told) <= set(stories)


def test_every_other_command_runs(stories: Mapping[str, Told], program: Program) -> None:
    """In one directory, in order, with the store of a run that a story left."""
    shutil.copytree(
        stories["responders"].program.directory / ".gameday", program.directory / ".gameday"
    )
    for library in ("experiments", "gamedays"):
        shutil.copytree(ROOT / library, program.directory / library)
    for command in commands():
        if command.startswith(("make ", "gameday demo")):
            continue
        assert command.startswith("gameday "), command
        done = program.run(*shlex.split(as_typed_now(command))[1:])
        assert done.returncode == EXPECTED.get(command, 0), f"{command}\n{done.stderr}"


def as_typed_now(command: str) -> str:
    """With the time of day that a reader would put in: a minute or two ago."""
    ago = datetime.now().astimezone() - timedelta(minutes=2)
    return re.sub(r"--at \d\d:\d\d\b", f"--at {ago:%H:%M}", command)


def test_the_files_the_readme_links_to_exist() -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", README)
    assert links
    for link in links:
        assert (ROOT / link).exists(), link
