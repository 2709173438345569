"""One fault going in: intent on disk, limits checked, then the method, then what came of it."""

from __future__ import annotations

from gameday.core.errors import WorkerFailure
from gameday.core.instant import Instant
from gameday.core.run.commands import (
    IntendFault,
    RefuseFault,
    ReportInjected,
    ReportInjectionFailed,
)
from gameday.core.run.state import FaultStatus
from gameday.engine.ports import Experiment, ExperimentOrder, Injection, Intent
from gameday.engine.stream import RunStream


async def inject_fault(
    order: ExperimentOrder, experiment: Experiment, stream: RunStream, planned: Instant | None
) -> Injection | None:
    """Run an armed experiment's method under the ledger; None when it was not allowed to run.

    The order is the promise: the inverse and the prior state are durable before anything
    touches a target, and what may have been applied counts as applied.
    """
    intent = await _intent(order, experiment, stream)
    if intent is None or not await _intend(order, intent, stream, planned):
        await experiment.kill()
        return None
    try:
        injection = await experiment.inject()
    except WorkerFailure as failure:
        injection = Injection(None, stream.clock.now(), reason=str(failure), interrupted=True)
    # The run may have ended meanwhile. A full disk must not end it here, with the fault in.
    await stream.try_record_undo(_report(order, injection))
    return injection


async def _intent(
    order: ExperimentOrder, experiment: Experiment, stream: RunStream
) -> Intent | None:
    try:
        return await experiment.intent()
    except WorkerFailure as failure:
        await stream.try_execute(RefuseFault(order.fault, str(failure)))
        return None


async def _intend(
    order: ExperimentOrder, intent: Intent, stream: RunStream, planned: Instant | None
) -> bool:
    """True once the intent is on disk; False when a limit or the run's phase says no."""
    command = IntendFault(
        order.fault, order.path, intent.title, intent.targets, intent.undo, planned
    )
    if not await stream.try_execute(command):
        return False
    return stream.state.faults[order.fault].status is FaultStatus.INTENDED


def _report(order: ExperimentOrder, injection: Injection) -> ReportInjected | ReportInjectionFailed:
    if injection.reason or injection.began is None:
        reason = injection.reason or "the method has no action: nothing was injected"
        return ReportInjectionFailed(order.fault, reason, order.journal, injection.began)
    return ReportInjected(
        order.fault,
        injection.began,
        injection.finished,
        order.journal,
        injection.deviated,
    )
