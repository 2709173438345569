"""The postmortem: computed, blameless, the same every time; and the check of what people made."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from gameday.cli.main import run
from gameday.core.drafts.words import FILL_IN
from gameday.core.log import events as e
from gameday.core.scorecard.scorecard import scorecard
from gameday.reports.postmortem import SECTIONS, Postmortem, postmortem
from gameday.reports.postmortem_check import Flaw
from gameday.reports.postmortem_html import to_html as postmortem_to_html
from gameday.reports.postmortem_markdown import to_markdown
from gameday.testing import SimulatedSystem
from tests.core.incident_process.spoken_runs import silent, talkative
from tests.engine.drill import RUN, SHIELD, Stage, act, play
from tests.packaged_blame import blaming, flaws
from tests.reports.page import Page
from tests.reports.sample_runs import ODD, hostile, nobody_acted, rich
from tests.reports.test_markdown import broken, tables

EVIL = "a | b <script> `c` [x](y)\n# d ${e} {{ f }}"


@pytest.fixture(scope="module")
def of_rich() -> Postmortem:
    return postmortem(rich())


@pytest.mark.parametrize("name", ODD)
def test_every_kind_of_run_makes_a_sound_document(name: str) -> None:
    document = postmortem(ODD[name]())
    text = to_markdown(document)
    assert re.findall(r"^## (.*)$", text, re.MULTILINE) == list(SECTIONS.values())
    assert tables(text)
    assert broken(text) == []
    assert "None" not in text
    page = Page(postmortem_to_html(document))
    assert (page.mistakes, page.twice, page.dangling, page.outside) == ([], [], [], [])
    assert "None" not in page.text
    for heading in SECTIONS.values():
        assert heading in page.text


@pytest.mark.parametrize("name", ODD)
def test_its_own_words_blame_nobody_and_no_section_is_missing(name: str) -> None:
    kinds = {flaw.kind for flaw in flaws(to_markdown(postmortem(ODD[name]())))}
    assert kinds <= {"fill_in", "action"}
    assert "fill_in" in kinds  # a draft is never whole: people have to say why


def test_references_lead_to_rows(of_rich: Postmortem) -> None:
    text = to_markdown(of_rich)
    wanted = set(re.findall(r"\]\(#(e\d+)\)", text))
    assert wanted
    assert wanted <= set(re.findall(r'<a id="(e\d+)"></a>', text))


def test_what_went_badly_is_what_the_scorecard_says(of_rich: Postmortem) -> None:
    bad = " ".join(finding.text for finding in of_rich.badly)
    for said in (
        *("Mitigate: took 3m", "Expected, and not so: An executive is told"),
        *("An all-clear (mitigated) was given too early", "was struck out: typed in the wrong run"),
    ):
        assert said in bad.replace("\N{NO-BREAK SPACE}", " "), said
    good = " ".join(finding.text for finding in of_rich.well)
    assert "Acknowledge: took" in good
    assert "As expected: Customers are told" in good
    for person in ("alice", "bob", "carol"):
        assert person not in bad + good  # what, never who


def test_impact_is_that_of_the_samples(of_rich: Postmortem) -> None:
    card = rich()
    assert dict(of_rich.impact)["Users were hurt for"].endswith("(4.3 minutes)")
    assert sum(i.seconds for i in card.impacts) / 60 == pytest.approx(4.35)
    assert of_rich.probes[0].failed == 261
    assert FILL_IN.search(dict(of_rich.impact)["Users hit"])  # no sample stands for a user


def test_five_whys_begin_with_what_users_felt() -> None:
    whys = postmortem(talkative()).whys
    assert len(whys) == 5
    assert whys[0].answer.startswith("100 % of the readings of checkout failed, from ")
    assert whys[1].answer == "The pool leaks."  # a confirmed hypothesis
    assert all(FILL_IN.fullmatch(why.answer) for why in whys[2:])
    assert all(FILL_IN.fullmatch(why.answer) for why in postmortem(rich()).whys[1:])
    assert FILL_IN.fullmatch(postmortem(ODD["absorbed"]()).whys[0].answer)


def test_action_items_are_people_s_then_the_report_s() -> None:
    first, second, *rest = postmortem(talkative()).actions
    assert (first.title, first.owner, first.priority, first.due, first.status) == (
        *("Alert on the pool", "bob", "P1", "2026-12-15", "open"),
    )
    assert (second.title, second.status) == ("Test error paths", "done")
    assert FILL_IN.fullmatch(second.owner)
    assert rest
    assert all(item.events and FILL_IN.fullmatch(item.owner) for item in rest)
    stuck = postmortem(ODD["stuck"]()).actions
    assert stuck[0].priority == "P0"


def test_luck_is_named() -> None:
    async def heals(stage: Stage) -> None:
        await stage.until(e.ImpactStarted)
        await stage.at(stage.clock.now().boot / 1e9 + 20)
        system: SimulatedSystem = stage.system
        system.shielded = True

    by_itself = postmortem(play(scene=heals).card)
    assert "went away by itself" in by_itself.luck[0].text
    by_chance = [act("+20s", "detect", "impacted", source="customer", text="it hangs")]
    assert "word came from a customer" in postmortem(play(by_chance).card).luck[0].text
    by_alert = [act("+20s", "detect", "impacted", source="alert")]
    assert len(postmortem(play(by_alert).card).luck) == 1  # only the gap
    early = [act("+10s", "detect", source="alert")]
    assert not any("before the probes" in x.text for x in postmortem(play(early).card).luck)


def test_rules_of_the_process_are_named_without_the_people() -> None:
    acts = [
        act("+20s", "role", "impacted", role="incident_commander", holder="alice"),
        act("+30s", "declare", "impacted", severity="SEV2"),
        act("+40s", "note", "impacted", text="that was careless"),
        act("+60s", "act", "impacted", http=SHIELD),
    ]
    document = postmortem(play(acts, process={}).card)
    bad = [finding.text for finding in document.badly]
    for title in ("who commands does not debug", "nobody is blamed"):
        assert f"Not kept: {title}." in bad
    assert any(text.startswith("Not kept: ") and "(" in text for text in bad)  # no name in it
    assert not any("alice" in text or "careless" in text for text in bad)
    assert any("of the process kept: " in x.text for x in document.well)


def test_the_same_records_give_the_same_bytes() -> None:
    card = talkative()
    again = scorecard(RUN, list(card.records))
    for render in (to_markdown, postmortem_to_html):
        assert render(postmortem(card)) == render(postmortem(again))


def test_what_people_write_stays_text() -> None:
    text = to_markdown(postmortem(hostile(EVIL)))
    assert broken(text) == []
    assert "<script" not in text.replace("\\<", "")
    page = Page(postmortem_to_html(postmortem(hostile(EVIL))))
    assert (page.mistakes, page.all("script")) == ([], [])


def test_where_nothing_was_said_it_says_so() -> None:
    for card in (silent(), nobody_acted()):
        document = postmortem(card)
        assert FILL_IN.fullmatch(dict(document.facts)["Took part"])
        assert "until the exercise took its fault out" in document.badly[-1].text


# --- the check --------------------------------------------------------------------------------

WHOLE = "# EXERCISE postmortem: x\n\n- **Took part:** alice, bob\n\n" + "\n".join(
    f"## {heading}\n\n"
    + (
        "| Action | Owner | Priority | Due | Status |\n|:--|:--|:--|:--|:--|\n"
        "| alert on \\| the pool | bob | P1 | 2026-12-15 | open |\n"
        if heading == "Action items"
        else "Something is said.\n"
    )
    for heading in SECTIONS.values()
)


def changed(old: str, new: str) -> str:
    assert WHOLE.count(old) >= 1
    return WHOLE.replace(old, new, 1)


def kinds(text: str) -> list[str]:
    return [flaw.kind for flaw in flaws(text)]


def test_a_whole_document_is_clean() -> None:
    assert flaws(WHOLE) == ()


@pytest.mark.parametrize(
    ("text", "kind", "said"),
    [
        (changed("## Lessons", "## Thoughts"), "missing", "no section 'Lessons'"),
        (changed("## Impact\n\nSomething is said.\n", "## Impact\n"), "empty", "'Impact'"),
        (changed("## Impact\n\nSomething is said.\n", "## Impact\n\n- \n1.\n"), "empty", "Impact"),
        (
            changed("## Impact\n\nSomething is said.\n", "## Impact\n\n### Users\n\n"),
            *("empty", "Impact"),
        ),
        (
            changed("## Impact\n\nSomething is said.\n", "## Impact\n\n| a | b |\n|---|---|\n"),
            *("empty", "Impact"),
        ),
        (changed("Something", "[to fill in: who]"), "fill_in", "[to fill in: who]"),
        (changed("Something", r"\[to fill in: who\]"), "fill_in", "[to fill in: who]"),
        (changed("Something", "TODO"), "fill_in", "TODO"),
        (changed("Something", "owner: ____"), "fill_in", "____"),
        (changed("| bob |", "|  |"), "action", "has no owner"),
        (changed("| bob |", "| – |"), "action", "has no owner"),
        (changed("| bob |", r"| \[to fill in: owner\] |"), "action", "has no owner"),
        (changed("| P1 |", "| urgent |"), "action", "none of P0, P1, P2: urgent"),
        (changed("| 2026-12-15 |", "| soon |"), "action", "no date like 2026-12-15: soon"),
        (changed("| Owner |", "| Who |"), "action", "no column 'owner'"),
        (changed("Something is", "Who deployed this? It is"), "blame", "'Who deployed'"),
        (changed("Something is", "bob forgot what is"), "blame", "'bob forgot'"),
        (changed("Something is", "alice's fault is"), "blame", "'alice's fault'"),
    ],
)
def test_what_is_lacking_is_found_alone(text: str, kind: str, said: str) -> None:
    (flaw,) = flaws(text)
    assert flaw.kind == kind
    assert said in flaw.message.replace('"', "'")


def test_lines_are_those_of_the_file() -> None:
    text = changed("Something is said.", "Fine.\n\nIt was a stupid\nmistake of bob's")
    (flaw,) = flaws(text)
    assert text.splitlines()[flaw.line - 1] == "It was a stupid"
    assert flaw.instead


def test_action_items_outside_of_a_table_are_told() -> None:
    head = WHOLE.index("| Action |")
    text = WHOLE[:head] + "- alert on the pool (bob)\n\n## Lessons" + WHOLE.split("## Lessons")[1]
    (flaw,) = flaws(text)
    assert flaw.instead == "| Action | Owner | Priority | Due |"


def test_code_is_left_alone() -> None:
    code = "Fine.\n\n```\n# Impact\nTODO stupid ____\n```\n"
    assert flaws(changed("Something is said.", code)) == ()
    assert kinds(changed("Something is said.", code.replace("```", ""))) != []


def test_nothing_at_all() -> None:
    assert {flaw.kind for flaw in flaws("")} == {"missing"}
    assert len(flaws("")) == len(SECTIONS)
    assert all(flaw.line == 1 for flaw in flaws(""))


def test_the_command_checks_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "p.md"
    file.write_text(WHOLE, encoding="utf-8")
    assert run(["report", "postmortem", "--check", "p.md"]) == 0
    file.write_text(changed("Something", "A careless thing, which"), encoding="utf-8")
    assert run(["report", "postmortem", "--check", "p.md"]) == 1
    out = capsys.readouterr().out
    assert re.search(r"^p\.md:\d+: blame: blames somebody: 'careless' → ", out, re.MULTILINE)
    assert run(["report", "postmortem", "--check", "p.md", "-o", "json"]) == 1
    (found,) = json.loads(capsys.readouterr().out)
    assert set(found) == {"line", "kind", "message", "instead"}
    assert Flaw(**found) == flaws(file.read_text(encoding="utf-8"))[0]


@pytest.mark.parametrize("name", ["gone.md", "binary.md", "page.html", "."])
def test_what_cannot_be_read_is_exit_3(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "binary.md").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "page.html").write_text("<p>", encoding="utf-8")
    assert run(["report", "postmortem", "--check", name]) == 3
    assert f"{name}:1:1: " in capsys.readouterr().err


def test_quoted_words_are_found_in_the_timeline_of_a_draft() -> None:
    card = play([act("+20s", "note", "impacted", text="who broke it?")]).card
    assert "blame" in kinds(to_markdown(postmortem(card)))
    assert blaming("who broke it?")
