"""Fault plug-in ``process.signal``: kill, terminate or stop a process, and bring it back.

Arguments: ``pidfile`` or ``pid``; ``signal`` (KILL, TERM, STOP); ``restart``, either
``{url, json}`` for an HTTP POST or ``{command: [...]}``; ``check``, a URL or ``host:port``
that answers when the service is well; ``name``. Linux only (``/proc``).

A process that is another one than when it was looked at is refused: the undo knows of the first.
A restart that brings nothing back within its time is ended, and only one is under way at a time.
"""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePath
from typing import Any

from gameday.adapters.process import restart as service
from gameday.adapters.process.inspect import read_pidfile, safe_target
from gameday.adapters.process.procfs import Seen, boot_id, look
from gameday.engine.faults import (
    Arguments,
    Description,
    FaultFailure,
    FaultMissing,
    FaultRejected,
    FaultStillPresent,
    Prior,
)

_SIGNALS = {"KILL": signal.SIGKILL, "TERM": signal.SIGTERM, "STOP": signal.SIGSTOP}
_WORDS = {"KILL": "is killed", "TERM": "is told to end", "STOP": "stands still"}
_TAKES_EFFECT = {"KILL": 2.0, "TERM": 15.0, "STOP": 2.0}
"""Seconds until the signal must have done its work; TERM lets a server finish its requests."""

_STEP = 0.01
_captured: dict[str, tuple[int, int]] = {}
"""Pid and birth of what :meth:`SignalFault.capture` saw in this process, by pidfile or pid: the
method that follows in it signals just that, or is refused."""

_KNOWN = ("pidfile", "pid", "signal", "restart", "check", "name")


class SignalFault:
    """``process.signal``. No call of it can land late: a signal is there or it is not, and a
    restart request only ever brings the service back."""

    call_timeout = 0.0

    def problems(self, arguments: Arguments) -> Sequence[tuple[tuple[str, ...], str]]:
        """Every mistake in the arguments, each with its path."""
        return list(_problems(arguments))

    def describe(self, arguments: Arguments) -> Description:
        """The process by name, and what becomes of it."""
        _check(arguments)
        kind = _kind(arguments)
        return Description(
            targets=(f"process/{_name(arguments)}",),
            blast_radius=f"process {_name(arguments)!r} {_WORDS[kind]}",
            reversible=kind == "STOP" or "restart" in arguments,
        )

    def capture(self, arguments: Arguments) -> Prior:
        """Which process it is, by pid, start time and boot; raises FaultRejected when it must
        not be signalled, or does not answer its check even now."""
        _check(arguments)
        found = safe_target(_pid(arguments))
        wrong = service.answers(arguments["check"]) if "check" in arguments else ""
        if wrong:
            raise FaultRejected(f"not well before the fault: {wrong}")
        _captured[_which(arguments)] = (found.pid, found.born)
        return {"pid": found.pid, "born": found.born, "name": found.name, "boot": boot_id()}

    def inject(self, arguments: Arguments) -> None:
        """Send the signal and see it work. Raises FaultRejected when the process is not the one
        that was captured, FaultFailure when the signal does nothing."""
        _check(arguments)
        kind = _kind(arguments)
        planned = _captured.pop(_which(arguments), None)
        target = safe_target(_pid(arguments))
        if planned not in (None, (target.pid, target.born)):
            raise FaultRejected(
                f"process {_name(arguments)!r} has changed since it was looked at: "
                f"{target.pid} ({target.name}) is another one; plan it again"
            )
        try:
            os.kill(target.pid, _SIGNALS[kind])
        except OSError as error:
            raise FaultFailure(f"process {target.pid} ({target.name}): {error}") from error
        deadline = time.monotonic() + _TAKES_EFFECT[kind]
        while not _hit(target.pid, target.born, kind):
            if time.monotonic() >= deadline:
                raise FaultFailure(f"process {target.pid} ({target.name}) survived SIG{kind}")
            time.sleep(_STEP)

    def verify_injected(self, arguments: Arguments, prior: Prior) -> str:
        """The process that was captured is dead, or stopped."""
        kind = _kind(arguments)
        if not prior or not _hit(prior["pid"], prior["born"], kind):
            raise FaultMissing(f"process {_name(arguments)!r} still runs after SIG{kind}")
        return f"process {prior['pid']} ({prior['name']}) {_WORDS[kind]}"

    def undo(self, arguments: Arguments, prior: Prior) -> None:
        """Continue what is stopped, or restart the service unless somebody already has."""
        _check(arguments)
        _captured.pop(_which(arguments), None)
        for one in _there(arguments, prior):
            if _stopped(one):
                _continue(one)
        wrong = _unwell(arguments, prior)
        if not wrong:
            return
        if "restart" not in arguments:
            raise FaultFailure(f"{wrong}, and there is no restart to bring it back")
        check = arguments.get("check", "")
        service.restart(arguments["restart"], check, lambda: _unwell(arguments, prior))

    def verify_undone(self, arguments: Arguments, prior: Prior) -> str:
        """The process exists and runs, and its check answers."""
        wrong = _unwell(arguments, prior)
        if wrong:
            raise FaultStillPresent(wrong)
        there = _there(arguments, prior)
        who = f"process {there[0].pid} ({there[0].name}) runs" if there else "it runs"
        return f"{who}, {arguments['check']} answers" if "check" in arguments else who


def _unwell(arguments: Arguments, prior: Prior) -> str:
    """Why the service is not well again; empty when it is."""
    there = _there(arguments, prior)
    for one in there:
        if _stopped(one):
            return f"process {one.pid} ({one.name}) is stopped"
    if "check" in arguments:
        return service.answers(arguments["check"])
    return "" if there else f"process {_name(arguments)!r} does not run"


def _there(arguments: Arguments, prior: Prior) -> list[Seen]:
    """What lives of the service: the captured process, and whichever the pidfile names now."""
    found = [_same(prior)]
    if "pidfile" in arguments:
        with contextlib.suppress(FaultRejected):
            found.append(look(read_pidfile(arguments["pidfile"])))
    alive = [one for one in found if one is not None and not one.dead]
    return alive[:1] + [one for one in alive[1:] if one.pid != alive[0].pid]


def _stopped(one: Seen) -> bool:
    return one.state in "Tt"


def _continue(stopped: Seen) -> None:
    try:
        os.kill(stopped.pid, signal.SIGCONT)
    except ProcessLookupError:
        return
    except OSError as error:
        raise FaultFailure(f"process {stopped.pid} ({stopped.name}): {error}") from error


def _same(prior: Prior) -> Seen | None:
    now = look(prior["pid"]) if prior.get("boot") == boot_id() else None
    return now if now is not None and now.born == prior["born"] else None


def _hit(pid: int, born: int, kind: str) -> bool:
    now = look(pid)
    if now is None or now.dead or now.born != born:
        return kind != "STOP"
    return kind == "STOP" and _stopped(now)


def _kind(arguments: Arguments) -> str:
    return str(arguments.get("signal", "KILL")).upper().removeprefix("SIG")


def _pid(arguments: Arguments) -> int:
    return int(arguments["pid"]) if "pid" in arguments else read_pidfile(arguments["pidfile"])


def _which(arguments: Arguments) -> str:
    return str(arguments.get("pidfile") or arguments["pid"])


def _name(arguments: Arguments) -> str:
    if arguments.get("name"):
        return str(arguments["name"])
    return PurePath(arguments["pidfile"]).stem if "pidfile" in arguments else str(arguments["pid"])


def _check(arguments: Arguments) -> None:
    found = list(_problems(arguments))
    if not found and "${" in str(arguments):
        found = [((), "a variable in the arguments has no value")]
    if found:
        raise FaultRejected("; ".join(f"{'.'.join(at)}: {what}" for at, what in found))


def _problems(arguments: Arguments) -> Iterator[tuple[tuple[str, ...], str]]:
    for key in arguments:
        if key not in _KNOWN:
            yield (str(key),), f"not an argument of this fault; there are: {', '.join(_KNOWN)}"
    if ("pid" in arguments) == ("pidfile" in arguments):
        yield (), "say either pidfile or pid"
    pid = arguments.get("pid", 2)
    if not _open(pid) and (not isinstance(pid, int) or isinstance(pid, bool) or pid <= 1):
        yield ("pid",), f"a pid above 1, not {pid!r}"
    if not _open(arguments.get("signal")) and _kind(arguments) not in _SIGNALS:
        yield ("signal",), f"KILL, TERM or STOP, not {arguments.get('signal')!r}"
    check = arguments.get("check", "a:1")
    if not _open(check) and not _is_check(check):
        yield ("check",), f"a URL or host:port, not {check!r}"
    if "restart" in arguments:
        yield from _restart_problems(arguments["restart"])


def _restart_problems(how: Any) -> Iterator[tuple[tuple[str, ...], str]]:
    if not isinstance(how, Mapping) or ("url" in how) == ("command" in how):
        yield ("restart",), "either {url: ..., json: ...} or {command: [...]}"
    elif "command" in how and not (isinstance(how["command"], list) and how["command"]):
        yield ("restart", "command"), "a list: the program and its arguments"
    elif "url" in how and not _open(how["url"]) and not str(how["url"]).startswith("http"):
        yield ("restart", "url"), f"an http:// or https:// address, not {how['url']!r}"


def _is_check(check: Any) -> bool:
    text = str(check)
    return text.startswith(("http://", "https://")) or text.rpartition(":")[2].isdigit()


def _open(value: Any) -> bool:
    return isinstance(value, str) and "${" in value
