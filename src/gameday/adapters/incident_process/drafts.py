"""Texts of an incident from templates: a team's own where it has one, else the packaged one.

A template is data. It runs in a sandbox, sees one value (``facts``) and asks for nothing that is
not there: a mistake in it is a problem of its file. That the text is of an exercise is said here,
so no template can leave it out. The facts come to it with everything typed made harmless already,
and for people outside with nothing of the inside, so no template can forget that either.
"""

from __future__ import annotations

import re
import traceback
from dataclasses import fields
from pathlib import Path

from jinja2 import FileSystemLoader, StrictUndefined, TemplateSyntaxError, UndefinedError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from gameday.adapters.incident_process.tables import ENDINGS
from gameday.core.drafts.facts import DraftFacts
from gameday.core.drafts.kinds import OUTSIDE
from gameday.core.drafts.neutral import markdown, plain, spelled, subject
from gameday.core.drafts.outside import for_outside
from gameday.core.errors import InvalidFile, Problem
from gameday.reports.wording import clean

PACKAGED = Path(__file__).parent / "drafts"
EXERCISE = "EXERCISE"
"""What every text begins with, and every subject line after ``Subject:``."""

_SUBJECT = re.compile(r"^(subject:)[ \t]*(?!EXERCISE\b)", re.IGNORECASE | re.MULTILINE)
_SUBJECT_LINE = re.compile(r"^subject:.*$", re.IGNORECASE | re.MULTILINE)
_BLANKS = re.compile(r"\n{3,}")


def template_of(kind: str, directory: Path | None) -> Path:
    """The file that makes a kind of text: ``drafts/KIND.md.j2`` (or ``.txt.j2``) of a team's
    directory, else the packaged one."""
    for place in (directory / "drafts" if directory else None, PACKAGED):
        for ending in ENDINGS if place else ():
            assert place is not None
            if (path := place / f"{kind}{ending}").is_file():
                return path
    raise LookupError(f"no template is packaged for {kind}")


def render_draft(kind: str, facts: DraftFacts, directory: Path | None = None) -> str:
    """The text, which always begins with EXERCISE. Raises InvalidFile for a template with a
    mistake, placed on its line."""
    path = template_of(kind, directory)
    is_markdown = path.name.endswith(".md.j2")
    shown = spelled(
        for_outside(facts) if kind in OUTSIDE else facts, markdown if is_markdown else plain
    )
    try:
        text = _environment(path.parent).get_template(path.name).render(facts=shown)
    except TemplateSyntaxError as error:
        raise _invalid(Path(error.filename or path), error.lineno, error.message or "") from None
    except UnicodeDecodeError as error:
        raise _invalid(path, 1, f"not UTF-8: {error.reason}") from None
    except Exception as error:  # noqa: BLE001 - whatever a team's template does is its mistake
        where, line = _place(error, path)
        raise _invalid(where, line, _said(error)) from None
    if is_markdown:
        text = _SUBJECT_LINE.sub(lambda line: subject(line[0]), text)
    return _exercise(facts, text)


def _exercise(facts: DraftFacts, text: str) -> str:
    body = _BLANKS.sub("\n\n", _SUBJECT.sub(rf"\1 {EXERCISE}: ", text)).strip("\n")
    return clean(f"{EXERCISE} (drill {facts.run}): no real incident.\n\n{body}\n")


def _environment(place: Path) -> ImmutableSandboxedEnvironment:
    environment = ImmutableSandboxedEnvironment(
        loader=FileSystemLoader([place, PACKAGED]),
        autoescape=False,  # plain text and Markdown; what was typed is harmless already
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["cell"] = str  # of older templates: text needs no help in a table now
    return environment


def _place(error: BaseException, path: Path) -> tuple[Path, int]:
    """The template's line that was at work when it failed."""
    known = {str(path.parent), str(PACKAGED)}
    frames = traceback.extract_tb(error.__traceback__)
    at = [f for f in frames if str(Path(f.filename).parent) in known and f.filename[-3:] == ".j2"]
    return (Path(at[-1].filename), at[-1].lineno or 1) if at else (path, 1)


def _said(error: Exception) -> str:
    if isinstance(error, UndefinedError):
        known = ", ".join(field.name for field in fields(DraftFacts))
        return f"{error}; a template sees `facts`, which has {known}"
    return str(error) or type(error).__name__


def _invalid(path: Path, line: int, message: str) -> InvalidFile:
    return InvalidFile([Problem(str(path), line, 1, "", message)])
