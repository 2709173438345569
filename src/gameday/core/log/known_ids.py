"""Ids that people's words name: those of the process they are said under, told from misspelt ones.

What somebody did is never lost for want of a name: an option that the matrix lacks can have been
proposed (its rule judges that), and what was followed up can be an action item of another run. So
of those two only what is nearly an id, and is none, is a mistake.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from gameday.core.log import facts as f
from gameday.core.words import Response

_NEAR = 0.85
_OF_A_SCENARIO = re.compile(r"(criterion|debrief)-[0-9]+")

NAMED: Mapping[type[f.ResponderFact], str] = {
    f.MitigationProposed: "option",
    f.DebriefAnswered: "question",
    f.FollowUpRecorded: "item",
    f.PatternObserved: "rule",
}
"""Which field of a fact is an id of the process."""

NAMED_BY: Mapping[Response, str] = {
    Response.PROPOSE: "option",
    Response.DEBRIEF: "question",
    Response.FOLLOWUP: "item",
    Response.OBSERVE: "rule",
}
"""The same of a word in a script."""

_CALLED: Mapping[str, str] = {
    "option": "option of the mitigation matrix",
    "question": "question of the debrief",
    "item": "follow-up or action item",
    "rule": "rule",
}


@dataclass(frozen=True, slots=True)
class KnownIds:
    """Ids by field; none where nobody knows them: then any word is taken.

    any_scenario: it is not known of which, so its own questions may be any.
    """

    options: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()
    items: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    any_scenario: bool = False

    def of(self, field: str) -> tuple[str, ...]:
        """Those of one field."""
        by_field = {"option": self.options, "question": self.questions, "item": self.items}
        return by_field.get(field, self.rules)


@dataclass(frozen=True, slots=True)
class Mistaken:
    """what: no such thing is named so. hint: what is, or what is nearest."""

    what: str
    hint: str


def mistaken(
    field: str, value: str, ids: KnownIds, titles: Collection[str] = ()
) -> Mistaken | None:
    """What is wrong with an id; None where it is right, or can be meant. titles: of the action
    items that are known."""
    known = ids.of(field)
    word = value.removeprefix("debrief.") if field == "question" else value
    if not known or word in known or word in titles or (ids.any_scenario and _own(field, word)):
        return None
    near = difflib.get_close_matches(word, known, n=1, cutoff=_NEAR)
    if field in ("option", "item") and not near:
        return None
    hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(known)}"
    return Mistaken(f"no {_CALLED[field]} is named {value!r}", hint)


def _own(field: str, word: str) -> bool:
    return field == "question" and _OF_A_SCENARIO.fullmatch(word) is not None
