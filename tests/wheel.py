"""The wheel as people install it: built without a network, into a Python of its own."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
from pathlib import Path

ROOT = Path(__file__).parents[1]

_BUILD = "from hatchling.build import build_wheel; import sys; print(build_wheel(sys.argv[1]))"
_WHERE = "import gameday, sysconfig; print(gameday.__file__, sysconfig.get_path('purelib'))"


def build(directory: Path) -> Path:
    """Build the wheel into a directory; returns its file."""
    _done([sys.executable, "-c", _BUILD, str(directory)], ROOT)
    (wheel,) = directory.glob("*.whl")
    return wheel


def install(wheel: Path, directory: Path) -> Path:
    """Install it into a fresh environment in ``directory``; returns that one's Python.

    What gameday depends on is taken from the environment we run in, but not our own editable
    install: it hangs on a ``.pth`` file there, and such are read in an environment's own
    directory alone.
    """
    _done([sys.executable, "-m", "venv", "--without-pip", str(directory)], directory.parent)
    python = directory / "bin" / "python"
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--python", str(python)]
    _done([*pip, "install", "--quiet", "--no-deps", "--no-index", str(wheel)], directory.parent)
    installed, purelib = _done([str(python), "-c", _WHERE], directory.parent).split()
    assert Path(installed).is_relative_to(directory), installed
    assert not Path(installed).is_relative_to(ROOT), installed
    present = sysconfig.get_path("purelib")
    (Path(purelib) / "dependencies.pth").write_text(f"{present}\n", encoding="utf-8")
    installed, _ = _done([str(python), "-c", _WHERE], directory.parent).split()
    assert Path(installed).is_relative_to(directory), installed
    return python


def _done(command: list[str], directory: Path) -> str:
    done = subprocess.run(command, cwd=directory, capture_output=True, text=True, timeout=100)
    assert done.returncode == 0, done.stderr
    return done.stdout
