"""JSON messages, one a line, over a file descriptor: conductor ⇄ guardian ⇄ worker.

Conductor to guardian (``do``): ``start`` worker task, ``tell`` worker body, ``kill`` worker,
``beat``, ``done``. Guardian to conductor (``is``): ``ready`` pid, ``started`` worker pid,
``refused`` worker reason, ``said`` worker body, ``ended`` worker code, ``done``.
"""

from __future__ import annotations

import json
import os
import select
import time
from typing import Any

Message = dict[str, Any]

_CHUNK = 1 << 16


class ChannelClosed(Exception):
    """The other side is gone, or has not read for too long."""


def encode(message: Message) -> bytes:
    """The message as one line."""
    return json.dumps(message, separators=(",", ":")).encode() + b"\n"


class Channel:
    """One end. Not safe for several readers; ``send`` needs a lock when threads share it."""

    def __init__(self, fd: int, *, send_within: float = 5.0) -> None:
        self._fd = fd
        self._send_within = send_within
        self._rest = bytearray()
        self._writable = select.poll()
        self._writable.register(fd, select.POLLOUT)
        os.set_blocking(fd, False)

    def fileno(self) -> int:
        """The descriptor, for selectors."""
        return self._fd

    def send(self, message: Message) -> None:
        """Write it whole; raises ChannelClosed when nobody reads within the deadline."""
        data = memoryview(encode(message))
        deadline = time.monotonic() + self._send_within
        while data:
            try:
                data = data[os.write(self._fd, data) :]
            except BlockingIOError:
                left = deadline - time.monotonic()
                if left <= 0:
                    raise ChannelClosed("the other side does not read") from None
                self._writable.poll(left * 1000)
            except OSError as error:
                raise ChannelClosed(str(error)) from None

    def receive(self) -> list[Message]:
        """The messages that have come in by now; does not wait. Raises ChannelClosed at EOF."""
        try:
            chunk = os.read(self._fd, _CHUNK)
        except BlockingIOError:
            return []
        except OSError as error:
            raise ChannelClosed(str(error)) from None
        if not chunk:
            raise ChannelClosed("end of file")
        self._rest += chunk
        *lines, rest = self._rest.split(b"\n")
        self._rest = bytearray(rest)
        return [json.loads(line) for line in lines]

    def drain(self) -> list[Message]:
        """Everything there still is, up to the end of file or to what is not written yet."""
        messages: list[Message] = []
        while True:
            before = len(self._rest)
            try:
                got = self.receive()
            except ChannelClosed:
                return messages
            if not got and len(self._rest) == before:
                return messages
            messages += got

    def wait(self) -> list[Message]:
        """Like :meth:`receive`, but waits until there is something to read."""
        readable = select.poll()
        readable.register(self._fd, select.POLLIN)
        readable.poll()
        return self.receive()
