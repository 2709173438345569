"""A game day of the library with its times cut short; all else is as it ships."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

WINDOWS = {
    "before": "3s",
    "settle": "15s",
    "mitigated": "4s",
    "resolved": "3s",
    "after": "4s",
    "recover_within": "60s",
}


PATIENT_MS = 3000
"""The p95 that customers bear here where latency is not what is drilled: a busy machine must not
look like a broken shop."""


def shortened(file: Path, directory: Path, hold: str, lasts: str) -> Path:
    """Write it there: faults come after a second and stay in for ``hold`` at most."""
    value: dict[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8"))
    if "latency" not in file.stem and "checkout-latency" in value["probes"]:
        value["probes"]["checkout-latency"]["tolerance"]["range"] = [0, PATIENT_MS]
    for number, inject in enumerate(value["timeline"]):
        inject["at"] = f"+{1 + 3 * number}s"
        if "fault" in inject:
            inject["fault"] = str((file.parent / inject["fault"]).resolve())
            inject["hold"]["at_most"] = hold
    value |= {"duration": lasts, "verification": WINDOWS}
    short = directory / file.name
    short.write_text(yaml.safe_dump(value, sort_keys=False), encoding="utf-8")
    return short
