"""The scorecard as GitHub Markdown, in the same order as the HTML, for issues and wikis."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial

from gameday.core.scorecard.scorecard import Scorecard
from gameday.core.trends.since_last import SinceLast
from gameday.reports.debrief_section import debrief_blocks
from gameday.reports.definitions import MEANINGS, RULES
from gameday.reports.entries import Entry, entries
from gameday.reports.markdown_text import anchor, bullets, escape, references, table
from gameday.reports.next_steps import next_steps
from gameday.reports.process_markdown import process_blocks
from gameday.reports.since_words import compared, findings
from gameday.reports.story import answers, judgements, rebooted, standing
from gameday.reports.system_markdown import system_blocks
from gameday.reports.system_words import hints
from gameday.reports.wording import (
    RECOVER,
    clean,
    clock,
    day,
    limit,
    minute,
    offset,
    points,
    sentence,
    several,
    sign,
    took,
    words,
)

Lines = Iterator[str]


def to_markdown(card: Scorecard, since: SinceLast | None = None) -> str:
    """The report of a run; the same records always give the same bytes. since: the comparison
    with the scenario's last run."""
    parts: tuple[Callable[[Scorecard], Lines], ...] = (
        *(_head, _verdicts, _next, _milestones, _times, _expectations, _score),
        *(system_blocks, _clocks, process_blocks, debrief_blocks, partial(_since, since)),
        *(_log, _scenario),
    )
    blocks = [block for part in parts for block in part(card)]
    return clean("\n\n".join(blocks) + "\n")


def _head(card: Scorecard) -> Lines:
    scenario = card.scenario
    began = "began" if card.state.started_at else "scheduled"
    yield f"# {escape(scenario.title)}"
    yield " · ".join(
        (
            str(scenario.severity),
            escape(scenario.environment),
            f"{began} {day(card.started)} {minute(card.started)} UTC",
            f"{took(card.offset(card.ended))} long",
            f"owner {escape(scenario.owner)}",
            f"run {escape(card.run_id)}",
        )
    )
    if standing(card):
        yield f"> **{standing(card)}**"
    if rebooted(card.records):
        yield "> **The host was restarted during this run: durations across that are uncertain.**"
    yield bullets(
        f"**{answer.question}:** {escape(sentence(answer.short))} {escape(answer.long)} "
        f"{references(answer.events)}"
        for answer in answers(card)
    )


def _verdicts(card: Scorecard) -> Lines:
    rows = [
        (
            judged.about,
            f"{sign(judged.verdict)} **{words(judged.verdict)}**",
            escape(" ".join(judged.reasons)) + (f" And {judged.more} more." if judged.more else ""),
        )
        for judged in judgements(card)
    ]
    total = card.score.total
    score = "not scored" if total is None else f"**{points(total)}** of 100"
    run = card.verdicts.run.verdict
    why = "" if total is None or run == "valid" else f"Of a run that is {words(run)}."
    yield table(("Verdict", "", "Why"), [*rows, ("Score", score, why)])


def _next(card: Scorecard) -> Lines:
    yield "## What to do next"
    yield "\n".join(
        f"{number}. {'**Now:** ' if step.urgent else ''}{_coded(step.text)} "
        f"{references(step.events)}".rstrip()
        for number, step in enumerate(next_steps(card), 1)
    )


def _since(since: SinceLast | None, _card: Scorecard) -> Lines:
    if since is None:
        return
    yield "## Since the last run of this scenario"
    yield escape(compared(since))
    rows = [
        (escape(words(now.name)), took(before.seconds), took(now.seconds))
        for before, now in since.times
    ]
    yield table(("Time to", "Then", "Now"), rows, "lrr")
    yield bullets(escape(sentence(line)) for line in findings(since))


def _coded(text: str) -> str:
    return f"`{RECOVER}`".join(escape(part) for part in text.split(RECOVER))


def _milestones(card: Scorecard) -> Lines:
    yield "## Timeline"
    rows = [
        (
            str(name),
            offset(card.offset(mark.at)) if mark else "not reached",
            clock(mark.at) if mark else "–",
            references([mark.event]) if mark else "–",
        )
        for name, mark in card.milestones.items()
    ]
    yield table(("Milestone", "After the start", "Wall clock, UTC", "Entry"), rows, "lrrl")
    if card.state.pauses:
        yield f"Paused {several(len(card.state.pauses), 'time')}: the clocks below stood still."


def _times(card: Scorecard) -> Lines:
    yield "## Response times"
    rows = [
        (
            escape(words(time.name)),
            took(time.seconds),
            limit(time.target.within),
            f"{sign(time.verdict)} {time.verdict}",
            f"{time.target.from_} {references([time.from_event])} → "
            f"{time.target.to} {references([time.to_event])}".replace("  ", " "),
            escape(time.why),
        )
        for time in card.times
    ]
    yield table(("Time to", "Took", "Target", "Verdict", "From → to", "Why"), rows, "lrrlll")
    if card.hints:
        yield f"{hints(card)}: {references(card.hints)}"


def _expectations(card: Scorecard) -> Lines:
    if not card.expectations:
        return
    yield "## Expectations"
    rows = [
        (
            escape(outcome.inject),
            escape(outcome.expectation.title),
            took(outcome.seconds),
            limit(outcome.expectation.within),
            f"{sign(outcome.verdict)} {outcome.verdict}",
            references([outcome.from_event, outcome.to_event]),
            escape(outcome.why),
        )
        for outcome in card.expectations
    ]
    head = ("After", "What was expected", "Took", "Within", "Verdict", "Entries", "Why")
    yield table(head, rows, "llrrlll")


def _score(card: Scorecard) -> Lines:
    if not card.score.parts:
        return
    yield "## Score"
    rows = [
        (
            escape(words(part.name)),
            points(part.points),
            points(part.max),
            escape(part.why),
            references(part.events),
        )
        for part in card.score.parts
    ]
    yield table(("For", "Points", "At most", "Rule", "Entries"), rows, "lrrll")


def _clocks(card: Scorecard) -> Lines:
    yield "## What starts and stops each clock"
    used = {name for time in card.times for name in (time.target.from_, time.target.to)}
    yield bullets(f"**{name}:** {meaning}" for name, meaning in MEANINGS.items() if name in used)
    yield " ".join(RULES)


def _log(card: Scorecard) -> Lines:
    rows = entries(card)
    yield "## Event log"
    yield f"<details><summary>{several(len(rows), 'entry', 'entries')}</summary>"
    head = ("Entry", "After start", "Wall clock, UTC", "What", "Who", "Through")
    yield table(head, (_entry(row) for row in rows), "lrrlll")
    yield "</details>"


def _entry(row: Entry) -> tuple[str, ...]:
    told = f"~~{escape(row.text)}~~ (annulled)" if row.struck else escape(row.text)
    what = f"{told} {references(row.refers)}".rstrip()
    return (anchor(row.id), row.offset, row.wall, what, escape(row.who), escape(row.channel))


def _scenario(card: Scorecard) -> Lines:
    scenario = card.scenario
    yield "## Scenario"
    yield escape(scenario.narrative)
    titled: tuple[tuple[str, Iterable[str]], ...] = (
        ("Objectives", scenario.objectives),
        ("Participants", [f"{p.name}, {words(p.role)}" for p in scenario.participants]),
        ("Blast radius", scenario.blast_radius.targets),
    )
    for title, items in titled:
        if items:
            yield f"**{title}**"
            yield bullets(map(escape, items))
