"""How it stands with an incident, for texts about it: who holds what, what is suspected, what was
approved, what those outside were told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from gameday.core.incident_process.account import Account, Word
from gameday.core.instant import seconds_between
from gameday.core.log import events as e
from gameday.core.words import Audience, HypothesisVerdict, Role, StatusPhase


@dataclass(frozen=True)
class Standing:
    """What people said, asked for what holds now."""

    account: Account

    @cached_property
    def holders(self) -> Mapping[Role, str]:
        """Who holds each role: whoever got it last, else who came with it."""
        scenario = self.account.state.scenario
        came = reversed(scenario.participants if scenario else [])  # of several, the first
        held = {person.role: person.name for person in came}
        for word in self.account.said:
            if isinstance(word.fact, (e.RoleAssigned, e.RoleHandedOver)):
                held[word.fact.role] = word.fact.holder
        return held

    @cached_property
    def verdicts(self) -> Mapping[str, HypothesisVerdict]:
        """What the tests said, by the hypothesis's entry; the last word counts."""
        judged: dict[str, HypothesisVerdict] = {}
        newest = ""
        for word in self.account.said:
            if isinstance(word.fact, e.HypothesisStated):
                newest = word.entry
            elif isinstance(word.fact, e.HypothesisJudged):
                judged[word.fact.entry or newest] = word.fact.verdict
        return judged

    @cached_property
    def hypothesis(self) -> Word[e.HypothesisStated] | None:
        """The newest that was confirmed, else the newest that was not refuted."""
        stated = self.account.all(e.HypothesisStated)
        for wanted in (HypothesisVerdict.CONFIRMED, None):
            for word in reversed(stated):
                if self.verdicts.get(word.entry) is wanted:
                    return word
        return None

    @cached_property
    def approved(self) -> Word[e.MitigationProposed] | None:
        """The proposal that was approved last."""
        approval = self.account.last(e.MitigationApproved)
        if approval is None:
            return None
        proposals = self.account.all(e.MitigationProposed)
        if approval.fact.entry:
            named = [word for word in proposals if word.entry == approval.fact.entry]
            return named[-1] if named else None
        before = [word for word in proposals if seconds_between(word.at, approval.at) >= 0]
        return before[-1] if before else None

    def told(self, audience: Audience) -> list[Word[e.Communicated]]:
        """The messages that went to an audience."""
        return [one for one in self.account.all(e.Communicated) if one.fact.audience is audience]

    @cached_property
    def status(self) -> StatusPhase | None:
        """What the status page was last said to show."""
        said = [word.fact.status for word in self.account.all(e.Communicated) if word.fact.status]
        return said[-1] if said else None
