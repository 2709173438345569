"""Runs a command."""

from __future__ import annotations

import asyncio
import os
import signal

from gameday.adapters.probes.failures import timed_out
from gameday.adapters.probes.secrets import Secrets
from gameday.core.scenario import ProcessProbe
from gameday.engine.ports import Reading

MAX_OUTPUT = 64 * 1024
"""Bytes of output that are kept; the rest is read and dropped, so that the command can end."""


class ProcessReader:
    """The Probe port over one process a reading, in a process group of its own that never
    outlives the reading."""

    def __init__(self, model: ProcessProbe, secrets: Secrets) -> None:
        self._command = [secrets.fill(word) for word in model.command]
        self._measure = model.measure
        self._timeout = model.timeout

    async def read(self) -> Reading:
        """Run it and judge its end."""
        try:
            process = await _start(self._command)
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else str(error)
            return Reading(None, f"cannot run {self._command[0]!r}: {str(reason).lower()}")
        try:
            async with asyncio.timeout(self._timeout):
                out, err, code = await _finish(process)
        except TimeoutError:
            return Reading(None, timed_out(self._timeout))
        finally:
            await _end(process)
        return self._judged(out, err, code)

    def _judged(self, out: bytes, err: bytes, code: int) -> Reading:
        if self._measure == "exit_code":
            return Reading(code)
        if code != 0:
            last = (err or out).decode("utf-8", "replace").strip().splitlines()[-1:]
            return Reading(None, f"exit code {code}{': ' + last[0][:200] if last else ''}")
        text = out if self._measure == "stdout" else err
        return Reading(text.decode("utf-8", "replace").rstrip("\n"))

    async def close(self) -> None:
        """No process outlives its reading."""


async def _start(command: list[str]) -> asyncio.subprocess.Process:
    """Starting is not given up half-way: a reading cancelled meanwhile still gets hold of the
    process, and ends it."""
    starting = asyncio.ensure_future(
        asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            start_new_session=True,
        )
    )
    try:
        return await asyncio.shield(starting)
    except asyncio.CancelledError:
        await asyncio.wait([starting])
        if not starting.cancelled() and starting.exception() is None:
            await _end(starting.result())
        raise


async def _finish(process: asyncio.subprocess.Process) -> tuple[bytes, bytes, int]:
    """Output and exit code. What the command left in the background is killed once it has
    ended; else it would hold the output open until the time-out."""
    if process.stdout is None or process.stderr is None:
        raise RuntimeError("both outputs are pipes")
    async with asyncio.TaskGroup() as tasks:
        out = tasks.create_task(_drained(process.stdout))
        err = tasks.create_task(_drained(process.stderr))
        code = await process.wait()
        _kill_group(process.pid)
    return out.result(), err.result(), code


async def _drained(stream: asyncio.StreamReader) -> bytes:
    kept = b""
    while chunk := await stream.read(MAX_OUTPUT):
        kept += chunk[: MAX_OUTPUT - len(kept)]
    return kept


async def _end(process: asyncio.subprocess.Process) -> None:
    """Kill whatever is left of the group and collect the process itself."""
    _kill_group(process.pid)
    _close_pipes(process)
    await process.wait()


def _kill_group(leader: int) -> None:
    try:
        os.killpg(leader, signal.SIGKILL)
    except ProcessLookupError:
        return  # nothing is left
    except PermissionError:
        return  # macOS answers so for a group of zombies; who became another user is not ours


def _close_pipes(process: asyncio.subprocess.Process) -> None:
    # Somebody who left the group may hold the pipes open. asyncio has no public way to let go.
    transport = getattr(process, "_transport", None)
    if transport is not None:
        transport.close()
