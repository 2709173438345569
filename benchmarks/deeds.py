"""What the benchmarks' experiments call; the same functions under gameday and Chaos Toolkit."""

from __future__ import annotations

import os
import time
from pathlib import Path


def nothing() -> bool:
    """Return at once."""
    return True


def nap(seconds: float) -> bool:
    """Take that long."""
    time.sleep(seconds)
    return True


def stamp(path: str) -> bool:
    """Add the monotonic time to a file: when somebody got here."""
    line = f"{time.monotonic_ns()}\n".encode()
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        os.write(descriptor, line)
    finally:
        os.close(descriptor)
    return True


def is_there(path: str) -> bool:
    """A steady state that anyone can end by removing a file."""
    return Path(path).exists()


def stamped_nap(path: str, seconds: float) -> bool:
    """Stamp, then take that long: a slow probe that says when it was asked."""
    stamp(path)
    return nap(seconds)


def stamps(path: Path) -> list[float]:
    """The stamps in a file, in monotonic seconds; none when it is not there."""
    if not path.exists():
        return []
    lines = path.read_text(encoding="ascii").split("\n")[:-1]
    return [int(line) / 1e9 for line in lines]
