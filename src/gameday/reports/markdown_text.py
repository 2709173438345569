"""Pieces of GitHub Markdown: text that stays text, tables that stay tables."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~$])")
_OPENING = re.compile(r"^(\d+)([.)])(?=\s|$)|^([-+=])")
_RULES = {"l": ":--", "r": "--:"}


def escape(text: str) -> str:
    """Text of anybody's on one line, with no character that Markdown or HTML would act on."""
    line = " ".join(text.split()).replace("&", "&amp;")
    return _OPENING.sub(_blunt, _SPECIAL.sub(r"\\\1", line))


def table(head: Sequence[str], rows: Iterable[Sequence[str]], align: str = "") -> str:
    """A table; ``align`` holds l or r for each column. Cells must be escaped already."""
    rules = [_RULES[side] for side in align or "l" * len(head)]
    return "\n".join(_row(cells) for cells in (head, rules, *rows))


def bullets(items: Iterable[str]) -> str:
    """A list of lines that are escaped already."""
    return "\n".join(f"- {item}".rstrip() for item in items)


def references(events: Iterable[str | None]) -> str:
    """Entries of the log by their ids, each a link to its row."""
    return " ".join(f"[{event}](#{event})" for event in events if event)


def anchor(event: str) -> str:
    """The id of a row, where references lead to."""
    return f'<a id="{event}"></a>{event}'


def _blunt(opening: re.Match[str]) -> str:
    """The start of a line that would make it a list or a rule."""
    number, dot, dash = opening.groups()
    return f"{number}\\{dot}" if number else f"\\{dash}"


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
