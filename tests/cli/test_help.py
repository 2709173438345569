"""The command line's surface: help, examples, and what importing it costs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from gameday.cli.main import cli

GAME_DAYS = str(Path(__file__).parents[2] / "gamedays")
HEAVY = (
    "chaoslib",
    "kubernetes",
    "psycopg",
    "sqlite3",
    "fastapi",
    "httpx",
    "pydantic",
    "rich",
    "yaml",
)


def commands() -> list[tuple[str, click.Command]]:
    """Every verb, sub-verbs included."""
    context = click.Context(cli)
    found: list[tuple[str, click.Command]] = []
    for verb in cli.list_commands(context):
        command = cli.get_command(context, verb)
        assert command is not None
        if isinstance(command, click.Group):
            found += [(f"{verb} {name}", sub) for name, sub in command.commands.items()]
        else:
            found.append((verb, command))
    return found


@pytest.mark.parametrize(("name", "command"), commands(), ids=[name for name, _ in commands()])
def test_each_verb_has_help_with_an_example(name: str, command: click.Command) -> None:
    result = CliRunner().invoke(cli, [*name.split(), "--help"])
    assert result.exit_code == 0
    assert "Example: gameday " in result.output
    assert command.help


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys\n"
        "from gameday.cli.main import run\n"
        "run(['--help'])\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.stdout.splitlines()[-1] == "[]", done.stdout.splitlines()[-1]


def test_validate_imports_nothing_that_only_a_run_needs() -> None:
    file = Path(GAME_DAYS) / "slow-inventory.yaml"
    unneeded = ("asyncio", "sqlite3", "chaoslib", "http.client", "gameday.core.log.events")
    code = (
        "import sys\n"
        "from gameday.cli.main import run\n"
        f"assert run(['validate', {str(file)!r}]) == 0\n"
        f"print([name for name in {unneeded!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.stdout.splitlines()[-1] == "[]", done.stdout + done.stderr


def test_a_single_experiment_waits_for_no_models() -> None:
    code = (
        "import sys, gameday.cli.experiment\n"
        "late = ('pydantic', 'gameday.core.scenario.scenario')\n"
        "print([name for name in late if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.stdout.splitlines()[-1] == "[]", done.stdout + done.stderr


@pytest.mark.parametrize(
    ("arguments", "unneeded"),
    [
        (
            ["report", "trends", "--format", "html", "--scenarios", GAME_DAYS],
            ("pydantic", "asyncio", "chaoslib"),
        ),
        (["report"], ("asyncio", "chaoslib", "jinja2")),
    ],
)
def test_a_report_imports_only_what_it_shows(
    arguments: list[str], unneeded: tuple[str, ...], tmp_path: Path
) -> None:
    code = (
        "import sys\n"
        "from gameday.cli.main import run\n"
        f"run(['--store', {str(tmp_path / 'a.db')!r}, *{arguments!r}])\n"
        f"print(); print([name for name in {unneeded!r} if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, cwd=tmp_path
    )
    assert done.stdout.splitlines()[-1] == "[]", done.stdout[-300:] + done.stderr


def test_the_check_above_can_fail() -> None:
    code = "import sys, yaml; print('yaml' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.stdout.strip() == "True"
