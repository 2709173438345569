"""The incident process as Markdown: a part of a run's report."""

from __future__ import annotations

from collections.abc import Iterator

from gameday.core.run.milestones import Mark
from gameday.core.scorecard.scorecard import Scorecard
from gameday.reports.markdown_text import bullets, escape, references, table
from gameday.reports.process_section import (
    ProcessSection,
    audience,
    paced,
    process_section,
    window,
)
from gameday.reports.wording import offset, sentence, sign, took, words


def process_blocks(card: Scorecard) -> Iterator[str]:
    """Rules, roles and messages; nothing where the run was held against no process."""
    section = process_section(card)
    if section is None:
        return
    yield "## Incident process"
    yield paced(section)
    yield from _phases(card, section)
    if section.broken:
        rows = [
            (
                f"✘ {escape(outcome.rule.title)}",
                escape(sentence(outcome.why)),
                references(outcome.events),
                escape(sentence(outcome.rule.why)),
            )
            for outcome in section.broken
        ]
        yield table(("Rule broken", "What was seen", "Entries", "Why it is a rule"), rows)
    if section.kept:
        yield "**Rules kept**"
        yield bullets(
            f"✔ {escape(o.rule.title)} {references(o.events[:3])}".rstrip() for o in section.kept
        )
    if section.not_asked:
        titles = "; ".join(escape(outcome.rule.title) for outcome in section.not_asked)
        yield f"Not asked for in this run: {titles}."
    if section.roles:
        yield table(
            ("Role", "Held by", "From", "Until"),
            [
                (
                    words(held.role),
                    escape(held.tenure.holder),
                    offset(card.offset(held.tenure.since)),
                    offset(card.offset(held.tenure.until)) if held.tenure.until else "the end",
                )
                for held in section.roles
            ],
            "llrr",
        )
    if section.messages:
        yield table(
            ("After the start", "To", "By", "Text", "Entry"),
            [
                (
                    offset(card.offset(word.at)),
                    audience(word),
                    escape(word.fact.by),
                    escape(word.fact.text),
                    references([word.entry]),
                )
                for word in section.messages
            ],
            "rllll",
        )


def _phases(card: Scorecard, section: ProcessSection) -> Iterator[str]:
    if not section.phases:
        return
    rows = [
        (
            escape(time.phase.title),
            _moment(card, time.begun),
            _moment(card, time.ended),
            took(time.seconds),
            window(time),
            f"{sign(time.verdict)} {words(time.verdict)}",
            escape(sentence(time.why)),
        )
        for time in section.phases
    ]
    yield table(("Phase", "Began", "Ended", "Took", "Window", "Verdict", "Why"), rows, "lrrrrll")


def _moment(card: Scorecard, mark: Mark | None) -> str:
    return f"{offset(card.offset(mark.at))} {references([mark.event])}" if mark else "–"
