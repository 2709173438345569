"""No secret reaches the journal, the log, or what is told to the conductor."""

from __future__ import annotations

import asyncio
import json
import re
from dataclasses import asdict

import pytest

from gameday.adapters.chaostoolkit.redact import Redactor
from gameday.engine.ports import Injection, Intent, StepOutcome
from tests.adapters.workers.drilling import Drill, act
from tests.adapters.workers.test_guarded_experiments import toxic_file, toxics

FROM_ENV = "s3cr3t/from the environment"
INLINE = "wr1tten-in-the-file"
PASSWORD = "0pen-sesame"


def test_secrets_are_masked_everywhere(drill: Drill, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DRILL_TOKEN", FROM_ENV)
    telling = act("tell", word="told ${inline} ${token}")
    telling["provider"]["secrets"] = ["target"]
    path = drill.file(
        secrets={"target": {"token": {"type": "env", "key": "DRILL_TOKEN"}, "inline": INLINE}},
        configuration={"copy": {"type": "env", "key": "DRILL_TOKEN"}},
        method=[telling, act("fail", why="said ${token}")],
        rollbacks=[dict(telling, name="tell again")],
    )

    async def go() -> tuple[Intent, Injection, StepOutcome]:
        async with drill.workers() as workers:
            experiment = await drill.armed(workers, path)
            intent, injection = await experiment.intent(), await experiment.inject()
            return intent, injection, await workers.undo(intent.undo[0], 10.0)

    intent, injection, outcome = asyncio.run(go())
    assert outcome.proof  # the rollback had its secrets
    log, journal = drill.log.read_text(), drill.journal.read_text()
    for text in (log, journal, json.dumps([asdict(intent), injection.reason, asdict(outcome)])):
        assert FROM_ENV not in text
        assert INLINE not in text
    assert "said ***" in injection.reason
    for word in ("printed", "logged", "from a child:"):
        assert re.search(rf"{word} \*\*\*", log)
    assert "told *** ***" in journal
    assert intent.undo[0].spec["secrets"]["target"]["token"] == {
        "type": "env",
        "key": "DRILL_TOKEN",
    }


@pytest.mark.parametrize("written", ["in the environment", "in the file"])
def test_configuration_that_holds_a_secret_is_in_no_step_and_no_file(
    drill: Drill, proxy_api: str, proxy: str, monkeypatch: pytest.MonkeyPatch, written: str
) -> None:
    """It is filled in where a worker needs it, and nothing else is kept of it."""
    url = proxy_api.replace("://", f"://drill:{PASSWORD}@")
    monkeypatch.setenv("DRILL_PASSWORD", PASSWORD)
    monkeypatch.setenv("DRILL_URL", url)
    from_env = {"type": "env", "key": "DRILL_URL"}
    out = act("append", path=str(drill.directory / "told"), word="to ${api}")
    path = toxic_file(
        drill,
        proxy_api,
        proxy,
        configuration={"api": from_env if written == "in the environment" else url},
        secrets={"target": {"password": {"type": "env", "key": "DRILL_PASSWORD"}}},
        rollbacks=[out],
    )

    async def go() -> tuple[Intent, list[StepOutcome]]:
        async with drill.workers() as workers:
            experiment = await drill.armed(workers, path)
            intent, injection = await experiment.intent(), await experiment.inject()
            assert injection.reason == ""
            assert toxics(proxy_api, proxy)
            return intent, [await workers.undo(step, 20.0) for step in intent.undo]

    intent, outcomes = asyncio.run(go())
    assert [bool(outcome.proof) for outcome in outcomes] == [True, True], outcomes
    assert not toxics(proxy_api, proxy)
    assert (drill.directory / "told").read_text().strip() == f"to {url}"
    assert PASSWORD not in json.dumps([asdict(intent), [asdict(one) for one in outcomes]])
    for file in (drill.log, drill.journal, drill.directory / "guardian.log"):
        assert PASSWORD not in file.read_text()


def test_every_written_form_of_a_secret_is_masked() -> None:
    secret = 'pa"ss\nwith a second line'
    redactor = Redactor([{"a": [secret]}, "ab", None, True])
    for text in (secret, json.dumps(secret), repr(secret), "with a second line", "pa%22ss%0Awith"):
        masked = redactor.text(f"<{text} a second line>" if "%" in text else f"<{text}>")
        assert "second line>" not in masked or "%" in text
    assert redactor.text("abc") == "abc"  # two letters are no secret
    assert redactor.data({"k": (secret, 1)}) == {"k": ["***", 1]}
