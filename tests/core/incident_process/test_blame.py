"""Blaming phrases: those that blame a person are found, and plain facts are left alone."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gameday.adapters.incident_process.tables import PACKAGED, load_table
from gameday.core.errors import InvalidFile
from gameday.core.incident_process.blame import blaming as blaming_by
from gameday.core.process_tables.blame_table import BlameTable
from tests.packaged_blame import TABLE, blaming

PATTERNS = (*TABLE.patterns, *TABLE.about)
NAMES = ("alice", "bob")
BLAMING = {
    "Who deployed this broken code?": "Who deployed",
    "We must find out who pushed that.": "who pushed",
    "I want to know who broke production": "who broke",
    "Who is responsible for this mess?": "Who is responsible for this mess",
    "It was carol's fault.": "It was carol's fault",
    "That one is your mistake.": "your mistake",
    "The release manager is to blame": "is to blame",
    "Everybody blamed him for it.": "blamed him",
    "The team should have known.": "should have known",
    "She should have noticed the graph": "She should have noticed",
    "That was careless.": "careless",
    "a stupid change": "stupid",
    "a rookie mistake in the config": "rookie mistake",
    "Root cause: human error": "human error",
    "He really messed it up this time": "messed it up",
    "The on-call dropped the ball": "dropped the ball",
    "Nobody bothered to look": "Nobody bothered",
    "How could you miss that?": "How could you",
    "Why didn't you roll back?": "Why didn't you",
    "If only he had asked.": "If only he",
    "Heads will roll.": "Heads will roll",
    "This is unacceptable!": "This is unacceptable",
    "@dave broke it again": "@dave broke",
    "the engineer didn’t check the pool": "the engineer didn’t check",
    "they broke the build": "they broke the build",
    "bob forgot the flag": "bob forgot",
    "everything here is alice's fault": "alice's fault",
    "why not just blame Bob": "blame Bob",
}
HARMLESS = (
    "The release at 10:02 broke checkout for every user.",
    "The probe failed 12 times in a row.",
    "alice failed over the database to the replica at 10:07.",
    "bob failed the primary over, and latency fell.",
    "The network's fault was injected at 10:00 and undone at 10:09.",
    "This is today's fault: payments answer slowly.",
    "It was the cache that ran full, and no alert covered it.",
    "The alert should have fired within a minute; its threshold was too high.",
    "User error rate rose to 12 %; the operator error budget is spent.",
    "Who deploys on Fridays is decided by the release calendar.",
    "The person who deployed the change rolled it back.",
    "Who is responsible for the status page from 10:20 on? Carol is.",
    "We blamelessly walked through the timeline.",
    "Nobody is to blame; the guard rail was missing.",
    "Why did the pool fill? Connections were not closed on errors.",
    "The runbook did not name the flag, so it stayed on.",
    "alice handed the command over to bob at 10:30.",
    "bob broke the glass to get at the emergency account.",
    "A human approved the rollback within a minute.",
    "How could the dashboard show this earlier?",
    "alice detected it 38 s after users were first hurt.",
    "The retry storm was caused by a time-out that was too short.",
    "Negligible load, foolproof rollback, lazy loading.",
    "Ask the on-call engineer to join the room.",
    "They looked at the logs, and the hypothesis was refuted.",
)


@pytest.mark.parametrize(("text", "phrase"), BLAMING.items())
def test_blame_is_found_where_it_stands(text: str, phrase: str) -> None:
    (found,) = blaming(text, NAMES)
    assert found.phrase == phrase == text[found.start : found.end]
    assert found.instead


@pytest.mark.parametrize("text", HARMLESS)
def test_plain_sentences_are_left_alone(text: str) -> None:
    assert blaming(text, NAMES) == ()


def test_every_pattern_is_shown_to_find_something() -> None:
    said = " \n".join(BLAMING)
    alone = [pattern for pattern in PATTERNS if not _finds(pattern.instead, said)]
    assert alone == []


def _finds(instead: str, text: str) -> bool:
    return instead in {one.instead for one in blaming(text)}


def test_what_is_suggested_blames_nobody() -> None:
    assert [p.instead for p in PATTERNS if blaming(p.instead, NAMES)] == []


def test_names_are_only_known_where_they_are_given() -> None:
    assert blaming("bob forgot the flag") == ()
    assert blaming("Bob forgot the flag", ["bob"])
    assert blaming("x.y forgot", ["x+y"]) == ()  # a name is no pattern


def test_in_order_and_none_within_another() -> None:
    text = "Stupid! Who deployed this?\nIt was bob's fault, he should have known."
    found = blaming(text, NAMES)
    assert [one.phrase for one in found] == [
        *("Stupid", "Who deployed", "It was bob's fault", "should have known")
    ]
    assert all(a.end <= b.start for a, b in pairwise(found))


@given(st.lists(st.sampled_from([*BLAMING, *HARMLESS, "", "\n", "@", "is "]), max_size=4))
def test_texts_without_a_phrase_are_passed_over_and_no_others(parts: list[str]) -> None:
    """What most texts are told by (a search that finds nothing) changes nothing that is found."""
    text = " ".join(parts)
    wanted = TABLE.wanted(NAMES)
    told = [
        match.span("said" if "said" in pattern.groupindex else 0)
        for pattern, _ in wanted
        for match in pattern.finditer(text)
    ]
    found = blaming(text, NAMES)
    assert {(one.start, one.end) for one in found} <= set(told)
    assert all(
        any(one.start < end and start < one.end for one in found)  # itself, or what it overlaps
        for start, end in told
    )


# --- a team's own --------------------------------------------------------------------------


OWN = """
parts: {who: "(?:he|she)"}
patterns: [{find: '${who} pressed the wrong button', instead: say what the button did}]
about: [{find: 'typical (?:${names})', instead: say what happened}]
"""


def own(directory: Path, text: str) -> BlameTable:
    (directory / "blame.yaml").write_text(text, encoding="utf-8")
    return load_table("blame", BlameTable, directory)


def test_a_teams_own_words_stand_for_the_packaged(tmp_path: Path) -> None:
    table = own(tmp_path, OWN)
    text = "She pressed the wrong button. Typical Bob! That was careless."
    found = blaming_by(text, table.wanted(NAMES))
    assert [one.phrase for one in found] == ["She pressed the wrong button", "Typical Bob"]
    assert [one.phrase for one in blaming(text, NAMES)] == ["careless"]
    assert BlameTable.model_validate(table.model_dump(mode="json")) == table


@pytest.mark.parametrize(
    ("now", "then", "told"),
    [
        ("${who} pressed", "(pressed", "is no regular expression"),
        ("${who} pressed", "${whom} pressed", "parts that are not there: whom; parts: who"),
        ("${who} pressed the wrong button", "(?:oops)?", "finds an empty text"),
        ("typical (?:${names})", "typical", "is about nobody"),
        ("{who:", "{names:", "parts: names stands for"),
    ],
)
def test_what_would_find_nothing_or_everything_is_placed(
    tmp_path: Path, now: str, then: str, told: str
) -> None:
    with pytest.raises(InvalidFile, match=r"blame\.yaml:\d+:\d+: ") as caught:
        own(tmp_path, OWN.replace(now, then))
    assert told in str(caught.value)


def test_no_pattern_of_the_packaged_table_is_in_the_code() -> None:
    """The table is the one place: without a line of it the phrase is found no more."""
    text = (PACKAGED / "blame.yaml").read_text(encoding="utf-8")
    fewer = BlameTable.model_validate(
        {**TABLE.model_dump(), "patterns": [p for p in TABLE.patterns if "careless" not in p.find]}
    )
    assert "careless" in text
    assert blaming("That was careless.")
    assert not blaming_by("That was careless.", fewer.wanted())
