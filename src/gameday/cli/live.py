"""What a person sees while a run goes on: a line an event, and at a terminal a status below."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Protocol, TextIO, cast

from gameday.bootstrap.store import clock
from gameday.cli.output import note
from gameday.core.instant import Instant, seconds_between
from gameday.core.log import events as e
from gameday.core.log.events import Record
from gameday.core.run.state import RunState
from gameday.reports.lines import MARKS, STYLES, line

if TYPE_CHECKING:
    from rich.console import Console
    from rich.live import Live
    from rich.text import Text

    from gameday.cli.live_duties import NextDuty


class View(Protocol):
    """A Notifier that shows records to whoever sits here."""

    async def notify(self, record: Record) -> None:
        """Show a record, as a Notifier."""

    def show(self, record: Record) -> None:
        """Show a record."""

    def say(self, message: str) -> None:
        """Show a word of the program's own."""

    def follow(self, state: Callable[[], RunState]) -> None:
        """From now on the run can be looked at as it is."""


@dataclass(frozen=True, slots=True)
class Status:
    """What the status says before anything is done, while all is well, and of Ctrl-C."""

    before: str
    calm: str
    ctrl_c: str


GAME_DAY = Status(
    "baseline: waiting for steady state", "steady state holds", "Ctrl-C stops and rolls back"
)


class PlainView:
    """A plain line an event on stderr: for pipes, CI logs and screen readers."""

    def __init__(self) -> None:
        self._zero: Instant | None = None

    async def notify(self, record: Record) -> None:
        """Show it, as a Notifier."""
        self.show(record)

    def show(self, record: Record) -> None:
        """One line with wall time, offset, mark and words."""
        told = line(record)
        if isinstance(record.event, e.RunStarted):
            self._zero = record.at
        if told:
            note(f"{_clock(record.at)} {_offset(self._zero, record.at)} {told.text}")

    def say(self, message: str) -> None:
        """A line on stderr."""
        note(message)

    def follow(self, state: Callable[[], RunState]) -> None:
        """Lines say what happens; there is no status."""


class RichView:
    """Coloured lines that scroll, above a status that stays: clock, steady state, faults."""

    def __init__(
        self, console: Console, live: Live, status: Status, now: Callable[[], Instant]
    ) -> None:
        self._words = status
        self._now = now
        self._console = console
        self._live = live
        self._zero: Instant | None = None
        self._started: float | None = None
        self._faults: set[str] = set()
        self._stuck: set[str] = set()
        self._status = status.before
        self._style = "dim"
        self._samples = 0
        self._failed = 0
        self._duties: NextDuty | None = None

    def __rich__(self) -> Text:
        """The status below the lines; rich asks for it several times a second."""
        from rich.text import Text

        passed = time.monotonic() - self._started if self._started is not None else 0.0
        status = Text(no_wrap=True, overflow="ellipsis")  # one line also where it is narrow
        status.append(f" {int(passed) // 60:02d}:{int(passed) % 60:02d} ", style="reverse bold")
        status.append(f"  {self._status}", style=self._style)
        if self._faults:
            status.append(f"  ⚡ in: {', '.join(sorted(self._faults))}", style="bold red")
        if self._stuck:
            status.append(f"  ✘ STUCK: {', '.join(sorted(self._stuck))}", style="bold reverse red")
        if self._samples:
            good = 100 * (1 - self._failed / self._samples)
            status.append(f"  availability {good:.1f} %", style="dim")
        status.append(f"   {self._words.ctrl_c}", style="dim")
        if self._duties is not None:  # lines of their own: at 80 columns there is no room beside
            now = self._now()
            for mark, told in (("▷", self._duties.phase(now)), ("⏰", self._duties.text(now.boot))):
                if told:
                    style = "bold yellow" if told[1] else "cyan"
                    status.append(f"\n   {mark} {told[0]}", style=style)
        return status

    async def notify(self, record: Record) -> None:
        """Show it, as a Notifier."""
        self.show(record)

    def show(self, record: Record) -> None:
        """A coloured line, and what it means for the status."""
        self._note(record)
        if self._duties is not None:
            self._duties.note(record)
        told = line(record)
        if told is None:
            return
        from rich.text import Text

        text = Text(f"{_clock(record.at)} {_offset(self._zero, record.at)} ", style="dim")
        text.append(f"{MARKS[told.kind]} {told.text}", style=STYLES[told.kind])
        self._console.print(text)

    def say(self, message: str) -> None:
        """A line above the status."""
        self._console.print(message, style="bold", highlight=False)

    def follow(self, state: Callable[[], RunState]) -> None:
        """The status shows the phase, and what is owed next."""
        # Imported here: a single experiment has no process, and its models cost 100 ms.
        from gameday.cli.live_duties import NextDuty

        self._duties = NextDuty(state)

    def _note(self, record: Record) -> None:
        event = record.event
        if isinstance(event, e.RunStarted):
            self._zero = record.at
            self._started = time.monotonic() - max(0.0, time.time() - record.at.wall)
            self._status, self._style = self._words.calm, "green"
        elif isinstance(event, e.SamplesRecorded) and self._zero is not None:
            self._samples += len(event.samples)
            self._failed += sum(not sample.ok for sample in event.samples)
        elif isinstance(event, e.ImpactStarted):
            self._status, self._style = "STEADY STATE LOST", "bold red"
        elif isinstance(event, e.ImpactEnded):
            self._status, self._style = self._words.calm, "green"
        elif isinstance(event, e.FaultIntended):
            self._faults.add(event.fault)
        elif isinstance(event, e.FaultStuck):
            self._stuck.add(event.fault)
        elif (isinstance(event, e.FaultObserved) and event.present is False) or isinstance(
            event, e.FaultUndone
        ):
            self._faults.discard(event.fault)
            self._stuck.discard(event.fault)


class Terminal:
    """A stream of which a part is lost, and nothing else, once its terminal is closed: what must
    be known is in the log."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Write what can be written."""
        with suppress(OSError):
            self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        """Send what can be sent."""
        with suppress(OSError):
            self._stream.flush()

    def __getattr__(self, name: str) -> object:
        return getattr(self._stream, name)


@contextmanager
def open_view(headless: bool, status: Status = GAME_DAY) -> Iterator[View]:
    """The view that fits where we are: rich at a terminal, plain lines elsewhere."""
    import sys

    if headless or not sys.stderr.isatty():
        yield PlainView()
        return
    from rich.console import Console
    from rich.live import Live

    console = Console(file=cast("TextIO", Terminal(sys.stderr)))
    with Live(console=console, refresh_per_second=4, transient=True) as live:
        view = RichView(console, live, status, clock().now)
        live.update(view)
        yield view


def _clock(at: Instant) -> str:
    return datetime.fromtimestamp(at.wall).astimezone().strftime("%H:%M:%S")


def _offset(zero: Instant | None, at: Instant) -> str:
    return f"{seconds_between(zero, at):+7.1f}s" if zero else "        "
