"""Files that people go on writing in: made once, never written over."""

from __future__ import annotations

from pathlib import Path

from gameday.core.errors import Refused


def write_fresh(path: Path, text: str) -> None:
    """Write a new file. Raises Refused where one of that name has other words by now."""
    if path.exists() and path.read_bytes() != text.encode():
        raise Refused(
            f"{path} is there already and says something else",
            hint="choose another --out, or move it away first",
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
