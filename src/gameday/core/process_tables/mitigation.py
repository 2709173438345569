"""Which mitigation fits what is known, by a matrix that a team can change and that says why.

The options stand in their order of priority: fast before safe before perfect (002). The first that
fits is recommended; the last asks for nothing, so that there is an answer to every situation.
"""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from gameday.core.ids import refuse_doubles
from gameday.core.model import Model, Name, Text
from gameday.core.scenario.situation import Situation

_NUMBERS = ("deploy_minutes_ago",)
_FACTS = tuple(name for name in Situation.model_fields if name != "tried")


class Condition(Model):
    """A fact that is true, or a number that is ``at_most`` so much. met, unmet: the same in words,
    for when it holds and for when it does not."""

    fact: str
    at_most: Annotated[float, Field(gt=0)] | None = None
    met: Text
    unmet: Text

    @model_validator(mode="after")
    def _known(self) -> Self:
        _check_fact(self.fact)
        if (self.fact in _NUMBERS) != (self.at_most is not None):
            what = "a number: it needs" if self.at_most is None else "a fact: it takes no"
            raise ValueError(f"{self.fact} is {what} at_most")
        return self

    def holds(self, situation: Situation) -> bool:
        """Whether it does; a number that is not known does not."""
        value = getattr(situation, self.fact)
        return bool(value) if self.at_most is None else value is not None and value <= self.at_most


class Contraindication(Model):
    """A fact that forbids an option, whatever speaks for it."""

    fact: str
    because: Text

    @model_validator(mode="after")
    def _known(self) -> Self:
        _check_fact(self.fact)
        if self.fact in _NUMBERS:
            raise ValueError(f"{self.fact} is a number; only a fact can forbid")
        return self


class Option(Model):
    """One way to stop the harm.

    needs: all of these; any_of: and one of these at least; unless: and none of these.
    eta_minutes: until it should work; none where nobody can say. approval: the commander's.
    """

    id: Name
    name: Text
    because: Text
    eta_minutes: Annotated[int, Field(gt=0)] | None
    risk: Literal["low", "medium", "high"] | None
    approval: bool
    command: Text
    needs: list[Condition] = Field(default_factory=list)
    any_of: list[Condition] = Field(default_factory=list)
    unless: list[Contraindication] = Field(default_factory=list)

    @property
    def open(self) -> bool:
        """It asks for nothing."""
        return not (self.needs or self.any_of or self.unless)


class Matrix(Model):
    """All options, in the order in which they are considered."""

    options: Annotated[list[Option], Field(min_length=1)]

    @model_validator(mode="after")
    def _always_an_answer(self) -> Self:
        refuse_doubles("option", [option.id for option in self.options])
        *before, last = self.options
        if not last.open:
            raise ValueError(
                f"{last.id} is the last option, which has to remain when nothing else does: "
                "it may have no needs, any_of or unless"
            )
        for option in before:
            if not (option.needs or option.any_of):
                raise ValueError(
                    f"{option.id} always fits, so nothing after it could: give it needs"
                )
        return self


class Refusal(Model):
    """An option that does not fit. kind: something forbids it, or it lacks something."""

    id: str
    kind: Literal["contraindicated", "missing"]
    reasons: tuple[str, ...]


class Choice(Model):
    """An option that fits, in short."""

    id: str
    name: str
    eta_minutes: int | None
    risk: str | None
    approval: bool
    command: str


class Advice(Model):
    """recommended: the id of the first option that fits, because of these things; then: those that
    fit too, in order, should it not help; refused: all others, and why."""

    recommended: str
    name: str
    because: tuple[str, ...]
    eta_minutes: int | None
    risk: str | None
    approval: bool
    command: str
    then: tuple[Choice, ...]
    refused: tuple[Refusal, ...]


def recommend(situation: Situation, matrix: Matrix) -> Advice:
    """The first option that nothing forbids and that lacks nothing."""
    refused = {option.id: _refusal(option, situation) for option in matrix.options[:-1]}
    fitting = [option for option in matrix.options if refused.get(option.id) is None]
    first = fitting[0]
    met = [each.met for each in (*first.needs, *first.any_of) if each.holds(situation)]
    return Advice(
        recommended=first.id,
        name=first.name,
        because=(*met, first.because),
        eta_minutes=first.eta_minutes,
        risk=first.risk,
        approval=first.approval,
        command=first.command,
        then=tuple(map(_choice, fitting[1:])),
        refused=tuple(refusal for refusal in refused.values() if refusal is not None),
    )


def situation_of(facts: Mapping[str, Any]) -> Situation:
    """A situation from facts by name. Raises pydantic's ValidationError."""
    return Situation.model_validate(facts)


def _refusal(option: Option, situation: Situation) -> Refusal | None:
    forbids = tuple(_forbids(option, situation))
    if forbids:
        return Refusal(id=option.id, kind="contraindicated", reasons=forbids)
    lacks = tuple(_lacks(option, situation))
    return Refusal(id=option.id, kind="missing", reasons=lacks) if lacks else None


def _forbids(option: Option, situation: Situation) -> Iterator[str]:
    if option.id in situation.tried:
        yield "it was tried already and did not help"
    for each in option.unless:
        if getattr(situation, each.fact):
            yield each.because


def _lacks(option: Option, situation: Situation) -> Iterator[str]:
    for each in option.needs:
        if not each.holds(situation):
            yield each.unmet
    if option.any_of and not any(each.holds(situation) for each in option.any_of):
        yield ", and ".join(each.unmet for each in option.any_of)


def _choice(option: Option) -> Choice:
    return Choice.model_validate(option.model_dump(include=set(Choice.model_fields)))


def _check_fact(fact: str) -> None:
    if fact not in _FACTS:
        raise ValueError(f"there is no {fact!r}; there are {', '.join(_FACTS)}")
