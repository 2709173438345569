"""What went wrong with a connection, in few words."""

from __future__ import annotations

import errno
import os
import socket
import ssl
from collections.abc import Iterator

from gameday.core.duration import format_duration


def timed_out(seconds: float) -> str:
    """``timed out after 2s``"""
    return f"timed out after {format_duration(seconds)}"


def connection_error(error: BaseException, where: str) -> str:
    """The reason that lies at the bottom of an error, ``where`` being host and port.

    Libraries wrap the system's error several times; the innermost says what happened.
    """
    causes = list(_causes(error))
    for cause in causes:
        if isinstance(cause, socket.gaierror):
            return f"cannot resolve {where.rpartition(':')[0]}"
        if isinstance(cause, ssl.SSLCertVerificationError):
            return f"certificate of {where} is not trusted: {cause.verify_message}"
        if isinstance(cause, ssl.SSLError):
            return f"TLS with {where} failed: {cause.reason or cause}"
        if isinstance(cause, OSError) and cause.errno is not None:
            return _system_error(cause.errno, where)
    return f"connection to {where} failed: {str(error) or type(error).__name__}"


def _system_error(number: int, where: str) -> str:
    if number == errno.ECONNREFUSED:
        return f"connection refused by {where}"
    if number in (errno.ECONNRESET, errno.EPIPE, errno.ECONNABORTED):
        return f"connection closed by {where}"
    return f"connection to {where} failed: {os.strerror(number).lower()}"


def _causes(error: BaseException) -> Iterator[BaseException]:
    seen: list[BaseException] = []
    waiting: list[BaseException | None] = [error]
    while waiting:
        current = waiting.pop(0)
        if current is None or current in seen:
            continue
        seen.append(current)
        yield current
        if isinstance(current, BaseExceptionGroup):
            waiting.extend(current.exceptions)
        waiting += [current.__cause__, current.__context__]
