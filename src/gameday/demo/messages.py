"""HTTP messages as values, and reading JSON out of them."""

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from types import MappingProxyType
from typing import Any

JSON_TYPE = "application/json"


class BadRequestError(Exception):
    """The client's fault; the text tells what is wrong and becomes the 400's ``error`` field."""


@dataclass(frozen=True, slots=True)
class Request:
    """One request. ``query`` keeps the last of repeated parameters."""

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    body: bytes = b""

    def json(self) -> dict[str, Any]:
        """Return the body as a JSON object; no body is an empty one. Raises BadRequestError."""
        if not self.body:
            return {}
        try:
            value = json.loads(self.body)
        except ValueError as error:
            raise BadRequestError(f"the body is no JSON: {error}") from error
        if not isinstance(value, dict):
            raise BadRequestError("the body must be a JSON object")
        return value

    def flag(self, name: str, default: bool | None = None) -> bool:
        """Return a boolean of the JSON body. Raises BadRequestError."""
        value = self.json().get(name, default)
        if not isinstance(value, bool):
            raise BadRequestError(f"{name} must be true or false")
        return value

    def text(self, name: str, allowed: tuple[str, ...] = ()) -> str:
        """Return a string of the JSON body, one of ``allowed`` if given. Raises BadRequestError."""
        value = self.json().get(name)
        if not isinstance(value, str) or not value:
            raise BadRequestError(f"{name} must be a text")
        if allowed and value not in allowed:
            raise BadRequestError(f"{name} must be one of {', '.join(allowed)}")
        return value

    def count(self, name: str, least: int, most: int, default: int | None = None) -> int:
        """Return a whole number of the JSON body. Raises BadRequestError."""
        value = self.json().get(name, default)
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            raise BadRequestError(f"{name} must be a whole number from {least} to {most}")
        return value


@dataclass(frozen=True, slots=True)
class Reply:
    """Status and body of an answer."""

    status: int
    body: bytes = b""
    content_type: str = JSON_TYPE

    @classmethod
    def of(cls, value: object, status: int = HTTPStatus.OK) -> "Reply":
        """Build a JSON answer."""
        return cls(status, json.dumps(value).encode())

    @classmethod
    def error(cls, status: int, why: str) -> "Reply":
        """Build an answer that says what went wrong."""
        return cls.of({"error": why}, status)

    def json(self) -> Any:
        """Return the body as JSON. Raises ValueError."""
        return json.loads(self.body)


Handler = Callable[[Request], Awaitable[Reply]]
Routes = Mapping[tuple[str, str], Handler]
"""(method, path) to what answers it."""
