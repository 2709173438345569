"""Where action items go when they are sent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from gameday.core.errors import Refused

if TYPE_CHECKING:
    from gameday.adapters.trackers import Sent, Tracker


def tracker(style: str, to: str, url: str | None, environ: Mapping[str, str]) -> Tracker:
    """GitHub's or Jira's issues. Raises Refused when there is no token for it."""
    from gameday.adapters.trackers import GitHub, Jira

    key = f"{style.upper()}_TOKEN"
    token = environ.get(key, "")
    if not token:
        raise Refused(f"no token to send with: {key} is not set", hint=f"set {key} and try again")
    if style == "github":
        return GitHub(to, token, url or "https://api.github.com")
    return Jira(url or "", to, environ.get("JIRA_USER", ""), token)


def send(target: Tracker, marked: Sequence[tuple[str, Mapping[str, Any]]]) -> Iterator[Sent]:
    """Make the issues that are not there yet. Raises TrackerFailure."""
    from gameday.adapters.trackers import send as sent

    return sent(target, marked)
