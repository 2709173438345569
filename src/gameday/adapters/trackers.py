"""Issues of GitHub and Jira. What was sent before, by its mark, is not sent again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import httpx

from gameday.core.errors import ExitCode, GamedayError

TIMEOUT_S = 10.0
PAGE = 100


class TrackerFailure(GamedayError):
    """A tracker could not be reached, or said no."""

    exit_code = ExitCode.FAILURE


@dataclass(frozen=True, slots=True)
class Sent:
    """An issue in the tracker. new: it was not there before."""

    where: str
    new: bool


class Tracker(Protocol):
    """Where issues are kept."""

    def known(self, mark: str) -> str | None:
        """Where the issue with that mark is; None: there is none. Raises TrackerFailure."""

    def create(self, payload: Mapping[str, Any]) -> str:
        """Make an issue; returns where it is. Raises TrackerFailure."""


def send(tracker: Tracker, marked: Sequence[tuple[str, Mapping[str, Any]]]) -> Iterator[Sent]:
    """Make an issue of each payload whose mark is not known yet, one after the other; what was
    told stays sent when a later one fails. Raises TrackerFailure."""
    for mark, payload in marked:
        where = tracker.known(mark)
        if where is not None:
            yield Sent(where, new=False)
        else:
            yield Sent(tracker.create(payload), new=True)


class GitHub:
    """Issues of one repository, ``owner/name``."""

    def __init__(self, repository: str, token: str, url: str = "https://api.github.com") -> None:
        self._issues = f"{url.rstrip('/')}/repos/{repository}/issues"
        self._headers = {
            "Authorization": f"Bearer {token}",
            "Accept": "application/vnd.github+json",
            "X-GitHub-Api-Version": "2022-11-28",
        }
        self._listed: list[dict[str, Any]] | None = None

    def known(self, mark: str) -> str | None:
        """Among the issues with our label, open and closed."""
        if self._listed is None:
            self._listed = list(self._all())
        for issue in self._listed:
            if mark in str(issue.get("body") or ""):
                return str(issue["html_url"])
        return None

    def create(self, payload: Mapping[str, Any]) -> str:
        """Make an issue."""
        answer = _called("POST", self._issues, 201, headers=self._headers, json=dict(payload))
        return str(answer["html_url"])

    def _all(self) -> Iterator[dict[str, Any]]:
        for page in range(1, 11):  # a thousand of ours; older ones are long done
            query = {"labels": "gameday", "state": "all", "per_page": PAGE, "page": page}
            found = _called("GET", self._issues, 200, headers=self._headers, params=query)
            yield from found
            if len(found) < PAGE:
                return


class Jira:
    """Issues of one project of a Jira server or cloud site."""

    def __init__(self, url: str, project: str, user: str, token: str) -> None:
        self._url = url.rstrip("/")
        self._project = project
        self._auth = httpx.BasicAuth(user, token) if user else None
        self._headers = {} if user else {"Authorization": f"Bearer {token}"}

    def known(self, mark: str) -> str | None:
        """By a search of the descriptions."""
        query = {
            "jql": f'project = "{self._project}" AND labels = gameday AND description ~ "{mark}"',
            "fields": "description",
            "maxResults": str(PAGE),
        }
        found = self._call("GET", "/rest/api/2/search", 200, params=query)
        for issue in found.get("issues", ()):  # the search is for words; the mark must be whole
            if mark in str(issue.get("fields", {}).get("description") or ""):
                return f"{self._url}/browse/{issue['key']}"
        return None

    def create(self, payload: Mapping[str, Any]) -> str:
        """Make an issue."""
        answer = self._call("POST", "/rest/api/2/issue", 201, json=dict(payload))
        return f"{self._url}/browse/{answer['key']}"

    def _call(self, method: str, path: str, wanted: int, **options: Any) -> Any:
        url = f"{self._url}{path}"
        return _called(method, url, wanted, headers=self._headers, auth=self._auth, **options)


def _called(method: str, url: str, wanted: int, **options: Any) -> Any:
    try:
        answer = httpx.request(method, url, timeout=TIMEOUT_S, **options)
    except httpx.HTTPError as error:
        raise TrackerFailure(
            f"{method} {url}: {error or type(error).__name__}",
            hint="nothing is sent twice: try again when it can be reached",
        ) from error
    if answer.status_code != wanted:
        raise TrackerFailure(
            f"{method} {url}: HTTP {answer.status_code}: {answer.text[:200].strip()}",
            hint="look at the token and what it may do; nothing is sent twice",
        )
    try:
        return answer.json()
    except ValueError as error:
        raise TrackerFailure(
            f"{method} {url}: the answer is no JSON", hint="is the address that of its API?"
        ) from error
