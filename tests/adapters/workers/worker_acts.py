"""Providers for the experiments of these tests."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any


def touch(path: str) -> str:
    """An action that leaves a trace."""
    Path(path).write_text(str(os.getpid()))
    return path


def append(path: str, word: str) -> None:
    """An action whose order can be seen."""
    with Path(path).open("a") as file:
        file.write(word + "\n")


def loaded(path: str, module: str) -> None:
    """An action that notes whether its process has that module."""
    Path(path).write_text(str(module in sys.modules))


def fail(why: str = "on purpose") -> None:
    """An action that fails."""
    raise RuntimeError(why)


def die() -> None:
    """An action that takes its process with it."""
    os._exit(7)


def hang(started: str, seconds: float = 60.0) -> None:
    """An action that does not return."""
    Path(started).write_text(str(os.getpid()))
    time.sleep(seconds)


def spawn(pidfile: str) -> None:
    """An action that leaves a process behind it, in its own group."""
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    Path(pidfile).write_text(str(child.pid))


def tell(secrets: dict[str, Any], word: str) -> str:
    """An action that is careless with its secret."""
    for secret in secrets.values():
        sys.stdout.write(f"printed {secret}\n")
        logging.getLogger("chaostoolkit").info("\x1b[31mlogged %s\x1b[0m", secret)
        os.system(f"echo from a child: {secret}")
    return f"{word} and {list(secrets.values())}"


def steady(value: bool = True) -> bool:
    """A probe."""
    return value
