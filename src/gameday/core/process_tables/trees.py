"""Diagnostic decision trees: questions that lead from a symptom to what can be done about it.

Ways may meet again (a tree is drawn once where they do), but no way leads back, and everything
that is written can be reached.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Self

from pydantic import Field, model_validator

from gameday.core.errors import ExitCode, GamedayError
from gameday.core.ids import ItemName, refuse_doubles
from gameday.core.model import Model, Text


class BadAnswer(GamedayError):
    """An answer that the question does not have."""

    exit_code = ExitCode.USAGE


class Answer(Model):
    """means: what it stands for. to: the question or outcome it leads to."""

    id: ItemName
    means: Text
    to: ItemName


class Question(Model):
    """look: commands that help to answer it."""

    id: ItemName
    ask: Text
    look: list[Text] = Field(default_factory=list)
    answers: Annotated[list[Answer], Field(min_length=2)]


class Outcome(Model):
    """Where a way ends. mitigation: the option of the mitigation matrix that it speaks for."""

    id: ItemName
    do: Text
    commands: list[Text] = Field(default_factory=list)
    mitigation: ItemName | None = None


class Tree(Model):
    """It begins with the first of its questions."""

    id: ItemName
    title: Text
    questions: Annotated[list[Question], Field(min_length=1)]
    outcomes: Annotated[list[Outcome], Field(min_length=1)]

    @property
    def nodes(self) -> Mapping[str, Question | Outcome]:
        """Questions and outcomes by id, in the order in which they are written."""
        nodes: list[Question | Outcome] = [*self.questions, *self.outcomes]
        return {node.id: node for node in nodes}

    @model_validator(mode="after")
    def _whole(self) -> Self:
        nodes = self.nodes
        ids = [*(each.id for each in self.questions), *(each.id for each in self.outcomes)]
        refuse_doubles("question or outcome", ids)
        for question in self.questions:
            refuse_doubles(f"answer to {question.id!r}", [a.id for a in question.answers])
            for answer in question.answers:
                if answer.to not in nodes:
                    raise ValueError(
                        f"{question.id}: {answer.id} leads to {answer.to!r}, which is no question "
                        f"or outcome of {self.id}; there are {', '.join(nodes)}"
                    )
        reached = _reached(nodes, self.questions[0].id)
        lost = [name for name in nodes if name not in reached]
        if lost:
            raise ValueError(
                f"no answer leads to {', '.join(lost)}: lead one there or leave it out"
            )
        return self


class Trees(Model):
    """All trees."""

    trees: Annotated[list[Tree], Field(min_length=1)]

    @model_validator(mode="after")
    def _named_once(self) -> Self:
        refuse_doubles("tree", [tree.id for tree in self.trees])
        return self


class Given(Model):
    """An answer that was given."""

    question: str
    answer: str


class Position(Model):
    """Where answers lead in a tree: to the next question, or to an outcome; one of both."""

    tree: str
    given: tuple[Given, ...]
    question: Question | None
    outcome: Outcome | None


def walk(tree: Tree, answers: Sequence[str]) -> Position:
    """Where these answers lead, one after another: ``yes``, or ``deploy=yes`` to be sure which
    question is meant. Raises BadAnswer."""
    nodes = tree.nodes
    node: Question | Outcome = tree.questions[0]
    given: list[Given] = []
    for said in answers:
        if isinstance(node, Outcome):
            raise BadAnswer(
                f"{tree.id} ends at {node.id!r} before {said!r}",
                hint=f"give {len(given)} answers: nothing is asked any more",
            )
        answer = _answer(node, said)
        given.append(Given(question=node.id, answer=answer.id))
        node = nodes[answer.to]
    return Position(
        tree=tree.id,
        given=tuple(given),
        question=node if isinstance(node, Question) else None,
        outcome=node if isinstance(node, Outcome) else None,
    )


def drawn(tree: Tree) -> Iterator[str]:
    """The whole tree as lines of text; a question to which several ways lead is drawn once."""
    yield f"{tree.id}: {tree.title}"
    yield from _drawn_question(tree, tree.questions[0], set())


def question_lines(question: Question) -> Iterator[str]:
    """A question and the commands that help to answer it."""
    yield f"{question.ask} [{question.id}]"
    yield from (f"  $ {command}" for command in question.look)


def outcome_lines(outcome: Outcome) -> Iterator[str]:
    """What to do, and its commands."""
    yield f"⇒ {outcome.do}"
    yield from (f"  $ {command}" for command in outcome.commands)
    if outcome.mitigation:
        yield f"  mitigation: {outcome.mitigation}"


def _drawn_question(tree: Tree, question: Question, seen: set[str]) -> Iterator[str]:
    seen.add(question.id)
    yield from question_lines(question)
    for answer in question.answers:
        last = answer is question.answers[-1]
        yield f"{'└─' if last else '├─'} {answer.id}: {answer.means}"
        bar = "   " if last else "│  "
        yield from (bar + line for line in _drawn_below(tree, answer.to, seen))


def _drawn_below(tree: Tree, name: str, seen: set[str]) -> Iterator[str]:
    node = tree.nodes[name]
    if isinstance(node, Outcome):
        return outcome_lines(node)
    if name in seen:
        return iter([f"→ as above: {node.ask} [{name}]"])
    return _drawn_question(tree, node, seen)


def _answer(question: Question, said: str) -> Answer:
    meant, equals, answer = said.rpartition("=")
    known = [each.id for each in question.answers]
    hint = f"{question.ask} Answer with {', '.join(known)}"
    if equals and meant != question.id:
        raise BadAnswer(f"{said!r} answers {meant!r}, and asked is {question.id!r}", hint=hint)
    found = next((each for each in question.answers if each.id == answer), None)
    if found is None:
        raise BadAnswer(f"{answer!r} is no answer to {question.id!r}", hint=hint)
    return found


def _reached(
    nodes: Mapping[str, Question | Outcome],
    name: str,
    way: tuple[str, ...] = (),
    done: frozenset[str] = frozenset(),
) -> frozenset[str]:
    """``done`` and everything that can be reached from a node. Raises ValueError where a way
    leads back."""
    if name in way:
        circle = " → ".join((*way[way.index(name) :], name))
        raise ValueError(f"answers lead in a circle: {circle}")
    node = nodes[name]
    if name in done or isinstance(node, Outcome):
        return done | {name}
    for answer in node.answers:
        done = _reached(nodes, answer.to, (*way, name), done)
    return done | {name}
