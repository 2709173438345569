"""What the HTTP API can refuse, with the code and the words Toxiproxy uses."""

from collections.abc import Mapping
from http import HTTPStatus

INVALID_STREAM = "stream was invalid, can be either upstream or downstream"
UNUSABLE_ADDRESS = HTTPStatus.BAD_REQUEST
"""The original answers 500. But the address came from a client: another one would have done."""


class FaultProxyError(Exception):
    """Base of everything this package raises on purpose."""


class ApiError(FaultProxyError):
    """A request that is refused: ``status`` is the HTTP code, ``message`` the ``error`` field."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.message = message
        self.status = status


class BadRequestBodyError(ApiError):
    """The body is no JSON, or a field in it has the wrong type or an impossible value."""

    def __init__(self, why: str) -> None:
        super().__init__(f"bad request body: {why}", HTTPStatus.BAD_REQUEST)


class MissingFieldError(ApiError):
    """A field that has no default is absent or empty."""

    def __init__(self, field: str) -> None:
        super().__init__(f"missing required field: {field}", HTTPStatus.BAD_REQUEST)


class InvalidStreamError(ApiError):
    """The stream is neither ``upstream`` nor ``downstream``."""

    def __init__(self) -> None:
        super().__init__(INVALID_STREAM, HTTPStatus.BAD_REQUEST)


class InvalidToxicTypeError(ApiError):
    """No toxic of that type is known here."""

    def __init__(self) -> None:
        super().__init__("invalid toxic type", HTTPStatus.BAD_REQUEST)


class ProxyNotFoundError(ApiError):
    """No proxy has that name."""

    def __init__(self) -> None:
        super().__init__("proxy not found", HTTPStatus.NOT_FOUND)


class ProxyExistsError(ApiError):
    """A proxy has that name already."""

    def __init__(self) -> None:
        super().__init__("proxy already exists", HTTPStatus.CONFLICT)


class ToxicNotFoundError(ApiError):
    """The proxy has no toxic of that name."""

    def __init__(self) -> None:
        super().__init__("toxic not found", HTTPStatus.NOT_FOUND)


class ToxicExistsError(ApiError):
    """The proxy has a toxic of that name already."""

    def __init__(self) -> None:
        super().__init__("toxic already exists", HTTPStatus.CONFLICT)


class AddressError(ApiError):
    """The text is no ``host:port``, or its host or port cannot be found."""

    def __init__(self, why: str) -> None:
        super().__init__(why, UNUSABLE_ADDRESS)


class ListenError(ApiError):
    """The address a proxy should listen on cannot be parsed, resolved or bound."""

    def __init__(self, why: str, status: int = UNUSABLE_ADDRESS) -> None:
        super().__init__(why, status)


class ExhaustedError(ListenError):
    """This host has no descriptor or no memory left for a listener, whatever its address."""

    def __init__(self, why: str) -> None:
        super().__init__(why, HTTPStatus.INTERNAL_SERVER_ERROR)


class ResetError(ApiError):
    """Some proxies could not be reset; ``failed`` says why, by name. The others are reset.

    The highest status among them is its own.
    """

    def __init__(self, failed: Mapping[str, ApiError]) -> None:
        why = {name: error.message for name, error in failed.items()}
        super().__init__("; ".join(why.values()), max(error.status for error in failed.values()))
        self.failed = why
