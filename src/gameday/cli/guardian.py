"""Entry of the guardian process: ``python -m gameday.cli.guardian STORE DATA RUN --fd N``.

Not for people. It imports next to nothing until its conductor is lost.
"""

from __future__ import annotations

import sys
from functools import partial

from gameday.adapters.process.guardian import serve

PRELOAD = ("gameday.adapters.chaostoolkit.plugins",)


def main(argv: list[str]) -> None:
    """Guard the conductor of one run; undo what it leaves behind."""
    store, data, run_id, flag, number = argv
    if flag != "--fd":
        raise SystemExit(f"expected --fd, got {flag!r}")
    serve(int(number), partial(_recover, store, data, run_id), PRELOAD)


def _recover(store: str, data: str, run_id: str) -> None:
    import asyncio
    from pathlib import Path

    from gameday.bootstrap import recover_run
    from gameday.settings import Settings

    settings = Settings(store=Path(store), data=Path(data))
    asyncio.run(recover_run(settings, run_id))


if __name__ == "__main__":
    main(sys.argv[1:])
