"""Where a worker's words go: one file beside the journal, plain text, secrets masked."""

from __future__ import annotations

import contextlib
import logging
import os
import re
import sys
import threading
from pathlib import Path

from gameday.adapters.chaostoolkit.redact import Redactor

_ANSI = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07]*\x07|[@-Z\\-_])")
_FORMAT = "%(asctime)s %(levelname)s %(message)s"
_CHUNK = 1 << 16
_FLUSH_WITHIN = 1.0


class Output(logging.Handler):
    """Takes over logging, stdout and stderr of this process, also those of its children.

    last_error: what was logged last as an error; chaoslib says there why it gave up.
    """

    def __init__(self, path: str, redactor: Redactor) -> None:
        super().__init__()
        self.redactor = redactor
        self.last_error = ""
        self._file = _open(path)
        self._mark = f"gameday-end-of-output-{os.getpid()}-{id(self)}"
        self._drained = threading.Event()
        self.setFormatter(logging.Formatter(_FORMAT))
        self._take_logging()
        self._pipe = self._take_descriptors()
        threading.Thread(target=self._copy, name="gameday-output", daemon=True).start()

    def emit(self, record: logging.LogRecord) -> None:
        """Write one log record at once, so that a kill loses none."""
        if record.levelno >= logging.ERROR:
            cause = record.exc_info[1] if record.exc_info else None
            message = record.getMessage().strip()
            self.last_error = f"{message} ({cause})" if cause is not None else message
        self._write(self.format(record))

    def settle(self) -> None:
        """Return once everything printed so far is in the file (or after a second)."""
        sys.stdout.flush()
        sys.stderr.flush()
        self._drained.clear()
        os.write(1, f"\n{self._mark}\n".encode())
        self._drained.wait(_FLUSH_WITHIN)

    def _take_logging(self) -> None:
        root = logging.getLogger()
        root.handlers[:] = [self]
        root.setLevel(logging.INFO)
        logging.getLogger("chaostoolkit").setLevel(logging.DEBUG)

    def _take_descriptors(self) -> int:
        readable, writable = os.pipe()
        for number in (1, 2):
            os.dup2(writable, number)
        os.close(writable)
        return readable

    def _copy(self) -> None:
        rest = b""
        while chunk := os.read(self._pipe, _CHUNK):
            *lines, rest = (rest + chunk).split(b"\n")
            for line in lines:
                text = line.decode(errors="replace")
                if text == self._mark:
                    self._drained.set()
                elif text:
                    self._write(text)

    def _write(self, text: str) -> None:
        clean = self.redactor.text(_ANSI.sub("", text))
        with contextlib.suppress(OSError):  # a full disk: the undo matters more than its words
            os.write(self._file, clean.encode(errors="replace") + b"\n")


def _open(path: str) -> int:
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
    try:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        return os.open(path, flags, 0o600)
    except OSError:  # an undo on another host, or a full disk: the undo matters more
        return os.open(os.devnull, os.O_WRONLY | os.O_CLOEXEC)
