"""Real incidents from a CSV or JSON file, to be shown beside the drills.

A row of CSV, or an object in JSON's list ``incidents``, is an incident: ``id``, ``started`` (ISO
8601, UTC unless it says otherwise), ``severity``, ``service``, ``team``, and its times in seconds
as ``detect_s``, ``mitigate_s`` and so on; what is empty was not measured.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from math import isfinite
from pathlib import Path
from typing import Any

from gameday.core.errors import InvalidFile, Problem
from gameday.core.trends.trends import Incident
from gameday.core.words import OLD_SEVERITIES, Severity

_WORDS = ("id", "started", "severity", "service", "team")
_NEEDED = ("id", "started")
_TIME = "_s"
_SKEW = 60.0
"""Seconds by which another machine's clock may be ahead of this one's."""


@dataclass(slots=True)
class _Row:
    """One incident as written, and the mistakes found in it."""

    file: str
    line: int
    path: str
    values: Mapping[str, Any]
    problems: list[Problem] = field(default_factory=list)

    def wrong(self, key: str, message: str) -> None:
        path = f"{self.path}.{key}".strip(".")
        self.problems.append(Problem(self.file, self.line, 1, path, message))


def load_incidents(path: Path, now: float) -> tuple[Incident, ...]:
    """All incidents of the file. now: on the wall's clock, which none can have begun after. Raises
    InvalidFile with every mistake in it."""
    rows = list(_from_csv(path) if path.suffix == ".csv" else _from_json(path))
    found = [_incident(row, now) for row in rows]
    problems = [*(problem for row in rows for problem in row.problems), *_twice(rows)]
    if problems:
        raise InvalidFile(problems)
    return tuple(one for one in found if one is not None)


def _from_csv(path: Path) -> Iterator[_Row]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise InvalidFile([Problem(str(path), 1, 1, "", "it is not UTF-8 text")]) from None
    reader = csv.DictReader(text.splitlines(), restkey="more", restval="")
    if wrong := list(_header_problems(str(path), reader.fieldnames or (), text)):
        raise InvalidFile(wrong)  # what stands under which name is not known
    for values in reader:
        row = _Row(str(path), reader.line_num, "", values)
        if values.pop("more", None):
            row.wrong("", "more values than the header has columns")
        yield row


def _header_problems(file: str, names: Sequence[str], text: str) -> Iterator[Problem]:
    """Columns of one name, of which only the last would count, and columns that are not there."""
    for number, name in enumerate(names):
        if name in names[:number]:
            first = names.index(name) + 1
            column = 1 + sum(len(before) + 1 for before in names[:number])
            column = 1 if '"' in text.splitlines()[0] else column  # quoted names are longer
            message = f"the column {name!r} is also column {first}"
            yield Problem(file, 1, column, name, message)
    for name in _NEEDED:
        if name not in names:
            there = f"; it has {', '.join(names)}" if names else ""
            yield Problem(file, 1, 1, name, f"the header lacks this column{there}")


def _from_json(path: Path) -> Iterator[_Row]:
    from gameday.adapters.placed_yaml.reading import read_document

    document = read_document(path)
    if document.root is None or document.problems:
        raise InvalidFile(document.problems)
    listed = document.root.value.get("incidents")
    if not isinstance(listed, list):
        raise InvalidFile([Problem(str(path), 1, 1, "incidents", "must be a list of incidents")])
    for index, value in enumerate(listed):
        line = document.root.at(("incidents", index)).place.line
        known = value if isinstance(value, Mapping) else {}
        row = _Row(str(path), line, f"incidents.{index}", known)
        if known is not value:
            row.wrong("", "an incident is a mapping with id, started and times")
        yield row


def _incident(row: _Row, now: float) -> Incident | None:
    started = _started(row, now)
    _check_severity(row)
    name = str(row.values.get("id") or "")
    if not name and not row.problems:
        row.wrong("id", "an incident needs an id")
    times = dict(_times(row))
    if started is None or row.problems:
        return None
    words = {key: str(row.values.get(key) or "") for key in ("severity", "service", "team")}
    words["severity"] = OLD_SEVERITIES.get(words["severity"], words["severity"])
    return Incident(id=name, started=started, times=times, **words)


def _check_severity(row: _Row) -> None:
    given, known = row.values.get("severity"), [str(level) for level in Severity]
    if given not in ("", None, *known, *OLD_SEVERITIES):
        meant = str(given).strip().upper()
        near = f"; did you mean {meant}?" if meant in known else ""
        row.wrong("severity", f"{given!r} is none of {', '.join(known)}{near}")


def _started(row: _Row, now: float) -> float | None:
    text = str(row.values.get("started") or "")
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        row.wrong("started", f"{text!r} is no time such as 2026-09-21T14:03:00")
        return None
    began = (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()
    if began > now + _SKEW:
        row.wrong("started", f"{text} lies in the future (without an offset a time is UTC)")
    return began


def _times(row: _Row) -> Iterator[tuple[str, float]]:
    for key, value in row.values.items():
        if key in _WORDS or value in ("", None):
            continue
        if not key.endswith(_TIME):
            row.wrong(key, f"unknown; there are {', '.join(_WORDS)} and times such as detect_s")
            continue
        try:
            seconds = float(value)
        except (TypeError, ValueError):
            seconds = -1.0
        if seconds < 0 or not isfinite(seconds):
            row.wrong(key, f"{value!r} is no number of seconds")
            continue
        yield key.removesuffix(_TIME), seconds


def _twice(rows: Sequence[_Row]) -> Iterator[Problem]:
    seen: dict[str, int] = {}
    for row in rows:
        name = str(row.values.get("id") or "")
        if name and name in seen:
            message = f"{name!r} is also the id of line {seen[name]}"
            yield Problem(row.file, row.line, 1, f"{row.path}.id".strip("."), message)
        seen.setdefault(name, row.line)
