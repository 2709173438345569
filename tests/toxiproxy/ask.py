"""A request to be compared, and what requests are made of.

``$BUSY`` in a body stands for an address somebody else listens on, ``$FREE`` for a free one.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

UP = "127.0.0.1:1"
BROWSER = "Mozilla/5.0 (X11; Linux x86_64)"
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
ODD: tuple[Any, ...] = (None, True, 0, -1, 1.5, 1e3, "", "x", "1", [], {}, [1], {"a": 1})
BROKEN: tuple[str, ...] = (
    "",
    " ",
    "{",
    "[",
    "nul",
    "null",
    "true",
    "1",
    '"x"',
    "[]",
    "[{}]",
    "{} x",
    "{}{}",
    "{,}",
)
BROKEN += ('{"name": }', "{'name': 'x'}", '{"a": 1', "\ufeff{}", '{"name": "\\ud800"}', "NaN")
BROKEN += ("\udcff", '{"name": "a\udcff"}', "{" * 2000, '{"name":"a\nb"}', "[[[[", "// x\n{}")
TOXICS: tuple[tuple[str, dict[str, int]], ...] = (
    ("latency", {"latency": 5, "jitter": 2}),
    ("bandwidth", {"rate": 100}),
    ("slow_close", {"delay": 5}),
    ("timeout", {"timeout": 5}),
    ("reset_peer", {"timeout": 5}),
    ("slicer", {"average_size": 64, "size_variation": 32, "delay": 10}),
    ("limit_data", {"bytes": 100}),
    ("noop", {}),
)

DANGEROUS = (
    # what ours refuses because it kills Toxiproxy; see test_dangerous_attributes.py
    ("bandwidth", "rate", -1),
    ("slicer", "average_size", None),
    ("slicer", "average_size", 0),
    ("slicer", "average_size", -1),
    ("slicer", "size_variation", 1e3),
)


@dataclass(frozen=True)
class Ask:
    """One request."""

    method: str
    path: str
    body: Any = None
    agent: str = "gameday-tests"

    def __str__(self) -> str:
        body = self.body if isinstance(self.body, str) else json.dumps(self.body)
        return f"{self.method} {self.path} {body[:200]!r}" + (
            f" as {self.agent[:8]}" if self.agent == BROWSER else ""
        )


def proxy(name: str, /, **more: Any) -> dict[str, Any]:
    """A proxy that can be created."""
    return {"name": name, "listen": "127.0.0.1:0", "upstream": UP, **more}
