"""One process of this host as ``/proc`` shows it. Where there is no ``/proc`` nobody is seen."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


@dataclass(frozen=True, slots=True)
class Seen:
    """A process at one moment. born: kernel ticks since boot; with the pid it names one
    process for good. state: one letter as in ``ps``."""

    pid: int
    name: str
    state: str
    parent: int
    group: int
    born: int

    @property
    def runs(self) -> bool:
        """It is neither stopped nor dead."""
        return self.state not in "TtZX"

    @property
    def dead(self) -> bool:
        """Only its entry in the process table is left."""
        return self.state in "ZX"


def look(pid: int) -> Seen | None:
    """The process of that pid now; None when there is none."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text("utf-8", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return None
    head, _, tail = text.rpartition(")")
    fields = tail.split()
    return Seen(
        pid=pid,
        name=head.partition("(")[2],
        state=fields[0],
        parent=int(fields[1]),
        group=int(fields[2]),
        born=int(fields[19]),
    )


def boot_id() -> str:
    """Which boot pids and start times belong to."""
    return _BOOT_ID.read_text("ascii").strip()
