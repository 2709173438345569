"""``${secrets.name}`` replaced where it is used, and kept out of every message."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

_REFERENCE = re.compile(r"(\$?)\$\{secrets\.([^{}]+)\}")

HIDDEN = "•••"


class Secrets:
    """Fills in secrets through a look-up by name, and remembers which values it gave out."""

    def __init__(self, lookup: Callable[[str], str]) -> None:
        self._lookup = lookup
        self._given: set[str] = set()

    def fill(self, text: str) -> str:
        """The text with each reference replaced; ``$${secrets.x}`` stays as ``${secrets.x}``."""
        return _REFERENCE.sub(self._value, text)

    def fill_all(self, value: Any) -> Any:
        """The same for every string in JSON-like data."""
        if isinstance(value, str):
            return self.fill(value)
        if isinstance(value, dict):
            return {key: self.fill_all(item) for key, item in value.items()}
        if isinstance(value, (list, tuple)):
            return [self.fill_all(item) for item in value]
        return value

    def hide(self, text: str) -> str:
        """The text without any secret that was given out, the longest first."""
        for secret in sorted(self._given, key=len, reverse=True):
            text = text.replace(secret, HIDDEN)
        return text

    def _value(self, match: re.Match[str]) -> str:
        if match[1]:
            return match[0][1:]
        secret = self._lookup(match[2].strip())
        if secret:
            self._given.add(secret)
        return secret
