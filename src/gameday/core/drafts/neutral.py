"""Typed text made harmless for where it goes: it reads as it was typed, and does nothing else.

Two forms there are: Markdown, which is also what chats and mail programs may show as HTML, and
plain text. In both, nobody is paged by a mention that somebody typed, and no typed address is a
link. (A bare domain, ``example.com``, stays as it is: a chat that makes links of those shows where
they lead.)
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import fields, is_dataclass, replace
from typing import Any

from gameday.core.drafts.facts import DraftFacts
from gameday.core.drafts.words import one_line

Spelling = Callable[[str], str]
"""How text is written in a format."""

_SPECIAL = re.compile(r"([\\`*_{}\[\]|~$])")
_HTML = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
_OPENING = re.compile(r"^(\d+)([.)])(?=\s|$)|^([-+=])|^(#{1,6})(?=\s|$)")
_LINK = re.compile(r"(www(?=\.)|(?:mailto|xmpp)(?=:)|(?=://))([.:])", re.IGNORECASE)
_MENTION = re.compile(
    r"(?<![^\W_])@(?=\w)"  # no address of a mail: nothing that it could belong to stands before it
    r"|@(?=(?:here|channel|everyone|all)\b(?!\.\w))",  # some chats look for these anywhere
    re.IGNORECASE,
)
_GAP = re.compile(r"\\\[(to fill in: (?:(?!\\[\[\]]).)*)\\\](?![(:])")
_NOTHING = "\u200b"
"""A character that is not seen. What stands on both sides of it is not one word any more."""

_ESCAPED = re.compile(r"\\(.)|&(amp|lt|gt);")
_IN_SUBJECTS = {
    "[": "(",
    "]": ")",
    "`": "'",
    "|": "/",
    "\\": "/",
    ":": f"{_NOTHING}:",
    ".": f"{_NOTHING}.",
    "amp": "&",
    "lt": "‹",
    "gt": "›",
}


def markdown(text: str) -> str:
    """For Markdown: on one line, with no character that Markdown, HTML or a chat would act on.

    Gaps stay as they are, whoever wrote them: they ask for something and do nothing.
    """
    line = _unmentioned(one_line(text)).translate(_HTML)
    line = _OPENING.sub(_blunt, _SPECIAL.sub(r"\\\1", line))
    return _GAP.sub(r"[\1]", _LINK.sub(r"\1\\\2", line))


def plain(text: str) -> str:
    """For plain text: on one line, with nothing that a chat or a mail program would act on."""
    line = _unmentioned(one_line(text))
    line = re.sub(r"<(?=\S)", f"<{_NOTHING}", line)
    return _LINK.sub(rf"\1{_NOTHING}\2", line)


def subject(line: str) -> str:
    """A mail's subject that stands in Markdown. Programs show it as it is, so backslashes would be
    seen: what Markdown acts on is written with another character instead."""
    return _ESCAPED.sub(lambda m: _IN_SUBJECTS.get(m[1] or m[2], m[1] or m[2]), line)


def spelled(facts: DraftFacts, spelling: Spelling) -> DraftFacts:
    """The facts with every text in them written so: no template can forget to."""
    changed: DraftFacts = _each_text(facts, spelling)
    return changed


def _each_text(value: Any, change: Spelling) -> Any:
    """A value of the facts with every text in it changed."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, tuple):
        return tuple(_each_text(item, change) for item in value)
    if is_dataclass(value) and not isinstance(value, type):
        parts = {field.name: getattr(value, field.name) for field in fields(value)}
        return replace(value, **{name: _each_text(part, change) for name, part in parts.items()})
    return value


def _unmentioned(line: str) -> str:
    return _MENTION.sub(f"@{_NOTHING}", line)


def _blunt(opening: re.Match[str]) -> str:
    """The start of a line that would make it a list, a rule or a heading."""
    number, dot, *signs = opening.groups()
    return f"{number}\\{dot}" if number else "\\" + "".join(filter(None, signs))
