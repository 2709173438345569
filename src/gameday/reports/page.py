"""What all HTML pages share: one file each, printable, no request to anywhere, no script.

Everything that comes from people is escaped by the templates; only this package's own style
sheet is inlined as it is. The page's own policy forbids any request, should one slip in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from gameday.reports import wording
from gameday.reports.compiled import Compiled

_WORDING = (
    *("clock", "coded", "day", "limit", "long_day", "minute", "offset", "percent", "points"),
    *("sentence", "several", "sign", "took", "tone", "words"),
)

Filters = Mapping[str, Callable[..., Any]]


def page(template: str, filters: Filters, **values: Any) -> str:
    """A page; the same values always give the same bytes. filters: its own, beside those for
    times and words."""
    environment = _environment()
    environment.filters.update(filters)
    return wording.clean(environment.get_template(template).render(values))


Link = Callable[[object, str | None], Markup | str]


def linker(known: set[str]) -> Link:
    """Text that leads to an entry, or plain text where the log shows no such row."""

    def link(text: object, event: str | None) -> Markup | str:
        if event is None or event not in known:
            return str(text)
        return Markup('<a href="#{}">{}</a>').format(event, text)

    return link


def listing(link: Link) -> Callable[[Iterable[str | None]], Markup]:
    """Entries by their ids, each a link."""

    def links(events: Iterable[str | None]) -> Markup:
        return Markup(" ").join(link(event, event) for event in events if event)

    return links


@cache
def _environment() -> Environment:
    loader = PackageLoader("gameday.reports")
    environment = Environment(
        loader=loader,
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        bytecode_cache=Compiled(Path(__file__).with_name("templates") / "__pycache__"),
    )
    environment.filters.update({name: getattr(wording, name) for name in _WORDING})
    style, _, _ = loader.get_source(environment, "report.css")
    environment.globals["style"] = Markup(style)  # our own file: nothing of a user's is in it
    return environment
