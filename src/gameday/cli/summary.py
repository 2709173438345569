"""The scorecard's summary at the terminal."""

from __future__ import annotations

import sys

from rich.console import Console
from rich.table import Table
from rich.text import Text

from gameday.core.duration import format_duration
from gameday.core.run.times import ResponseTime
from gameday.core.scorecard.scorecard import Scorecard
from gameday.core.words import RuleVerdict

_COLOURS = {
    "met": "green",
    "valid": "green",
    "held": "green",
    "recovered": "green",
    "missed": "red",
    "unsafe": "red",
    "invalid": "red",
    "not_recovered": "red",
}


def summary_table(card: Scorecard) -> None:
    """Print verdicts, times against targets, attribution and score to stdout."""
    console = Console(width=None if sys.stdout.isatty() else 100, highlight=False)
    console.print()
    console.print(Text(card.scenario.title, style="bold"))
    console.print(_verdicts(card))
    console.print(_times(card))
    console.print(_facts(card))


def _verdicts(card: Scorecard) -> Text:
    text = Text()
    for name in ("run", "system", "people"):
        verdict = getattr(card.verdicts, name).verdict
        text.append(f"{name} ", style="dim")
        text.append(f"{verdict}   ", style=f"bold {_COLOURS.get(verdict, 'yellow')}")
    total = "not scored" if card.score.total is None else f"{card.score.total:g} of 100"
    text.append("score ", style="dim").append(total, style="bold")
    return text


def _times(card: Scorecard) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for column in ("time to", "from", "took", "target", "verdict"):
        table.add_column(column, justify="right" if column in ("took", "target") else "left")
    for time in card.times:
        verdict = Text(time.verdict, style=_COLOURS.get(time.verdict, "yellow"))
        table.add_row(
            time.name,
            time.target.from_,
            _took(time),
            format_duration(time.target.within),
            verdict,
        )
    return table


def _took(time: ResponseTime) -> str:
    return "–" if time.seconds is None else f"{time.seconds:.1f}s"


def _facts(card: Scorecard) -> Text:
    finding = card.attribution
    text = Text()
    text.append("Impact ended by ", style="dim").append(finding.attribution, style="bold")
    text.append(f": {finding.why}\n")
    for item in card.false_all_clears:
        text.append(f"False all-clear by {item.by}: {item.reason}\n", style="red")
    for fault in card.faults:
        style = "green" if fault.verified else "bold red"
        state = "undone and proved" if fault.verified else str(fault.status)
        text.append(f"Fault {fault.id} ({', '.join(fault.targets)}): ", style="dim")
        text.append(f"{state}\n", style=style)
    _rules(card, text)
    if card.hints:
        text.append(f"Hints given: {len(card.hints)} ({', '.join(card.hints)})\n", style="yellow")
    for reason in card.system.reasons:
        text.append(f"system: {reason}\n", style="dim")
    for name in ("run", "people"):
        for reason in getattr(card.verdicts, name).reasons:
            text.append(f"{name}: {reason}\n", style="dim")
    text.rstrip()
    return text


def _rules(card: Scorecard, text: Text) -> None:
    """Rules of the process: how many, and those that were broken by name."""
    asked = [o for o in card.rules if o.verdict is not RuleVerdict.NOT_ASKED]
    broken = [outcome for outcome in asked if outcome.verdict is RuleVerdict.BROKEN]
    if not asked:
        return
    text.append("Process: ", style="dim")
    text.append(f"{len(asked) - len(broken)} of {len(asked)} rules kept\n")
    for outcome in broken:
        text.append(f"  ✘ {outcome.rule.title}: {outcome.why}\n", style="yellow")
