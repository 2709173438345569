"""An experiment file for a family, as a user would write it."""

from __future__ import annotations

import json
from pathlib import Path

from tests.kubernetes_faults.families import Family
from tests.kubernetes_faults.place import Place


def written(family: Family, place: Place, directory: Path) -> str:
    """The file's path; its fault stays in for a second."""
    arguments = {"fault": family.type, "arguments": family.at(place)}
    module = "gameday.adapters.kubernetes.actions"
    experiment = {
        "title": family.type,
        "description": "A fault on a cluster.",
        "method": [
            {
                "type": "action",
                "name": "in",
                "provider": {
                    "type": "python",
                    "module": module,
                    "func": "put_in",
                    "arguments": arguments,
                },
                "pauses": {"after": 1},
            }
        ],
        "rollbacks": [
            {
                "type": "action",
                "name": "out",
                "provider": {
                    "type": "python",
                    "module": module,
                    "func": "take_out",
                    "arguments": arguments,
                },
            }
        ],
        "extensions": [
            {
                "name": "gameday",
                "faults": [{"type": family.type, "arguments": family.at(place)}],
            }
        ],
    }
    file = directory / "experiment.json"
    file.write_text(json.dumps(experiment))
    return str(file)
