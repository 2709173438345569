"""Entry of the guardian process: ``python -m gameday.cli.guardian --fd N``.

Not for people. It imports next to nothing until its conductor is lost.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping

from gameday.adapters.process.guardian import serve


def main(argv: list[str]) -> None:
    """Guard the conductor of one run; undo what it leaves behind."""
    flag, number = argv
    if flag != "--fd":
        raise SystemExit(f"expected --fd, got {flag!r}")
    serve(int(number), recover)


def guard(fd: int, forkserver: int) -> None:
    """The same in a process forked for it, with a fork server that was started before."""
    serve(fd, recover, forkserver=forkserver)
    os._exit(0)


def recover(charge: Mapping[str, str]) -> None:
    """Take out what the lost conductor has left."""
    import asyncio
    from pathlib import Path

    from gameday.bootstrap.recovery import recover_at_last
    from gameday.bootstrap.runs import run_directory
    from gameday.cli.output import note
    from gameday.core.log.events import Record
    from gameday.reports.lines import line
    from gameday.settings import Settings

    settings = Settings(store=Path(charge["store"]), data=Path(charge["data"]))
    log = run_directory(settings, charge["run"]) / "guardian.log"
    with log.open("ab") as output:
        os.dup2(output.fileno(), 1)
        os.dup2(output.fileno(), 2)

    def told(record: Record) -> None:
        words = line(record)
        if words:
            note(words.text)

    asyncio.run(recover_at_last(settings, charge["run"], note, told))


if __name__ == "__main__":
    main(sys.argv[1:])
