"""The system's part of a run's report as Markdown: impacts, faults, steady state, protections."""

from __future__ import annotations

from collections.abc import Iterator

from gameday.core.scorecard.fault_summary import FaultSummary
from gameday.core.scorecard.impact_summary import ImpactSummary
from gameday.core.scorecard.scorecard import Scorecard
from gameday.reports.entries import entries
from gameday.reports.markdown_text import bullets, escape, references, table
from gameday.reports.system_words import (
    READINGS,
    burn_rate,
    expected_of_system,
    kind,
    phases,
    promised,
    reading_rows,
)
from gameday.reports.wording import offset, percent, sentence, sign, took, words

Lines = Iterator[str]


def system_blocks(card: Scorecard) -> Lines:
    """All that the run says of the system, in the order of the HTML."""
    for part in (_impacts, _all_clears, _faults, _protections, _steady_state, _readings):
        yield from part(card)


def _protections(card: Scorecard) -> Lines:
    expected = expected_of_system(card)
    known = {row.id for row in entries(card)} if expected else set()  # samples are no rows
    rows = [
        (
            escape(shown.title),
            kind(shown),
            escape(shown.inject),
            took(shown.seconds),
            f"{sign(shown.verdict)} {words(shown.verdict)}",
            references(event for event in shown.events if event in known),
            escape(sentence(shown.why)),
        )
        for shown in expected
    ]
    if rows:
        yield "## Protections and alerts"
        head = ("What the system should do", "Kind", "After", "Took", "Verdict", "Entries", "Why")
        yield table(head, rows, "lllrlll")


def _steady_state(card: Scorecard) -> Lines:
    sums, budget = card.steady_state, card.system.budget
    yield "## Steady state"
    yield escape(sentence(card.scenario.steady_state.title))
    row = (
        percent(sums.availability),
        f"{sums.samples:,}",
        f"{sums.failed:,}",
        took(sums.lost_seconds),
        took(sums.longest_gap_s),
        f"{len(sums.lost_chunks):,}",
    )
    head = ("Availability", "Samples", "Failed", "Time lost", "Longest gap", "Lost chunks")
    if budget is None:
        yield table(head, [row], "rrrrrr")
        return
    promise = ("Error budget spent", "Burn rate")
    yield table((*head, *promise), [(*row, budget.spent, burn_rate(budget))], "rrrrrrrr")
    yield promised(budget)


def _readings(card: Scorecard) -> Lines:
    rows = [(escape(row.probe), escape(row.allowed), *row.cells) for row in reading_rows(card)]
    if rows:
        yield "**Readings**"
        heads = phases(card)
        yield table(("Probe", "Tolerance", *heads), rows, "ll" + "r" * len(heads))
        yield READINGS


def _impacts(card: Scorecard) -> Lines:
    yield "## Impacts"
    if card.impacts:
        rows = [_impact(card, impact) for impact in card.impacts]
        head = ("From", "To", "Lasted", "Probes", "Ended by", "Why", "Evidence")
        yield table(head, rows, "rrrllll")
    else:
        yield "Steady state was not lost at any time."
    if card.unneeded_actions:
        yield "Done while users were well:"
        yield bullets(
            f"{escape(item.by)}: {escape(item.text)} {references([item.event])}"
            for item in card.unneeded_actions
        )


def _impact(card: Scorecard, impact: ImpactSummary) -> tuple[str, ...]:
    start = f"{offset(card.offset(impact.start.at))} {references([impact.start.event])}"
    end = impact.end
    return (
        start,
        f"{offset(card.offset(end.at))} {references([end.event])}" if end else "still lost",
        took(impact.seconds),
        escape(", ".join(impact.probes)),
        words(impact.finding.attribution),
        escape(sentence(words(impact.finding.why))),
        references(impact.finding.evidence),
    )


def _all_clears(card: Scorecard) -> Lines:
    if not card.false_all_clears:
        return
    yield "## False all-clears"
    rows = [
        (
            f"{offset(card.offset(item.at))} {references([item.event])}",
            escape(item.by),
            str(item.milestone),
            escape(sentence(item.reason)),
        )
        for item in card.false_all_clears
    ]
    yield table(("Said at", "By", "Claim", "What the probes said"), rows, "rlll")


def _faults(card: Scorecard) -> Lines:
    yield "## Faults"
    if not card.faults:
        yield "No fault was injected or tried."
        return
    rows = [_fault(card, fault) for fault in card.faults]
    head = ("Fault", "Targets", "Status", "Injected", "Undone", "Late by", "Because", "Proof")
    yield table(head, rows, "lllrrrll")


def _fault(card: Scorecard, fault: FaultSummary) -> tuple[str, ...]:
    marks = [
        f"{offset(card.offset(mark.at))} {references([mark.event])}" if mark else "–"
        for mark in (fault.injected, fault.undone)
    ]
    return (
        f"**{escape(fault.id)}** {escape(fault.title)}",
        escape(", ".join(fault.targets)) or "–",
        f"{sign(fault.status)} {words(fault.status)}",
        *marks,
        "–" if fault.late_s is None else f"{fault.late_s:.3f}s",
        words(fault.cause or "–"),
        escape("; ".join(fault.proof or fault.reasons)) or "–",
    )
