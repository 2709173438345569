"""The postmortem as GitHub Markdown, to be gone over by people and checked again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from gameday.core.drafts.words import to_fill
from gameday.reports.entries import Entry
from gameday.reports.markdown_text import anchor, bullets, escape, references, table
from gameday.reports.postmortem import ACTION_COLUMNS, PURPOSE, SECTIONS, Postmortem
from gameday.reports.postmortem_findings import Finding
from gameday.reports.wording import clean, percent

Lines = Iterator[str]


def to_markdown(document: Postmortem) -> str:
    """The whole document; the same postmortem always gives the same bytes."""
    blocks = [f"# EXERCISE postmortem: {escape(document.title)}", *_head(document)]
    for key, heading in SECTIONS.items():
        blocks += [f"## {heading}", *_PARTS[key](document)]
    return clean("\n\n".join(blocks) + "\n")


def _head(document: Postmortem) -> Lines:
    yield f"> {PURPOSE}"
    yield bullets(f"**{name}:** {escape(value)}" for name, value in document.facts)


def _summary(document: Postmortem) -> Lines:
    yield "\n".join(escape(line) for line in document.summary)


def _impact(document: Postmortem) -> Lines:
    yield bullets(f"**{name}:** {escape(value)}" for name, value in document.impact)
    if document.probes:
        rows = [
            (
                escape(probe.probe),
                f"{probe.samples:,}",
                f"{probe.failed:,}",
                percent(probe.share),
                "–" if probe.worst_ms is None else f"{probe.worst_ms:,.0f} ms",
            )
            for probe in document.probes
        ]
        yield "While users were hurt:"
        yield table(("Probe", "Readings", "Failed", "Share", "Slowest"), rows, "lrrrr")


def _timeline(document: Postmortem) -> Lines:
    head = ("Time, UTC", "After start", "What happened", "Entry")
    yield table(head, map(_row, document.timeline), "rrll")


def _row(row: Entry) -> Sequence[str]:
    told = f"~~{escape(row.text)}~~ (struck out)" if row.struck else escape(row.text)
    return (row.wall, row.offset, told, anchor(row.id))


def _whys(document: Postmortem) -> Lines:
    yield "\n".join(
        f"{number}. **{why.question}** {escape(why.answer)} {references(why.events)}".rstrip()
        for number, why in enumerate(document.whys, 1)
    )


def _findings(items: Sequence[Finding]) -> Lines:
    yield bullets(f"{escape(item.text)} {references(item.events)}".rstrip() for item in items)


def _actions(document: Postmortem) -> Lines:
    rows = [
        (
            *map(escape, (item.title, item.owner, item.priority, item.due, item.status)),
            references(item.events) or "–",
        )
        for item in document.actions
    ]
    gap = (to_fill("what is to be done"), *[""] * (len(ACTION_COLUMNS) - 1))
    yield table(ACTION_COLUMNS, rows or [gap])


def _lessons(document: Postmortem) -> Lines:
    yield bullets(map(escape, document.lessons))


def _evidence(document: Postmortem) -> Lines:
    yield "Entries (`e12`) are rows of the timeline above. The whole log:"
    yield bullets(f"`{command}`" for command in document.evidence)


_PARTS: dict[str, Callable[[Postmortem], Lines]] = {
    "summary": _summary,
    "impact": _impact,
    "timeline": _timeline,
    "whys": _whys,
    "factors": lambda document: _findings(document.factors),
    "well": lambda document: _findings(document.well),
    "badly": lambda document: _findings(document.badly),
    "luck": lambda document: _findings(document.luck),
    "actions": _actions,
    "lessons": _lessons,
    "evidence": _evidence,
}
