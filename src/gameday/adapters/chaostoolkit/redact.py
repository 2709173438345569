"""Keep secrets out of journals, logs and the event log."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import quote

MASK = "***"

_SHORTEST = 3
"""Values shorter than this are no secrets, and masking them would leave no text readable."""


class Redactor:
    """Replaces every known secret value, however it is written, by ``***``."""

    def __init__(self, secrets: Iterable[Any] = ()) -> None:
        self._masked: tuple[str, ...] = ()
        self.learn(secrets)

    def learn(self, secrets: Iterable[Any]) -> None:
        """More values to hide; mappings and lists are walked."""
        forms = set(self._masked)
        for value in secrets:
            for leaf in leaves(value):
                forms.update(form for form in _forms(leaf) if len(form) >= _SHORTEST)
        # longest first: a secret that contains another one goes as a whole
        self._masked = tuple(sorted(forms, key=lambda form: (-len(form), form)))

    def text(self, text: str) -> str:
        """The text without secrets."""
        for form in self._masked:
            text = text.replace(form, MASK)
        return text

    def data(self, value: Any) -> Any:
        """The JSON-like value with secrets masked in every string, keys included."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, Mapping):
            return {self.data(key): self.data(item) for key, item in value.items()}
        if isinstance(value, (list, tuple)):
            return [self.data(item) for item in value]
        return value

    def hides(self, value: Any) -> bool:
        """Something in the value is secret."""
        return bool(self._masked) and self.data(value) != value


def leaves(value: Any) -> Iterator[str]:
    """Every scalar inside, as text; booleans and None are never secret."""
    if isinstance(value, Mapping):
        for item in value.values():
            yield from leaves(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from leaves(item)
    elif value is not None and not isinstance(value, bool):
        yield str(value)


def _forms(secret: str) -> Iterator[str]:
    yield secret
    yield json.dumps(secret)[1:-1]
    yield repr(secret)[1:-1]
    yield quote(secret, safe="")
    lines = [line.strip() for line in secret.splitlines()]
    if len(lines) > 1:  # a key in PEM form is logged line by line
        yield from (line for line in lines if len(line) >= 8)
