"""Entry of the ``gameday`` command and of ``python -m gameday``.

A single experiment waits for nothing as long as for its guardian's forkserver to load chaoslib,
so the guardian is started here, before the command line itself is imported.
"""

from __future__ import annotations

import sys

from gameday.adapters.process.launch import launch


def main() -> None:
    """Run the command line and exit with its code."""
    early = None
    if sys.argv[1:3] == ["experiment", "run"] and not {"-h", "--help"} & set(sys.argv):
        early = launch((sys.executable, "-m", "gameday.cli.guardian"))
    from gameday.cli.main import run

    raise SystemExit(run(sys.argv[1:], early))


if __name__ == "__main__":
    main()
