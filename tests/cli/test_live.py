"""The live view of a run, over a whole drill: every line, and the status below them."""

from __future__ import annotations

import io

from rich.console import Console
from rich.live import Live

from gameday.cli.live import GAME_DAY, RichView
from gameday.core.instant import Instant
from gameday.core.log import events as e
from gameday.core.run.evolve import evolve, fold
from tests.engine.drill import RUN
from tests.engine.process_drills import played


def test_a_view_that_joins_late_shows_phase_and_duties() -> None:
    """A notifier of the conductor hears nothing of how the run was scheduled."""
    text = io.StringIO()
    console = Console(file=text, width=80, height=24, force_terminal=True)
    records = played("broken/rollback-debate.yaml").records
    now = records[0].at
    view = RichView(console, Live(console=console), GAME_DAY, lambda: now)
    state = fold(RUN, [])
    view.follow(lambda: state)
    seen: list[str] = []
    for number, record in enumerate(records):
        state, now = evolve(state, record), record.at
        if number < 2:
            continue
        view.show(record)
        status = str(view.__rich__())
        assert len(status.splitlines()) <= 3
        seen.append(status)
    shown = text.getvalue()
    assert "declared SEV1" in shown
    assert "MITIGATION" not in shown
    assert any("▷ Mitigation" in status and "OVER" in status for status in seen)
    assert any("⏰ in 0:" in status and "update the team (comms lead)" in status for status in seen)


def test_before_anything_is_known_of_the_run_nothing_is_said_of_it() -> None:
    console = Console(file=io.StringIO(), width=80, force_terminal=True)
    now = Instant(0.0, 0, "b")
    view = RichView(console, Live(console=console), GAME_DAY, lambda: now)
    view.show(next(r for r in played("kept.yaml").records if isinstance(r.event, e.RunStarted)))
    assert "⏰" not in str(view.__rich__())
