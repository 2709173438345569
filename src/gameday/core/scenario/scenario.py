"""The scenario: what a game day file says. Pydantic, because untrusted text enters here.

Strings may hold ``${name}`` from ``configuration`` and ``${secrets.name}``; the former are
substituted when a run is planned, the latter only where they are used, so that no secret
ever reaches the event log.

Modules of models that every game day needs, here and in :mod:`gameday.core.process_tables`, do
without ``from __future__ import annotations``: Pydantic would have to compile each annotation from
its text again, at every start of the program.
"""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import Field, field_validator, model_validator

from gameday.core.duration import format_duration
from gameday.core.ids import Level
from gameday.core.model import Duration, Model, Name, Text
from gameday.core.scenario.cards import Cards, dealt
from gameday.core.scenario.impact import Impact
from gameday.core.scenario.inject import Hold, Inject
from gameday.core.scenario.probes import Probe, SteadyState, StoryProbe
from gameday.core.scenario.service_level import ServiceLevel
from gameday.core.scenario.situation import Situation
from gameday.core.words import Expects, Milestone, Role

# --- people and timeline --------------------------------------------------------------


class Participant(Model):
    """A person who takes part."""

    name: Name
    role: Role


class Target(Model):
    """A time limit between two milestones."""

    from_: Milestone = Field(alias="from")
    to: Milestone
    within: Annotated[Duration, Field(gt=0)]

    @model_validator(mode="after")
    def _two_ends(self) -> Self:
        if self.from_ == self.to:
            raise ValueError(f"from and to are both {self.to}")
        return self


def _target(from_: Milestone, to: Milestone, within: str) -> Target:
    return Target.model_validate({"from": from_, "to": to, "within": within})


DEFAULT_TARGETS: Mapping[str, Target] = {
    "detect": _target(Milestone.IMPACTED, Milestone.DETECTED, "5m"),
    "acknowledge": _target(Milestone.DETECTED, Milestone.ACKNOWLEDGED, "5m"),
    "declare": _target(Milestone.IMPACTED, Milestone.DECLARED, "10m"),
    "triage": _target(Milestone.IMPACTED, Milestone.TRIAGED, "10m"),
    "mitigate": _target(Milestone.IMPACTED, Milestone.MITIGATED, "30m"),
    "resolve": _target(Milestone.IMPACTED, Milestone.RESOLVED, "4h"),
}
"""Detect 5, acknowledge 5, triage 10, mitigate 30 minutes, resolve 4 hours: the incident
process's own break-down of MTTR. Declaring ends its response phase (minutes 5 to 10)."""


class AbortCondition(Model):
    """Stops the run and rolls back, by itself, also while the exercise is paused."""

    probe: Name | None = None
    fails_for: Annotated[Duration, Field(gt=0)] | None = None
    steady_state_lost_for: Annotated[Duration, Field(gt=0)] | None = None

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        probe_kind = self.probe is not None and self.fails_for is not None
        if probe_kind == (self.steady_state_lost_for is not None):
            raise ValueError("say either probe and fails_for, or steady_state_lost_for")
        return self


class BlastRadius(Model):
    """What may be touched: names of targets (``*`` matches), and how many at once."""

    targets: Annotated[list[Text], Field(min_length=1)]
    max_targets: int = Field(1, ge=1)


class Verification(Model):
    """How long probes must be clean before words count.

    before: steady state must hold so long before the start, or the run is refused.
    settle: after a claim, the time the probes have to agree before it is a false all-clear.
    mitigated: clean time after which the mitigation is verified.
    resolved: clean time after which the resolution is verified.
    after: clean time that proves the steady state again after the last undo.
    recover_within: how long we wait for that.
    """

    before: Annotated[Duration, Field(ge=0)] = 30.0
    settle: Annotated[Duration, Field(ge=0)] = 10.0
    mitigated: Annotated[Duration, Field(ge=0)] = 300.0
    resolved: Annotated[Duration, Field(ge=0)] = 60.0
    after: Annotated[Duration, Field(ge=0)] = 30.0
    recover_within: Annotated[Duration, Field(gt=0)] = 300.0


class KubernetesSignals(Model):
    """A namespace in which people's deeds are seen: rollouts and their undo, scaling, a Service
    that leads elsewhere. Nobody has to type them."""

    type: Literal["kubernetes"]
    context: Text
    api_server: Text
    namespace: Text
    interval: Annotated[Duration, Field(ge=0.2, le=60)] = 1.0


class Variable(Model):
    """A value from the environment, as in Chaos Toolkit."""

    type: Literal["env"]
    key: Text
    default: str | None = None


class Secret(Model):
    """A reference to a secret; its value is read where it is used and stored nowhere."""

    type: Literal["env"]
    key: Text


TABLETOP: Mapping[str, Any] = {
    "probes": {"users": {"type": "story"}},
    "steady_state": {"title": "Users are well, as the story goes", "probes": ["users"]},
    "blast_radius": {"targets": ["story/*"], "max_targets": 100},
    "verification": {"before": "3s"},
}
"""What a tabletop need not say: nothing is measured, and nothing is touched."""


class Scenario(Model):
    """One game day file.

    mode: a drill breaks something; a tabletop tells a story, for teams that may not yet.
    cards: injects that are drawn by a seed.
    impact: what is true of the incident while users are hurt; by it the declared severity and
    the duty to declare are judged. situation: what is true of the ways to mitigate it.
    pace: factor on every time of the incident process, so that a short drill exercises a long one.
    process: values of the incident process's policy that are other here; false: a drill of the
    system alone, held against no process.
    slo: the promise that error budget and burn rate are counted by; without it none is claimed.
    """

    title: Text
    mode: Literal["drill", "tabletop"] = "drill"
    narrative: Text
    owner: Text
    severity: Level
    environment: Name
    services: list[Name] = []
    objectives: Annotated[list[Text], Field(min_length=1)]
    participants: list[Participant] = []
    impact: Impact = Impact()
    situation: Situation = Situation()
    pace: float = Field(1.0, gt=0, le=10)
    process: Mapping[str, Any] | Literal[False] = {}
    slo: ServiceLevel | None = None
    setup: list[Text] = []
    success_criteria: list[Text] = []
    configuration: Mapping[Name, str | int | float | bool | Variable] = {}
    secrets: Mapping[Name, Secret] = {}
    probes: Annotated[Mapping[Name, Probe], Field(min_length=1)]
    steady_state: SteadyState
    expects: Expects = Expects.IMPACT
    signals: list[KubernetesSignals] = []
    timeline: Annotated[list[Inject], Field(min_length=1)]
    cards: Cards | None = None
    duration: Annotated[Duration, Field(gt=0, le=7 * 86400)]
    targets: Mapping[Name, Target] = {}
    abort_when: list[AbortCondition] = []
    blast_radius: BlastRadius
    verification: Verification = Verification()
    max_pause: Annotated[Duration, Field(gt=0)] = 1800.0
    debrief: list[Text] = []

    @model_validator(mode="before")
    @classmethod
    def _story(cls, value: Any) -> Any:
        tabletop = isinstance(value, Mapping) and value.get("mode") == "tabletop"
        return {**TABLETOP, **value} if tabletop else value

    @field_validator("targets", mode="before")
    @classmethod
    def _short_targets(cls, value: Any) -> Any:
        """``detect: 3m`` keeps the default pair of milestones."""
        if not isinstance(value, Mapping):
            return value
        return {name: _long_target(str(name), given) for name, given in value.items()}

    @property
    def all_targets(self) -> Mapping[str, Target]:
        """The defaults, overridden and extended by what the file says."""
        return {**DEFAULT_TARGETS, **self.targets}

    @property
    def own_questions(self) -> Mapping[str, str]:
        """What it asks after the drill, by ids: its success criteria, then its own questions."""
        criteria = enumerate(self.success_criteria, start=1)
        asked = enumerate(self.debrief, start=1)
        return {
            **{f"criterion-{number}": text for number, text in criteria},
            **{f"debrief-{number}": text for number, text in asked},
        }

    def hold_of(self, inject: Inject) -> Hold:
        """The inject's hold; without one, until mitigated or the end of the exercise."""
        if inject.hold is not None:
            return inject.hold
        left = max(self.duration - inject.at, 1.0)
        return Hold.model_validate({"at_most": format_duration(left)})

    def with_cards(self, seed: int | None = None) -> Self:
        """The scenario with its cards in the timeline. seed: instead of the file's own."""
        if self.cards is None:
            return self
        timeline = sorted([*self.timeline, *dealt(self.cards, seed)], key=lambda i: i.at)
        return self.model_copy(update={"timeline": timeline, "cards": None})


def _long_target(name: str, given: Any) -> Any:
    default = DEFAULT_TARGETS.get(name)
    if isinstance(given, Mapping) or default is None:
        return given
    return {"from": default.from_, "to": default.to, "within": given}


def cross_references(scenario: Scenario) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Mistakes that no field can see alone, each with the path it stands at.

    Probes that are used but not defined, windows that cannot both be kept, injects after the
    end or faults at it, ids given twice.
    """
    known = sorted(scenario.probes)
    for index, name in enumerate(scenario.steady_state.probes):
        if name not in scenario.probes:
            yield ("steady_state", "probes", index), undefined("probe", name, known)
    for index, condition in enumerate(scenario.abort_when):
        if condition.probe is not None and condition.probe not in scenario.probes:
            yield ("abort_when", index, "probe"), undefined("probe", condition.probe, known)
    windows = scenario.verification
    if windows.recover_within <= windows.after:
        after = format_duration(windows.after)
        yield ("verification", "recover_within"), f"must be longer than after ({after})"
    seen: dict[str, int] = {}
    for index, inject in enumerate(scenario.timeline):
        if inject.at > scenario.duration or (inject.breaks and inject.at == scenario.duration):
            end, at = format_duration(scenario.duration), format_duration(inject.at)
            yield ("timeline", index, "at"), f"+{at} is after the end of the game day ({end})"
        for number, expected in enumerate(inject.expect):
            if expected.probe is not None and expected.probe not in scenario.probes:
                where = ("timeline", index, "expect", number, "probe")
                yield where, undefined("probe", expected.probe, known)
        if inject.id in seen:
            first = seen[inject.id]
            yield ("timeline", index, "id"), f"{inject.id!r} is also the id of timeline.{first}"
        seen.setdefault(inject.id, index)
    yield from _of_its_mode(scenario)
    if scenario.cards is not None:
        last = scenario.cards.first + (scenario.cards.draw - 1) * scenario.cards.every
        if last > scenario.duration:
            end, at = format_duration(scenario.duration), format_duration(last)
            yield ("cards", "draw"), f"the last card comes at +{at}, after the end ({end})"


def _of_its_mode(scenario: Scenario) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """A drill imagines nothing, and a tabletop touches and measures nothing."""
    tabletop = scenario.mode == "tabletop"
    for index, inject in enumerate(scenario.timeline):
        if tabletop and inject.fault is not None:
            where = ("timeline", index, "fault")
            yield where, "a tabletop breaks nothing; say what fails in its story: `imagine: …`"
        if not tabletop and inject.imagine is not None:
            where = ("timeline", index, "imagine")
            yield where, "only a tabletop imagines (mode: tabletop); a drill names a fault's file"
    for name, probe in scenario.probes.items():
        if isinstance(probe, StoryProbe) != tabletop:
            what = "measures nothing" if tabletop else "has no story"
            yield ("probes", name, "type"), f"a {scenario.mode} {what}: {probe.type} has no place"


def undefined(kind: str, name: str, known: list[str]) -> str:
    """What to say of a name that nothing defines."""
    return f"no {kind} is named {name!r}; defined: {', '.join(known) or 'none'}"
