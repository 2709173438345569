"""Action items: a checklist, payloads that fit the trackers' own schemas, and nothing sent twice.

The trackers are out of reach; a small server stands in for both and takes only what their
published API descriptions allow."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

import jsonschema
import pytest

from gameday.bootstrap import store
from gameday.cli.main import run
from gameday.core.log.events import Draft, Record
from gameday.settings import load_settings
from tests.reports.sample_runs import good, rich

TEXT = {"type": "string"}
GITHUB = {  # "Create an issue" of GitHub's REST API, 2022-11-28: what it knows of a body
    "type": "object",
    "required": ["title"],
    "additionalProperties": False,
    "properties": {
        "title": {"type": "string", "maxLength": 256},
        "body": TEXT,
        "assignee": TEXT,
        "milestone": {},
        "labels": {"type": "array", "items": TEXT},
        "assignees": {"type": "array", "items": TEXT},
    },
}
JIRA = {  # "Create issue" of Jira's REST API, version 2, with the fields that a task must have
    "type": "object",
    "required": ["fields"],
    "additionalProperties": False,
    "properties": {
        "fields": {
            "type": "object",
            "required": ["project", "issuetype", "summary"],
            "properties": {
                "project": {"type": "object", "required": ["key"]},
                "issuetype": {"type": "object", "required": ["name"]},
                "summary": {"type": "string", "maxLength": 255, "pattern": "^[^\\n]+$"},
                "description": TEXT,
                "labels": {"type": "array", "items": {"type": "string", "pattern": "^\\S+$"}},
            },
        }
    },
}


class Handler(BaseHTTPRequestHandler):
    """Both trackers: keeps what it is given."""

    made: ClassVar[list[dict[str, Any]]] = []
    broken_after: ClassVar[int] = 1000
    authorization: ClassVar[set[str]] = set()

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        self.authorization.add(self.headers["Authorization"])
        if url.path == "/repos/acme/shop/issues":
            first = int(parse_qs(url.query)["page"][0]) == 1
            self._answer(200, [self._github(n) for n in range(len(self.made))] if first else [])
        elif url.path == "/rest/api/2/search":
            found = [{"key": f"SHOP-{n}", "fields": m["fields"]} for n, m in enumerate(self.made)]
            self._answer(200, {"issues": found})
        else:
            self._answer(404, {"message": "Not Found"})

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        jira = self.path == "/rest/api/2/issue"
        try:
            jsonschema.validate(body, JIRA if jira else GITHUB)
        except jsonschema.ValidationError as error:
            self._answer(422, {"message": error.message})
            return
        if len(self.made) >= self.broken_after:
            self._answer(503, {"message": "try later"})
            return
        self.made.append(body)
        number = len(self.made) - 1
        self._answer(201, {"key": f"SHOP-{number}"} if jira else self._github(number))

    def _github(self, number: int) -> dict[str, Any]:
        return {**self.made[number], "html_url": f"https://github.test/acme/shop/issues/{number}"}

    def _answer(self, status: int, value: Any) -> None:
        data = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: Any) -> None:
        """Quiet."""


@pytest.fixture
def tracker() -> Iterator[str]:
    """The server's address."""
    Handler.made, Handler.broken_after, Handler.authorization = [], 1000, set()
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture(autouse=True)
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run in the store of a directory of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GITHUB_TOKEN", "t0ken")
    monkeypatch.setenv("JIRA_TOKEN", "t0ken")
    monkeypatch.delenv("JIRA_USER", raising=False)
    keep("drill-1", rich().records)


def keep(run_id: str, records: Sequence[Record]) -> None:
    with store.open_store(load_settings(Path.cwd(), {}, {})) as log:
        drafts = [Draft(record.event, record.at, record.key) for record in records]
        log.transact(run_id, 0, lambda _: drafts)


def actions(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> tuple[str, str]:
    capsys.readouterr()
    assert run(["report", "actions", *arguments]) == code
    told = capsys.readouterr()
    return told.out, told.err


def test_a_checklist_has_a_box_for_each(capsys: pytest.CaptureFixture[str]) -> None:
    text, _ = actions(capsys)
    boxes = [line for line in text.splitlines() if line.startswith("- [ ] ")]
    assert len(boxes) == 4
    assert all("owner: ____, due: ____" in box for box in boxes)
    assert "1 all\\-clear was false" in boxes[0] or "1 all-clear was false" in boxes[0]


def test_a_run_that_went_well_asks_for_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    keep("well", good().records)
    assert "Nothing is due." in actions(capsys, "well")[0]
    assert json.loads(actions(capsys, "well", "--format", "github")[0]) == []


def test_payloads_are_printed_and_not_sent(
    tracker: str, capsys: pytest.CaptureFixture[str]
) -> None:
    out, err = actions(capsys, "--format", "github", "--to", "acme/shop", "--url", tracker)
    payloads = json.loads(out)
    for payload in payloads:
        jsonschema.validate(payload, GITHUB)
    assert "4 not sent" in err
    assert Handler.made == []
    jira = json.loads(actions(capsys, "--format", "jira", "--to", "SHOP")[0])
    for payload in jira:
        jsonschema.validate(payload, JIRA)
    assert [one["title"] for one in payloads] == [one["fields"]["summary"] for one in jira]


@pytest.mark.parametrize(("style", "to"), [("github", "acme/shop"), ("jira", "SHOP")])
def test_sent_once(style: str, to: str, tracker: str, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ("--format", style, "--to", to, "--url", tracker, "--send")
    first, _ = actions(capsys, *arguments)
    assert first.count("made: ") == len(Handler.made) == 4
    again, _ = actions(capsys, *arguments)
    assert (again.count("made: "), again.count("there already: ")) == (0, 4)
    assert len(Handler.made) == 4
    assert Handler.authorization == {"Bearer t0ken"}


def test_what_failed_half_way_goes_on_where_it_stopped(
    tracker: str, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ("--format", "github", "--to", "acme/shop", "--url", tracker, "--send")
    Handler.broken_after = 2
    out, err = actions(capsys, *arguments, code=6)
    assert out.count("made: ") == 2
    assert "HTTP 503" in err
    assert "nothing is sent twice" in err
    Handler.broken_after = 1000
    out, _ = actions(capsys, *arguments)
    assert (out.count("made: "), out.count("there already: ")) == (2, 2)


def test_jira_cloud_wants_a_user(
    tracker: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JIRA_USER", "a@b.test")
    actions(capsys, "--format", "jira", "--to", "SHOP", "--url", tracker, "--send")
    assert {value.split()[0] for value in Handler.authorization} == {"Basic"}


def test_without_a_token_or_an_address_nothing_is_sent(
    tracker: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    github = ("--format", "github", "--to", "acme/shop", "--send")
    monkeypatch.delenv("GITHUB_TOKEN")
    assert "GITHUB_TOKEN is not set" in actions(capsys, *github, "--url", tracker, code=4)[1]
    assert "say where" in actions(capsys, "--format", "github", "--send", code=2)[1]
    monkeypatch.setenv("GITHUB_TOKEN", "x")
    _, err = actions(capsys, *github, "--url", "http://127.0.0.1:1", code=6)
    assert "127.0.0.1:1" in err
    assert Handler.made == []
