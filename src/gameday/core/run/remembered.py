"""Answers that are kept while nothing they rest on has changed.

Samples come several times a second, and each makes another state; what people said changes seldom.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from operator import attrgetter, is_
from typing import Any, TypeVar

from gameday.core.run.state import RunState

Answer = TypeVar("Answer")
Question = Callable[[RunState], Answer]


def rests_on(*fields: str) -> Callable[[Question[Answer]], Question[Answer]]:
    """Keep the last answer of a question about a state for as long as these fields of it are the
    very same objects. The question sees no other field, so none can be forgotten here unnoticed."""
    basis_of = attrgetter(*fields)

    def decorated(question: Question[Answer]) -> Question[Answer]:
        last: tuple[tuple[Any, ...], Answer] | None = None

        @wraps(question)
        def ask(state: RunState) -> Answer:
            nonlocal last
            basis = basis_of(state)
            if last is None or not all(map(is_, last[0], basis)):
                seen = RunState(state.run_id, **dict(zip(fields, basis, strict=True)))
                last = basis, question(seen)
            return last[1]

        return ask

    return decorated
