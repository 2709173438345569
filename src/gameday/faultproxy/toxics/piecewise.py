"""A stage that sends what it holds in pieces, each at a time of its own."""

from abc import abstractmethod
from collections import deque

from gameday.faultproxy.toxics.base import Alarm, Lane, Sink, Stage


class PiecewiseStage(Stage):
    """Bytes in order, released in pieces by the clock. Subclasses say how large and when.

    The next piece's time is computed from when the last one was due, not from when its timer
    fired: a late timer makes one piece late and the stream no slower.
    """

    def __init__(self, lane: Lane, sink: Sink) -> None:
        super().__init__(lane, sink)
        self._chunks: deque[memoryview] = deque()
        self._ended = False
        self._free = float("-inf")
        """When the line is free for the next piece."""
        self._size = 0
        """Bytes of the next piece, 0 when none is chosen."""
        self._due = 0.0
        self._alarm = Alarm(lane.loop, self._release)

    @abstractmethod
    def piece(self, available: int) -> int:
        """Return the size of the next piece, from 1 to ``available``; 0 sends nothing for now."""

    @abstractmethod
    def times(self, start: float, size: int) -> tuple[float, float]:
        """Return when a piece that may start at ``start`` leaves, and when the line is free."""

    def feed(self, data: bytes) -> None:
        if self._ended or not data:
            return
        if not self.held:
            self._free = max(self._free, self.lane.loop.time())
        self._chunks.append(memoryview(data))
        self.held += len(data)
        if not self._size:
            self._release()

    def eof(self) -> None:
        self._ended = True
        if not self.held:
            self.sink.eof()

    def detach(self) -> None:
        self._alarm.stop()
        if self.held:
            self.sink.feed(self._take(self.held))
            if self._ended:
                self.sink.eof()

    def close(self) -> None:
        self._alarm.stop()
        self._chunks.clear()
        self.held = self._size = 0

    def rearrange(self) -> None:
        """Choose the next piece again, as from now."""
        self._alarm.stop()
        self._size = 0
        self._free = self.lane.loop.time()
        self._release()

    def _release(self) -> None:
        """Pass on every piece that is due by the clock, and come back for the next."""
        self._alarm.stop()
        while self.held and self._choose():
            if self._due > self.lane.loop.time():
                self._alarm.set(self._due)
                break
            size, self._size = self._size, 0
            self.sink.feed(self._take(size))
            if self._ended and not self.held:
                self.sink.eof()
        self.lane.settle()

    def _choose(self) -> bool:
        if not self._size:
            self._size = self.piece(self.held)
            if self._size:
                self._due, self._free = self.times(self._free, self._size)
        return self._size > 0

    def _take(self, size: int) -> bytes:
        self.held -= size
        taken = bytearray()
        while len(taken) < size:
            chunk = self._chunks.popleft()
            wanted = size - len(taken)
            taken += chunk[:wanted]
            if len(chunk) > wanted:
                self._chunks.appendleft(chunk[wanted:])
        return bytes(taken)
