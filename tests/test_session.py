"""The session's own rules, seen from a session inside this one."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.leftovers import MARK

ROOT = Path(__file__).parents[1]
CONFTEST = """
from tests import leftovers
from tests.conftest import *
from tests.parts import PARTS

leftovers.GRACE = 0.2
PARTS["unobtainium"] = ("no-such-program",)
PARTS["python"] = ("python3",)
"""
ABSENT = """
import pytest

@pytest.mark.needs_unobtainium
def test_with_an_absent_part():
    raise AssertionError("it ran")

@pytest.mark.needs_python
def test_with_a_part_that_is_there():
    pass
"""
LEAVING = """
import subprocess

def test_leaves_a_process_behind():
    subprocess.Popen({command!r}, start_new_session=True)
"""


def session(directory: Path, test: str, **env: str) -> subprocess.CompletedProcess[str]:
    """Run one file of tests under this project's conftest."""
    (directory / "conftest.py").write_text(CONFTEST, encoding="utf-8")
    (directory / "test_inner.py").write_text(test, encoding="utf-8")
    outer = {key: value for key, value in os.environ.items() if key != MARK}
    outer.pop("GAMEDAY_REQUIRE_ALL", None)
    paths = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-ra", "-p", "no:randomly", "-p", "no:cacheprovider"],
        cwd=directory,
        env={**outer, "PYTHONPATH": paths, **env},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


def test_a_test_whose_part_is_absent_is_skipped_by_name(tmp_path: Path) -> None:
    done = session(tmp_path, ABSENT)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 passed, 1 skipped" in done.stdout
    assert "unobtainium is not installed (looked for no-such-program)" in done.stdout


def test_with_all_parts_required_it_fails(tmp_path: Path) -> None:
    done = session(tmp_path, ABSENT, GAMEDAY_REQUIRE_ALL="1")
    assert done.returncode == 1, done.stdout + done.stderr
    assert "1 passed, 1 error" in done.stdout
    assert "unobtainium is not installed" in done.stdout
    assert "GAMEDAY_REQUIRE_ALL is set" in done.stdout


@pytest.mark.skipif(sys.platform != "linux", reason="finds processes in /proc, which Linux has")
def test_a_process_left_behind_fails_the_session(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "import time; time.sleep(60)", "left-by-a-test"]
    done = session(tmp_path, LEAVING.format(command=command))
    left = [line for line in done.stdout.splitlines() if line.endswith("left-by-a-test")]
    for line in left:
        os.kill(int(line.split()[0]), 9)
    assert "1 passed" in done.stdout
    assert done.returncode == 1, done.stdout + done.stderr
    assert len(left) == 1


FAKE_PYTHON = """#!/bin/sh
[ "$1" = --version ] && echo Python && exit
echo "chosen: $4"
echo "$0 $*" >>"$(dirname "$0")/calls"
case "$4" in
  needs_cluster) exit "${CLUSTER:-0}" ;;
  sweep*) exit "${SWEEPS:-0}" ;;
  *) exit "${OTHERS:-0}" ;;
esac
"""


def all_parts(directory: Path, **env: str) -> subprocess.CompletedProcess[str]:
    """What `tests/run` makes of its parts when each ends with a code of its own."""
    python = directory / "python"
    python.write_text(FAKE_PYTHON, encoding="utf-8")
    python.chmod(0o755)
    return subprocess.run(
        [ROOT / "tests/run", python],
        env={"PATH": os.environ["PATH"], **env},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


@pytest.mark.parametrize("part", ["CLUSTER", "SWEEPS", "OTHERS"])
def test_a_failure_in_any_part_fails_all(tmp_path: Path, part: str) -> None:
    run = all_parts(tmp_path, GAMEDAY_REQUIRE_ALL="1", **{part: "1"})
    assert run.returncode == 1
    assert run.stdout.count("chosen: ") == 3


@pytest.mark.parametrize("part", ["CLUSTER", "SWEEPS", "OTHERS"])
def test_a_failure_with_the_newer_python_fails_all_too(tmp_path: Path, part: str) -> None:
    newer = tmp_path / "newer"
    newer.write_text(FAKE_PYTHON, encoding="utf-8")
    newer.chmod(0o755)
    good = all_parts(tmp_path, GAMEDAY_REQUIRE_ALL="1", NEWER=str(newer))
    assert good.returncode == 0
    assert good.stdout.count("chosen: ") == 6
    newer.write_text(FAKE_PYTHON.replace(f"${{{part}:-0}}", "1"), encoding="utf-8")
    assert all_parts(tmp_path, GAMEDAY_REQUIRE_ALL="1", NEWER=str(newer)).returncode == 1
    calls = (tmp_path / "calls").read_text(encoding="utf-8").splitlines()
    asked = [line for line in calls if line.startswith(f"{newer} ")]
    some = [re.findall(r"\S+\.py", line) for line in asked if "-m needs_cluster" in line]
    assert len(asked) == 6
    assert len(some) == 2  # one a run
    assert some[0]
    assert all((ROOT / path).is_file() for path in some[0])


def test_a_part_of_which_nothing_was_chosen_fails_nothing(tmp_path: Path) -> None:
    assert all_parts(tmp_path, GAMEDAY_REQUIRE_ALL="1", CLUSTER="5").returncode == 0


def test_the_sweeps_are_skipped_by_name_where_not_all_is_required(tmp_path: Path) -> None:
    run = all_parts(tmp_path, SWEEPS="1")
    assert run.returncode == 0
    assert "Skipped: the sweeps" in run.stdout
