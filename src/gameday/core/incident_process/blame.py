"""Words that blame a person, with a wording about the system for each.

A review that looks for a culprit finds one and learns nothing, so the texts of an incident speak
of what happened and of what let it happen. Each pattern below looks for a *person* as the subject
or for a word that only judges persons: "the release broke checkout" and "the probe failed" are
plain facts and stay. What is listed is what is found; a text can be unkind in other words.

| kind                | example                             | better                             |
|---------------------|-------------------------------------|------------------------------------|
| a culprit is sought | "Who deployed this?"                | what let the change through        |
| fault is assigned   | "it was bob's fault", "is to blame" | what made it possible              |
| hindsight           | "she should have known"             | what was known at the time         |
| a person judged     | "careless", "rookie mistake"        | what made the slip easy            |
| a person's failure  | "bob broke it", "@bob forgot"       | what happened, and what allowed it |
| human error         | "human error"                       | what the interface lacked          |
| an interrogation    | "how could you", "why didn't you"   | what was seen, and suggested       |
| punishment          | "heads will roll"                   | what will be changed               |
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

_PEOPLE = (
    r"@[\w.-]*\w|he|she|you|somebody|someone|whoever|the on-?call|the (?:on-?call |other )?"
    r"(?:engineer|developer|operator|admin|administrator|reviewer|author|intern|commander)"
)
_FAILED = (
    r"(?:forgot|failed(?!(?: \w+){0,4} over\b)|missed|ignored|neglected|overlooked"
    r"|misconfigured|misread|panicked|caused|mishandled|broke(?! down| (?:the )?glass)"
    r"|(?:did not|didn['’]t) (?:even )?"
    r"(?:check|notice|look|test|read|bother|think|ask|follow|pay attention))\b"
)
_SEEN = (
    r"(?:noticed|checked|seen|caught|tested|realised|realized|read|asked|looked|thought"
    r"|been more careful|paid attention|done (?:it|this|that|better))"
)
_FAULT = r"(?:own )?(?:fault|mistake|blunder)\b(?! (?:injection|tree|tolerance|domain|proxy))"
_START = r"(?<![\w@])"
_ASKING = r"(?:^|(?<=[.!?:;,(\"“”'‘>|*-])|(?<=find out)|(?<=know)|(?<=wonder)|(?<=tell me))\W?"


@dataclass(frozen=True, slots=True)
class Blame:
    """A blaming phrase of a text. start, end: where, in characters. instead: what to write."""

    start: int
    end: int
    phrase: str
    instead: str


@dataclass(frozen=True, slots=True)
class Pattern:
    """A regular expression, whatever the capitals, and what to write instead. What its group
    ``said`` holds is the phrase, where it has one."""

    regex: str
    instead: str


_HAPPENED = "say what happened and what allowed it, without a person"
_MADE_POSSIBLE = "name the conditions that made it possible"
_AT_THE_TIME = "say what was seen at the time, and what it suggested"
PATTERNS: tuple[Pattern, ...] = (
    Pattern(
        rf"{_ASKING}(?P<said>who (?:the hell |on earth )?"
        r"(?:deployed|pushed|merged|released|changed)\b)",
        "ask what let the change through, and how it showed",
    ),
    Pattern(r"\bwho (?:the hell |on earth )?(?:broke|screwed|messed|ruined)\b", _HAPPENED),
    Pattern(
        r"\bwho(?:['’]s| is| was) (?:to blame|at fault|responsible for (?:this|that|the) "
        r"(?:mess|outage|failure|disaster|bug|breakage))\b",
        "ask what contributed to it",
    ),
    Pattern(
        r"\b(?:it['’]s|it is|it was|this is|this was|that was|all|entirely|clearly) "
        rf"(?!(?:today|yesterday|drill|run)['’])(?:[\w.-]+['’]s|my|their) {_FAULT}",
        _MADE_POSSIBLE,
    ),
    Pattern(rf"\b(?:your|his|her) {_FAULT}", _MADE_POSSIBLE),
    Pattern(
        r"(?<!nobody )(?<!no one )\b(?:is|are|am|was|were) to blame\b"
        r"|\bblam(?:e|es|ed|ing) (?:him|her|them|you|@\w+)\b",
        "say what contributed to it",
    ),
    Pattern(r"\bshould(?: really| simply)?(?:n['’]t| not)? have known\b", _AT_THE_TIME),
    Pattern(rf"{_START}(?:{_PEOPLE}|they)(?: really| simply)? should have {_SEEN}\b", _AT_THE_TIME),
    Pattern(
        r"\b(?:careless(?:ly|ness)?|negligen(?:t|tly|ce)|sloppy|sloppiness|reckless(?:ly|ness)?"
        r"|incompeten(?:t|tly|ce)|irresponsibl[ey])\b",
        "say what made the slip easy to make and hard to see",
    ),
    Pattern(
        r"\b(?:stupid(?:ly|ity)?|idiot(?:ic|s)?|morons?|clueless|foolish(?:ly)?"
        r"|dumb(?! (?:terminal|pipe)))\b",
        "say what happened, and leave the judgement out",
    ),
    Pattern(r"\b(?:rookie|amateur|beginner['’]s) (?:mistake|error|move)s?\b", _HAPPENED),
    Pattern(
        r"\b(?:human|pilot|operator|engineer) error\b(?! (?:rate|budget|log|count|message))",
        "say what the interface or the process did not guard against",
    ),
    Pattern(
        r"\b(?:screwed|messed|fucked) (?:it |this |that |things )?up\b"
        r"|\bbotched\b|\bdropped the ball\b|\basleep at the wheel\b",
        _HAPPENED,
    ),
    Pattern(
        r"\blet (?:us|everyone|the team) down\b|\b(?:couldn['’]t|could not|can['’]t|cannot) be "
        r"bothered\b|\b(?:nobody|no one) (?:even )?bothered\b",
        "say what was going on, and what the process asked for",
    ),
    Pattern(
        r"\bhow could (?:you|he|she|they|anyone|anybody|someone)\b"
        r"|\bwhat (?:were|was) (?:you|he|she|they) thinking\b"
        r"|\bwhy (?:did|didn['’]t|have|haven['’]t|has|hasn['’]t) (?:you|he|she|@\w+)\b",
        _AT_THE_TIME,
    ),
    Pattern(r"\bif only (?:you|he|she|they|someone|@\w+)\b", _AT_THE_TIME),
    Pattern(
        r"\bheads (?:will|must|should) roll\b"
        r"|\b(?:should|must|will) be (?:fired|punished|disciplined)\b",
        "say what will be changed",
    ),
    Pattern(r"\b(?:this|that) is (?:simply |totally )?unacceptable\b", "say what users felt"),
    Pattern(rf"{_START}(?:{_PEOPLE}) (?:has |have |had )?{_FAILED}", _HAPPENED),
    Pattern(r"\bthey broke (?:it|this|prod|production|the build|everything)\b", _HAPPENED),
)
"""In the order in which they are tried; of phrases that overlap the earlier pattern's is told."""


def blaming(text: str, names: Iterable[str] = ()) -> tuple[Blame, ...]:
    """The blaming phrases of a text, in order, none within another. names: of people who took
    part, so that "alice broke it" is found as "she broke it" is."""
    found: list[Blame] = []
    for pattern, instead in (*_COMPILED, *_about(names)):
        for match in pattern.finditer(text):
            start, end = match.span("said" if "said" in pattern.groupindex else 0)
            if all(end <= one.start or one.end <= start for one in found):
                found.append(Blame(start, end, text[start:end], instead))
    return tuple(sorted(found, key=lambda one: one.start))


def _compiled(pattern: Pattern) -> tuple[re.Pattern[str], str]:
    return re.compile(pattern.regex, re.IGNORECASE | re.MULTILINE), pattern.instead


_COMPILED = tuple(map(_compiled, PATTERNS))


def _about(names: Iterable[str]) -> Iterator[tuple[re.Pattern[str], str]]:
    """Patterns of the people who took part."""
    people = "|".join(re.escape(name) for name in names if name)
    if people:
        yield _compiled(Pattern(rf"{_START}(?:{people}) (?:has |had )?{_FAILED}", _HAPPENED))
        yield _compiled(Pattern(rf"{_START}(?:{people})['’]s? {_FAULT}", _MADE_POSSIBLE))
        yield _compiled(Pattern(rf"\bblam(?:e|es|ed|ing) (?:{people})\b", _MADE_POSSIBLE))
