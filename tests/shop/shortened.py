"""A game day of the library, and its responders, with times cut short; all else is as it ships."""

from __future__ import annotations

import re
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
    """Write it there: its minutes are seconds, faults stay in for ``hold`` at most, and what is
    expected within minutes is expected while they do."""
    value: dict[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8"))
    if "latency" not in file.stem and "checkout-latency" in value["probes"]:
        value["probes"]["checkout-latency"]["tolerance"]["range"] = [0, PATIENT_MS]
    for inject in value["timeline"]:
        inject["at"] = _in_seconds(inject["at"])
        for expected in inject.get("expect", ()):
            expected["within"] = re.sub(r"^\d+m$", hold, expected["within"])
        if "fault" in inject:
            inject["fault"] = str((file.parent / inject["fault"]).resolve())
            inject["hold"]["at_most"] = hold
    value |= {"duration": lasts, "verification": WINDOWS}
    return _written(value, directory / file.name)


def shortened_responders(file: Path, directory: Path) -> Path:
    """The same of those who respond: their minutes are seconds, and their seconds stay, since the
    system is no faster than it is."""
    value: dict[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8"))
    for act in value["acts"]:
        act["at"] = _in_seconds(act["at"])
    return _written(value, directory / f"responders-{file.name}")


def _in_seconds(at: str) -> str:
    return re.sub(r"m$", "s", at)


def _written(value: dict[str, Any], file: Path) -> Path:
    file.write_text(yaml.safe_dump(value, sort_keys=False), encoding="utf-8")
    return file
