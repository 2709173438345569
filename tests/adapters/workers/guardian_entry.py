"""Entry of the guardian in these tests: ``guardian_entry.py LOST [SILENCE] --fd N``.

What happens to a lost conductor is written into the file LOST. Providers of the experiments
(worker_acts) lie beside this file, so workers can import them.
"""

import sys
from collections.abc import Mapping
from pathlib import Path

from gameday.adapters.process.guardian import SILENCE, serve

lost, *rest = sys.argv[1 : sys.argv.index("--fd")]


def on_lost(charge: Mapping[str, str]) -> None:
    with Path(lost).open("a") as file:
        file.write("lost\n")


fd = int(sys.argv[sys.argv.index("--fd") + 1])
serve(fd, on_lost, ["worker_acts"], float(rest[0]) if rest else SILENCE)
