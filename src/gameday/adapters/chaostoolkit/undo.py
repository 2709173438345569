"""Play one inverse, or only look, and bring back a proof or the reason why there is none."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from gameday.adapters.chaostoolkit import plugins
from gameday.adapters.chaostoolkit.output import Output
from gameday.adapters.chaostoolkit.source import (
    UnfitExperiment,
    fill,
    fill_secrets,
    open_configuration,
    open_secrets,
    resolve,
)
from gameday.adapters.chaostoolkit.verdict import rollback_problems
from gameday.engine.faults import FaultFailure, FaultStillPresent

log = logging.getLogger("chaostoolkit")


def play(task: Mapping[str, Any], output: Output) -> dict[str, Any]:
    """Do the ``undo`` or ``verify`` task; the answer holds proof, reason and call_timeout."""
    # of the method as a whole: what was cut off may be any of its calls
    late = float(task["spec"].get("call_timeout", 0.0))
    answer = {"proof": "", "reason": "", "call_timeout": late}
    step = _fault if task["kind"] == "fault" else _rollback
    try:
        step(task, output, answer)
    except (FaultFailure, UnfitExperiment) as failure:
        answer["reason"] = str(failure)
        answer["seen"] = isinstance(failure, FaultStillPresent)
    except (Exception, SystemExit) as error:  # a plug-in or a provider may raise anything
        log.exception("%s %s failed", task["work"], task["label"])
        answer["reason"] = f"{type(error).__name__}: {error}" if str(error) else repr(error)
    answer["proof"] = output.redactor.text(str(answer["proof"]))
    answer["reason"] = output.redactor.text(str(answer["reason"]))
    return answer


def _fault(task: Mapping[str, Any], output: Output, answer: dict[str, Any]) -> None:
    spec = task["spec"]
    arguments = _filled(spec, output)
    plugin = plugins.fault(spec["type"])
    answer["call_timeout"] = max(answer["call_timeout"], plugin.call_timeout)
    if task["work"] == "undo":
        plugin.undo(arguments, spec["prior"])
    answer["proof"] = plugin.verify_undone(arguments, spec["prior"])


def _filled(spec: Mapping[str, Any], output: Output) -> Mapping[str, Any]:
    """The fault's arguments, with what must not be stored as it is now."""
    arguments: Mapping[str, Any] = spec["arguments"]
    if spec.get("secrets") or spec.get("configuration"):
        configuration, secrets = resolve(_declared(spec), output.redactor)
        arguments = fill_secrets(fill(arguments, configuration), secrets)
    return arguments


def _declared(spec: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "secrets": open_secrets(spec.get("secrets") or {}),
        "configuration": open_configuration(spec.get("configuration") or {}),
    }


def _rollback(task: Mapping[str, Any], output: Output, answer: dict[str, Any]) -> None:
    if task["work"] == "verify":
        answer["proof"] = f"rollback {task['label']!r}: nothing to verify"
        return
    from gameday.adapters.chaostoolkit.method import run

    spec = task["spec"]
    declared = _declared(spec)
    resolve(declared, output.redactor)
    activity = deepcopy(spec["activity"])
    if "ref" in activity:
        raise UnfitExperiment(f"the rollback refers to {activity['ref']!r}, which is not there")
    experiment = {
        "title": f"undo: {task['label']}",
        "description": "One rollback alone.",
        **deepcopy(declared),
        "method": [],
        "rollbacks": [activity],
    }
    if spec.get("controls"):
        experiment["controls"] = deepcopy(spec["controls"])
    journal = run(experiment, "always")
    problems = rollback_problems(journal, output.last_error)
    answer["reason"] = "; ".join(problems)
    if not problems:
        answer["proof"] = f"rollback {task['label']!r} succeeded"
