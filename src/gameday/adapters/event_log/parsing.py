"""What reads the JSON of many records soonest."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

Parse = Callable[[str], Any]

MANY = 1000
"""Records from which on pydantic's parser, which takes half of json's time, makes up for its
import."""


def parser_for(records: int) -> Parse:
    """A parser for so many records. It raises ValueError for what is no JSON."""
    return json.loads if records < MANY else _quick()


def _quick() -> Parse:
    from pydantic_core import from_json

    def parse(text: str) -> Any:
        try:
            return from_json(text)
        except ValueError:
            return json.loads(text)  # takes a little more, and says better what is wrong

    return parse
