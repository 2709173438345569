"""What the probes saw that refuses a run or a fault: a name alone sends people to guess."""

from __future__ import annotations

from gameday.core.run.state import RunState
from gameday.core.run.steady_state import failing


def unsteady(state: RunState) -> str:
    """Each lost probe of the steady state with its error or its value: ``ok: connection refused;
    errors: 0.4 is not between 0 and 0.01``."""
    return "; ".join(_seen(state, name) for name in failing(state.tracks, state.steady_probes))


def _seen(state: RunState, name: str) -> str:
    from gameday.core.scenario.tolerance import misfit  # late: an experiment waits for no models

    wrong = state.tracks[name].wrong
    assert wrong is not None
    assert state.scenario is not None
    return f"{name}: {wrong.error or misfit(wrong.value, state.scenario.probes[name].tolerance)}"
