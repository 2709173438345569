"""``latency``: every chunk arrives later, and no less per second."""

import random
from collections import deque
from dataclasses import dataclass
from typing import ClassVar

from gameday.faultproxy.errors import BadRequestBodyError
from gameday.faultproxy.fields import INT64_MAX
from gameday.faultproxy.toxics.base import Alarm, Lane, Settings, Sink, Stage

JITTER_MAX = INT64_MAX // 2


@dataclass(frozen=True, slots=True)
class Latency(Settings):
    """Delay of ``latency`` plus or minus ``jitter``, both in milliseconds."""

    go_name: ClassVar[str] = "LatencyToxic"
    latency: int = 0
    jitter: int = 0

    def check(self) -> None:
        """Refuse a jitter whose double is no int64: drawing from it kills the original."""
        if self.jitter > JITTER_MAX:
            raise BadRequestBodyError(f"jitter must be at most {JITTER_MAX}, not {self.jitter}")

    def stage(self, lane: Lane, sink: Sink) -> "LatencyStage":
        """Start delaying one direction of a connection."""
        return LatencyStage(self, lane, sink)

    def delay(self, draw: float) -> float:
        """Return the delay in seconds for a chunk that drew ``draw`` from [-1, 1)."""
        return max(0.0, (self.latency + draw * max(self.jitter, 0)) / 1000)


@dataclass(slots=True)
class _Chunk:
    """Bytes (None is the end of the stream), when they came, and their place in the jitter."""

    data: bytes | None
    arrived: float
    draw: float


class LatencyStage(Stage):
    """A queue of chunks. None leaves before its time, and none overtakes another."""

    HELD_LIMIT: ClassVar[int] = 16 * 1024 * 1024  # a second's worth at a good speed

    def __init__(self, settings: Latency, lane: Lane, sink: Sink) -> None:
        super().__init__(lane, sink)
        self._settings = settings
        self._chunks: deque[_Chunk] = deque()
        self._alarm = Alarm(lane.loop, self._release)

    def feed(self, data: bytes) -> None:
        self.held += len(data)
        self._push(_Chunk(data, self.lane.loop.time(), random.uniform(-1, 1)))

    def eof(self) -> None:
        # The end of the stream has no delay of its own: it only waits for the bytes before it.
        if self._chunks:
            self._push(_Chunk(None, float("-inf"), 0.0))
        else:
            self.sink.eof()

    def update(self, settings: Settings) -> None:
        if not isinstance(settings, Latency):
            raise TypeError(f"not settings of a latency toxic: {settings!r}")
        self._settings = settings
        self._release()

    def detach(self) -> None:
        self._alarm.stop()
        while self._chunks:
            self._emit()

    def close(self) -> None:
        self._alarm.stop()
        self._chunks.clear()
        self.held = 0

    def _push(self, chunk: _Chunk) -> None:
        self._chunks.append(chunk)
        if len(self._chunks) == 1:
            self._release()

    def _due(self) -> float:
        chunk = self._chunks[0]
        return chunk.arrived + self._settings.delay(chunk.draw)

    def _release(self) -> None:
        """Pass on all that is due by the clock, and come back for the next."""
        self._alarm.stop()
        while self._chunks and self._due() <= self.lane.loop.time():
            self._emit()
        if self._chunks:
            self._alarm.set(self._due())
        self.lane.settle()

    def _emit(self) -> None:
        data = self._chunks.popleft().data
        if data is None:
            self.sink.eof()
        else:
            self.held -= len(data)
            self.sink.feed(data)
