"""Rules about whom one tells, and about what comes afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from gameday.core.incident_process.account import Word
from gameday.core.incident_process.drill import Drill, Seen
from gameday.core.log import events as e
from gameday.core.words import StatusPhase


def status_lifecycle(drill: Drill) -> Iterator[Seen]:
    """The status page goes forward: investigating, identified, monitoring, resolved."""
    posts = [w for w in drill.account.all(e.Communicated) if w.fact.status is not None]
    order = list(StatusPhase)
    back = [
        (first, second)
        for first, second in pairwise(posts)
        if first.fact.status
        and second.fact.status
        and order.index(second.fact.status) < order.index(first.fact.status)
    ]
    for first, second in back:
        what = f"the status page went from {first.fact.status} back to {second.fact.status}"
        yield Seen(False, what, (first.entry, second.entry))
    for post in posts:
        if post.fact.status is StatusPhase.RESOLVED and drill.hurt_at(post.at) is not None:
            yield Seen(False, "the status page said resolved while users were hurt", (post.entry,))
    if posts and not back:
        yield Seen(True, "the status page went forward", tuple(post.entry for post in posts))


def vendor_ticket(drill: Drill) -> Iterator[Seen]:
    """A vendor is called in with a ticket, whose number is on record."""
    for word in drill.account.called_in(drill.policy.escalation.vendor):
        what = f"ticket {word.fact.ticket}" if word.fact.ticket else "a vendor without a ticket"
        yield Seen(bool(word.fact.ticket), what, (word.entry,))


def review_held(drill: Drill) -> Iterator[Seen]:
    """A review of what was severe is held, also of a SEV2."""
    called = {period.severity for period in drill.account.severities}
    if not called & set(drill.policy.review.severities):
        return
    word = _review(drill)
    if word is not None:
        what = "the review was held" if word.fact.done else "the review was left out"
        yield Seen(word.fact.done, what, (word.entry,))


def _review(drill: Drill) -> Word[e.FollowUpRecorded] | None:
    """The newest word on the review: one that was left out may be held after all."""
    said = [w for w in drill.account.all(e.FollowUpRecorded) if w.fact.item == "review"]
    return said[-1] if said else None


def review_actions(drill: Drill) -> Iterator[Seen]:
    """A review ends in actions, and each has an owner and a day."""
    held = _review(drill)
    if held is None or not held.fact.done:
        return
    items = drill.account.all(e.ActionItemAdded)
    if not items:
        yield Seen(False, "a review without actions", (held.entry,))
    for item in items:
        lacks = [name for name in ("owner", "due") if not getattr(item.fact, name)]
        what = f"an action without {' and '.join(lacks)}" if lacks else "an action with its owner"
        yield Seen(not lacks, what, (item.entry,))
