"""What a postmortem that people have worked on still lacks, and where it blames somebody.

It reads Markdown as ``gameday report postmortem`` writes it: each section by its heading, action
items as a table. Code blocks are left alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import zip_longest

from gameday.core.drafts.words import FILL_IN
from gameday.core.incident_process.blame import blaming
from gameday.core.process_tables.blame_table import BlameTable, Wanted
from gameday.reports.postmortem import PRIORITIES, SECTIONS

_HEADING = re.compile(r"^(#{1,6})\s+(.*?)\s*#*\s*$")
_FENCE = re.compile(r"^\s*(```|~~~)")
_RULE = re.compile(r"^\s*\|?[\s:|-]*-[\s:|-]*$")
_BARE = re.compile(r"^\s*(?:[-*+]|\d+[.)])?\s*(?:\[ ?\])?\s*$")
_CELLS = re.compile(r"(?<!\\)\|")
_OPEN = re.compile(rf"{FILL_IN.pattern}|\b(?:TODO|TBD|FIXME)\b|_{{3,}}")
_NOTHING = re.compile(r"(?:[-–—?.\s]|n/a|none|nobody|unassigned)*", re.IGNORECASE)
_TOOK_PART = re.compile(r"\*\*(?:Took part|Participants):\*\*(.*)", re.IGNORECASE)
_NEEDED = ("action", "owner", "priority", "due")


@dataclass(frozen=True, slots=True)
class Flaw:
    """Something to mend. line: from 1; of a section that is missing, the last one.

    kind: missing, empty, fill_in, action or blame. instead: what to write, where that is known.
    """

    line: int
    kind: str
    message: str
    instead: str = ""


@dataclass(frozen=True, slots=True)
class _Line:
    number: int
    text: str


def flaws(text: str, table: BlameTable, names: Iterable[str] = ()) -> tuple[Flaw, ...]:
    """All of them, in the order of the text. table: words that blame. names: of people who took
    part, beside those that the document's own head names."""
    lines = list(_prose(text))
    sections = _sections(lines)
    end = max(text.count("\n") + (not text.endswith("\n")), 1)
    found = [
        Flaw(end, "missing", f"there is no section {heading!r}", f"## {heading}")
        for heading in SECTIONS.values()
        if _key(heading) not in sections
    ]
    found += _empty(sections)
    actions = sections.get(_key(SECTIONS["actions"]), [])[1:]
    rows = _table(actions)
    in_table = {line.number for line in rows}
    found += _action_flaws(actions, rows)
    found += [flaw for line in lines if line.number not in in_table for flaw in _gaps(line)]
    wanted = table.wanted(sorted({*names, *_took_part(lines)}))
    found += [flaw for line in lines for flaw in _blames(line, wanted)]
    return tuple(sorted(found, key=lambda flaw: (flaw.line, flaw.kind, flaw.message)))


def _prose(text: str) -> Iterator[_Line]:
    """Lines outside of code blocks."""
    fenced = False
    for number, line in enumerate(text.splitlines(), 1):
        if _FENCE.match(line):
            fenced = not fenced
        elif not fenced:
            yield _Line(number, line)


def _sections(lines: Sequence[_Line]) -> dict[str, list[_Line]]:
    """Lines of each section by its heading, the heading first; what is deeper belongs to it."""
    found: dict[str, list[_Line]] = {}
    known, open_, depth = {_key(heading) for heading in SECTIONS.values()}, "", 0
    for line in lines:
        heading = _HEADING.match(line.text)
        if heading and (_key(heading[2]) in known or len(heading[1]) <= depth or not open_):
            open_, depth = _key(heading[2]), len(heading[1])
        if open_:
            found.setdefault(open_, []).append(line)
    return found


def _key(heading: str) -> str:
    return " ".join(re.findall(r"[a-z0-9]+", heading.lower()))


def _empty(sections: dict[str, list[_Line]]) -> Iterator[Flaw]:
    for heading in SECTIONS.values():
        lines = sections.get(_key(heading), [])
        if lines and not any(map(_says, _without_heads(lines[1:]))):
            yield Flaw(lines[0].number, "empty", f"the section {heading!r} says nothing")


def _without_heads(lines: Sequence[_Line]) -> Iterator[_Line]:
    """Without what only heads something: headings, and rows above a table's rule."""
    for line, after in zip_longest(lines, lines[1:], fillvalue=_Line(0, "")):
        table_head = "|" in line.text and "|" in after.text and _RULE.match(after.text)
        if not table_head and not _HEADING.match(line.text) and not _RULE.match(line.text):
            yield line


def _says(line: _Line) -> bool:
    return not _BARE.match(line.text) and bool(re.search(r"\w", line.text))


def _gaps(line: _Line) -> Iterator[Flaw]:
    for gap in _OPEN.finditer(line.text):
        said = gap[0].replace("\\", "")
        yield Flaw(line.number, "fill_in", f"still to be filled in: {said}")


def _blames(line: _Line, wanted: Wanted) -> Iterator[Flaw]:
    for blame in blaming(line.text, wanted):
        yield Flaw(line.number, "blame", f"blames somebody: {blame.phrase!r}", blame.instead)


def _took_part(lines: Iterable[_Line]) -> Iterator[str]:
    for line in lines:
        if said := _TOOK_PART.search(line.text):
            names = FILL_IN.sub("", said[1]).replace("\\", "").split(",")
            yield from (name.strip() for name in names if name.strip())


def _table(lines: Sequence[_Line]) -> list[_Line]:
    """Head, rule and rows of the first table."""
    rows: list[_Line] = []
    for line in lines:
        if line.text.lstrip().startswith("|"):
            rows.append(line)
        elif rows:
            break
    return rows


def _action_flaws(lines: Sequence[_Line], rows: Sequence[_Line]) -> Iterator[Flaw]:
    said = [line for line in _without_heads(lines) if _says(line)]
    if len(rows) < 2 or not _RULE.match(rows[1].text):
        head = " | ".join(word.capitalize() for word in _NEEDED)
        yield from (
            Flaw(said[0].number, "action", "action items stand in a table", f"| {head} |")
            for _ in said[:1]
        )
        return
    columns = [_key(cell).removesuffix(" date") for cell in _cells(rows[0].text)]
    for name in _NEEDED:
        if name not in columns:
            yield Flaw(rows[0].number, "action", f"the table has no column {name!r}")
    for row in rows[2:]:
        cells = dict(zip(columns, _cells(row.text), strict=False))
        wrong = [f for name in _NEEDED if name in columns and (f := _cell(name, cells.get(name)))]
        if wrong:
            yield Flaw(row.number, "action", f"action item {'; '.join(wrong)}")


def _cells(row: str) -> list[str]:
    return [cell.strip() for cell in _CELLS.split(row.strip().strip("|"))]


def _cell(name: str, value: str | None) -> str:
    """What is wrong with a cell; empty where nothing is."""
    if not value or _OPEN.search(value) or _NOTHING.fullmatch(value):
        return f"has no {name}"
    if name == "priority" and value.strip("*` ") not in PRIORITIES:
        return f"has a priority that is none of {', '.join(PRIORITIES)}: {value}"
    if name == "due" and not _is_date(value.strip("*` ")):
        return f"has a due that is no date like 2026-12-15: {value}"
    return ""


def _is_date(text: str) -> bool:
    try:
        return bool(date.fromisoformat(text))
    except ValueError:
        return False
