"""A file of notices: what must reach people also when no terminal is there, as a guardian has
none."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from gameday.core.errors import StoreFailure
from gameday.core.instant import Instant
from gameday.core.log.events import DutyFellDue, DutyMissed, Record
from gameday.reports.lines import line


class NoticeFile:
    """Notices are appended, each with its time; several processes may do so."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def append(self, at: Instant, lines: Sequence[str]) -> str:
        """Write one notice; returns why it could not be written, empty when it was."""
        time = datetime.fromtimestamp(at.wall).astimezone().isoformat(timespec="milliseconds")
        text = f"{time} " + "\n".join(lines) + "\n"
        try:
            with self._path.open("a", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            return f"{self._path} could not be written: {error.strerror}"
        return ""


class DutyNotices:
    """A Notifier: whoever owes something is told so in a file."""

    def __init__(self, file: NoticeFile) -> None:
        self._file = file

    async def notify(self, record: Record) -> None:
        """Write down what falls due. Raises StoreFailure when it cannot be written."""
        told = line(record) if isinstance(record.event, (DutyFellDue, DutyMissed)) else None
        if told is None:
            return
        failure = await asyncio.to_thread(self._file.append, record.at, [told.text])
        if failure:
            raise StoreFailure(failure, hint="free some space, or look at its permissions")
