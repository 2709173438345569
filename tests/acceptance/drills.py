"""Small drills of local files and processes, for what happens when things go wrong."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any


def process(path: str, *arguments: str, timeout: float = 2) -> dict[str, Any]:
    """An action that runs a program; one that is cut off is waited for as long as it may take."""
    provider = {"type": "process", "path": path, "arguments": list(arguments), "timeout": timeout}
    return {"type": "action", "name": f"{path}-{len(arguments)}", "provider": provider}


def experiment(
    file: Path,
    method: Sequence[Mapping[str, Any]],
    rollbacks: Sequence[Mapping[str, Any]],
    faults: Sequence[Mapping[str, Any]] = (),
    configuration: Mapping[str, Any] | None = None,
) -> Path:
    """Write an experiment file."""
    value: dict[str, Any] = {
        "title": "something breaks",
        "description": "For a test.",
        "configuration": configuration or {},
        "method": list(method),
        "rollbacks": list(rollbacks),
    }
    if faults:
        value["extensions"] = [{"name": "gameday", "faults": list(faults)}]
    file.write_text(json.dumps(value), encoding="utf-8")
    return file


def stubborn(directory: Path, name: str = "stubborn") -> Path:
    """An experiment whose fault (a file ``broken``) comes out only once ``repaired`` is there."""
    undo = f"test -e {directory}/repaired && rm -f {directory}/broken"
    return experiment(
        directory / f"{name}.json",
        [process("touch", str(directory / "broken"))],
        [process("sh", "-c", undo)],
    )


def game_day(directory: Path, fault: Path, target: str, at_most: str, lasts: str = "20m") -> Path:
    """A game day with one fault and a steady state that always holds."""
    file = directory / "drill.yaml"
    file.write_text(
        f"""\
title: A drill
narrative: Something breaks.
owner: test
severity: SEV2
environment: test
objectives: [see it]
probes:
  always: {{type: process, command: ["true"], interval: 100ms, timeout: 5s, tolerance: 0}}
steady_state: {{title: All is well, probes: [always]}}
timeline:
  - id: the-fault
    at: +0s
    title: It breaks
    fault: {fault.name}
    hold: {{until: expired, at_most: {at_most}}}
duration: {lasts}
blast_radius: {{targets: [{target}]}}
verification: {{before: 300ms, settle: 300ms, mitigated: 300ms, resolved: 300ms, after: 300ms,
  recover_within: 1s}}
""",
        encoding="utf-8",
    )
    return file
