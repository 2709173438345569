"""The system's clocks, read together."""

from __future__ import annotations

import os
import time
from pathlib import Path

from gameday.core.instant import NANOSECONDS, Instant

_LINUX_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_LONGEST_NAP = 1.0
"""Seconds. asyncio's own clock stands still while the machine is suspended and the boot clock
does not; waking this often bounds how late a sleep across a suspend can end."""


class SystemClock:
    """The Clock port over the operating system's clocks."""

    def __init__(self) -> None:
        self._clock = _boot_clock()
        self._boot_id = _boot_id(self._clock)

    def now(self) -> Instant:
        """A reading of all clocks: wall in seconds since the epoch, boot in nanoseconds."""
        return Instant(time.time(), time.clock_gettime_ns(self._clock), self._boot_id)

    async def sleep_until(self, boot: int) -> None:
        """Return once the boot clock shows ``boot`` nanoseconds, never before."""
        import asyncio  # late: most commands never sleep, and it takes as long as their start

        while (left := boot - time.clock_gettime_ns(self._clock)) > 0:
            nap = min(left / NANOSECONDS, _LONGEST_NAP)
            await asyncio.sleep(nap)


def _boot_clock() -> int:
    """The clock that goes on during suspend: BOOTTIME on Linux, MONOTONIC_RAW on macOS."""
    if hasattr(time, "CLOCK_BOOTTIME"):
        return time.CLOCK_BOOTTIME
    if os.uname().sysname == "Darwin" and hasattr(time, "CLOCK_MONOTONIC_RAW"):
        return time.CLOCK_MONOTONIC_RAW
    return time.CLOCK_MONOTONIC


def _boot_id(clock: int) -> str:
    """Which boot this is: from the kernel, else from the time at which the machine booted.

    The last way moves with a stepped wall clock; then durations across the step are marked
    uncertain, which is the safe side.
    """
    try:
        return _LINUX_BOOT_ID.read_text("ascii").strip()
    except OSError:
        booted = round((time.time() - time.clock_gettime(clock)) / 60)
        return _macos_boot_session() or f"booted-{booted}"


def _macos_boot_session() -> str:
    """macOS's ``kern.bootsessionuuid``; empty where there is none."""
    if os.uname().sysname != "Darwin":
        return ""
    import ctypes
    import ctypes.util

    libc = ctypes.CDLL(ctypes.util.find_library("c"))
    text = ctypes.create_string_buffer(64)
    size = ctypes.c_size_t(ctypes.sizeof(text))
    failed = libc.sysctlbyname(b"kern.bootsessionuuid", text, ctypes.byref(size), None, 0)
    return "" if failed else text.value.decode("ascii")
