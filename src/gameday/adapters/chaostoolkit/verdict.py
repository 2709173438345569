"""What really happened, read from Chaos Toolkit's journal. Its exit code and its status
"completed" say nothing: both come also when an action failed or nothing ran at all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

_BAD_STATUS = ("aborted", "interrupted", "failed")


def activity_problem(run: Mapping[str, Any]) -> str:
    """Why this activity did not do what it says; empty when it did."""
    activity = run["activity"]
    name = f"{activity.get('type', 'activity')} {activity.get('name')!r}"
    status = run.get("status")
    if status != "succeeded":
        lines = "".join(run.get("exception") or ["it did not finish"]).strip().splitlines()
        return f"{name} {status or 'was cut off'}: {lines[-1].strip()}"
    if activity.get("type") != "action":
        return ""
    finding = _empty_success(activity.get("provider", {}), run.get("output"))
    return f"{name} {finding}" if finding else ""


def _empty_success(provider: Mapping[str, Any], output: Any) -> str:
    """chaoslib calls these succeeded; nothing was done."""
    kind = provider.get("type")
    if kind == "process" and isinstance(output, Mapping) and output.get("status") != 0:
        said = str(output.get("stderr") or output.get("stdout") or "").strip().splitlines()
        return f"exited with {output.get('status')}" + (f": {said[-1]}" if said else "")
    if kind == "http" and isinstance(output, Mapping) and int(output.get("status", 0)) >= 400:
        return f"was answered with HTTP status {output['status']}"
    if kind == "python" and output == [] and str(provider.get("module", "")).startswith("chaosk8s"):
        return "matched nothing: no resource was touched"
    return ""


def method_problems(journal: Mapping[str, Any], planned: int, last_error: str) -> Sequence[str]:
    """Why the method is not to be trusted; empty when every activity ran and succeeded."""
    before = (journal.get("steady_states") or {}).get("before")
    if before is not None and not before.get("steady_state_met"):
        return [f"the method did not run: {_unmet(before)}"]
    runs = journal.get("run") or []
    found = [problem for run in runs if (problem := activity_problem(run))]
    if len(runs) < planned:
        found.append(f"only {len(runs)} of {planned} activities of the method ran")
    status = journal.get("status")
    if status in _BAD_STATUS and not (status == "failed" and journal.get("deviated")):
        found.append(f"Chaos Toolkit {status} the experiment" + _because(last_error))
    return found


def rollback_problems(journal: Mapping[str, Any], last_error: str) -> Sequence[str]:
    """Why the rollback is not to be trusted; empty when it ran and succeeded."""
    runs = journal.get("rollbacks") or []
    found = [problem for run in runs if (problem := activity_problem(run))]
    if not runs:
        found.append("the rollback did not run" + _because(last_error))
    elif journal.get("status") in _BAD_STATUS:
        found.append(f"Chaos Toolkit {journal['status']} the rollback" + _because(last_error))
    return found


def _unmet(state: Mapping[str, Any]) -> str:
    probes = state.get("probes") or []
    for run in probes:
        if not run.get("tolerance_met") or run.get("status") != "succeeded":
            name = run["activity"].get("name")
            return f"steady state was not met before it (probe {name!r})"
    return "steady state was not met before it"


def _because(error: str) -> str:
    return f": {error}" if error else ""
