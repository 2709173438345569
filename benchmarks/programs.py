"""Starting ``gameday`` and ``chaos`` as whole processes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import gameday

ROOT = Path(__file__).parents[1]
PATIENCE = 120.0
"""Seconds after which something that has not come will not come."""


def gameday_command() -> list[str]:
    """The installed command beside this Python, else ``python -m gameday``."""
    return _command("gameday", "gameday")


def chaos_command() -> list[str]:
    """Chaos Toolkit; its look for a newer version, a call over the network, stays out of it."""
    return [*_command("chaos", "chaostoolkit"), "--no-version-check"]


def _command(name: str, module: str) -> list[str]:
    beside = Path(sys.executable).with_name(name)
    return [str(beside)] if beside.exists() else [sys.executable, "-m", module]


def environment() -> Mapping[str, str]:
    """Ours, with this package and gameday importable from any directory."""
    paths = [str(ROOT), str(Path(gameday.__file__).parents[1]), os.environ.get("PYTHONPATH", "")]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))}


def start(command: Sequence[str], directory: Path) -> subprocess.Popen[bytes]:
    """Start it, its output thrown away."""
    return subprocess.Popen(
        command,
        cwd=directory,
        env=environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def seconds(command: Sequence[str], directory: Path) -> float:
    """From the start of the process to its end. Raises RuntimeError when it fails."""
    began = time.perf_counter()
    process = start(command, directory)
    too_long = threading.Timer(PATIENCE, process.kill)
    too_long.start()
    code = process.wait()  # with a time-out of its own it would look every 50 ms only
    took = time.perf_counter() - began
    too_long.cancel()
    if code:
        raise RuntimeError(f"exit code {code}: {' '.join(command)} in {directory}")
    return took


def write(path: Path, value: Any) -> Path:
    """A JSON file, which is a YAML file too."""
    path.write_text(json.dumps(value, indent=1), encoding="utf-8")
    return path


def activity(name: str, func: str, kind: str = "action", **arguments: Any) -> dict[str, Any]:
    """A Chaos Toolkit activity that calls a function of :mod:`benchmarks.deeds`."""
    provider = {
        "type": "python",
        "module": "benchmarks.deeds",
        "func": func,
        "arguments": arguments,
    }
    return {"type": kind, "name": name, "provider": provider}


def experiment(
    method: Sequence[Mapping[str, Any]],
    rollbacks: Sequence[Mapping[str, Any]] = (),
) -> dict[str, Any]:
    """A Chaos Toolkit experiment."""
    return {
        "title": "A benchmark's experiment",
        "description": "Written by gameday's benchmarks.",
        "method": list(method),
        "rollbacks": list(rollbacks),
    }
