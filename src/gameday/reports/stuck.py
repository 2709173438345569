"""What people are told of a fault that no undo could take out."""

from __future__ import annotations

from gameday.core.run.state import FaultState


def stuck_notice(run_id: str, fault: FaultState) -> tuple[str, ...]:
    """Lines that say which fault is still in, where, why, and what to do next."""
    targets = ", ".join(fault.intent.targets) if fault.intent else "unknown"
    lines = (
        f"A FAULT IS STILL IN: {fault.id} of run {run_id} could not be taken out",
        f"  targets: {targets}",
        *(f"  why: {reason}" for reason in fault.reasons),
        "  \N{RIGHTWARDS ARROW} put right what is named here, then "
        f"`gameday recover --run {run_id}` takes it out and proves it; "
        "`gameday faults` lists what is in",
    )
    return tuple("".join(c if c.isprintable() else " " for c in line) for line in lines)
