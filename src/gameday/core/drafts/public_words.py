"""Words that people outside have heard already: the only ones of people's that go to them again."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from gameday.core.drafts.run import Asked
from gameday.core.drafts.words import one_line, to_fill
from gameday.core.incident_process.blame import blaming
from gameday.core.process_tables.blame_table import BlameTable
from gameday.core.words import OLD_SEVERITIES, Audience, Severity, StatusPhase

_SEVERITY = re.compile(
    rf"\b(?:sev[ -]?\d|{'|'.join([*map(str, Severity), *OLD_SEVERITIES, 'P0'])})\b", re.IGNORECASE
)
_UNFIT = "what they were told last names a person or a severity, or blames"


def customer_words(run: Asked) -> str:
    """What customers were told last, else what the status page said last; a gap where that is
    nothing, or nothing that can be said outside."""
    told = run.now.told(Audience.CUSTOMERS) or run.now.told(Audience.STATUS_PAGE)
    return _fit(run, [word.fact.text for word in told], "what happened, in words for customers")


def status_words(run: Asked) -> str:
    """What the status page said last in the phase that the run has come to; a gap as above."""
    said = [text for phase, text in _posts(run) if phase is run.phase]
    return _fit(run, said, f"what the status page says of it while {run.phase}")


def _posts(run: Asked) -> Iterator[tuple[StatusPhase, str]]:
    """Every post of the status page, and the phase it was in."""
    phase = StatusPhase.INVESTIGATING
    for word in run.now.told(Audience.STATUS_PAGE):
        phase = word.fact.status or phase
        yield phase, word.fact.text


def _fit(run: Asked, said: list[str], what: str) -> str:
    """The last that was said. A log without a table of blaming words cannot tell whether they may
    be said again, so they are not."""
    text, process = one_line(said[-1]) if said else "", run.card.state.process
    if not text or process is None or process.blame is None:
        return to_fill(what)
    fit = fit_for_outside(text, run.people, process.blame)
    return text if fit else to_fill(f"{what} ({_UNFIT})")


def fit_for_outside(text: str, people: Iterable[str], blame: BlameTable) -> bool:
    """Whether a text names nobody of these people and no severity, and blames nobody."""
    people = [name for name in people if name.strip()]
    named = any(re.search(rf"(?<!\w){re.escape(n)}(?!\w)", text, re.IGNORECASE) for n in people)
    return not (named or _SEVERITY.search(text) or blaming(text, blame.wanted(people)))
