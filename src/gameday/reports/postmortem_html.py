"""A postmortem as one HTML file."""

from __future__ import annotations

from gameday.reports.page import linker, listing, page
from gameday.reports.postmortem import ACTION_COLUMNS, PURPOSE, SECTIONS, Postmortem


def to_html(document: Postmortem) -> str:
    """A postmortem as one HTML file, like the report of a run."""
    link = linker({row.id for row in document.timeline})
    return page(
        "postmortem.html.j2",
        {},
        document=document,
        sections=SECTIONS,
        columns=ACTION_COLUMNS,
        purpose=PURPOSE,
        links=listing(link),
    )
