"""Entry of the ``gameday`` command and of ``python -m gameday``: what makes starting fast.

A single experiment waits for nothing as long as for its fork server to load chaoslib, so that
and its guardian are started here, before the command line itself is imported.
"""

from __future__ import annotations

import gc
import os
import sys


def main() -> None:
    """Run the command line and end the process with its code."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:  # closed by who started us (>&-)
            # Open as long as we live; pathlib would cost 2 ms at every start.
            setattr(sys, name, open(os.devnull, mode))  # noqa: SIM115, PTH123
    gc.set_threshold(100_000)  # looking for garbage while we import finds none, and costs 10 ms
    early = None
    if sys.argv[1:3] == ["experiment", "run"] and not {"-h", "--help"} & set(sys.argv):
        from gameday.adapters.process.launch import launch_early

        early = launch_early(_guard)
    from gameday.cli.main import run

    _end(run(sys.argv[1:], early))


def _guard(fd: int, forkserver: int) -> None:
    from gameday.cli.guardian import guard

    guard(fd, forkserver)


def _end(code: int) -> None:
    """End at once: everything is closed by now, and Python's own way out takes 15 ms."""
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except BrokenPipeError:
        pass  # the reader (head, less) has gone; there is nobody to tell
    os._exit(code)


if __name__ == "__main__":
    main()
