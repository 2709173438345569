"""Every mistake of a game day file, at its place and in words one can act on."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gameday.adapters.scenario_yaml import (
    check_scenario,
    experiment_path,
    load_scenario,
    scenario_schema,
)
from gameday.core.errors import ExitCode, InvalidFile, Problem

from .conftest import GOOD

Problems = Callable[..., list[str]]

TOLERANCE = (
    "expected a value, a list, {type: range, range: [low, high]} or {type: regex, pattern: …}"
)
RANGE = "tolerance: {type: range, range: [0, 500]}"
SINGLE: list[tuple[str, str, str]] = [
    # what the good file says, what is written instead, what is said of it
    ("owner: sre\n", "", "1:1: missing key 'owner'"),
    ("owner: sre", "owner: 5", "4:8: owner: expected text, found the number 5; write it in quotes"),
    ("owner: sre", "owner:", "4:7: owner: expected text, found nothing"),
    ("owner: sre", "owner: ''", "4:8: owner: must not be empty"),
    (
        "severity: SEV2",
        "severity: sev1",
        "5:11: severity: 'sev1' is not allowed; one of SEV1, SEV2, SEV3, SEV4; "
        "did you mean 'SEV1'?",
    ),
    (
        "environment: local",
        "environment: My Cluster",
        "6:14: environment: 'My Cluster' is not a name: use lower-case letters, digits, '-', '_' "
        "and '.', and begin with a letter or digit",
    ),
    (
        "interval: 500ms",
        "intervall: 1s",
        "29:5: probes.latency.intervall: unknown key 'intervall'; did you mean 'interval'?",
    ),
    (
        "interval: 500ms",
        "interval: 5",
        "29:15: probes.latency.interval: 5 is not a duration: a bare number has no unit; write "
        "5s or 5m",
    ),
    (
        "interval: 500ms",
        "interval: 1ms",
        "29:15: probes.latency.interval: '1ms' is out of bounds: must be at least 50ms",
    ),
    (
        "at: +30s",
        "at: 30s",
        "44:9: timeline.1.at: '30s' is not an offset: offsets begin with a plus sign; write +30s",
    ),
    (
        RANGE,
        "tolerance: {typ: range}",
        f"28:16: probes.latency.tolerance: {TOLERANCE}, found a mapping",
    ),
    (
        RANGE,
        "tolerance: {type: range, range: [5]}",
        "28:37: probes.latency.tolerance.range: entry 1 is missing",
    ),
    (
        RANGE,
        "tolerance: {type: range, range: [9, 1]}",
        "28:37: probes.latency.tolerance.range: lower end 9.0 is above upper end 1.0",
    ),
    (
        RANGE,
        'tolerance: {type: regex, pattern: "("}',
        "28:16: probes.latency.tolerance: not a regular expression: missing ), unterminated "
        "subpattern at position 0",
    ),
    (
        "    " + RANGE + "\n",
        "",
        "27:14: probes.latency.measure: measure: latency needs a tolerance of its own",
    ),
    (
        "type: tcp",
        "type: tpc",
        "31:5: probes.db: 'tpc' is not allowed; one of http, tcp, process, python, prometheus, "
        "story; did you mean 'tcp'?",
    ),
    (
        "    type: tcp\n",
        "",
        "31:5: probes.db: missing key 'type'; one of http, tcp, process, python, prometheus",
    ),
    (
        "port: ${port}",
        "port: 99999",
        "33:11: probes.db.port: 99999 is not a port; ports are 1 to 65535",
    ),
    ("port: ${port}", "port: []", "33:11: probes.db.port: expected a port number, found a list"),
    (
        "url: ${base}/checkout",
        "url: localhost:80",
        "21:10: probes.checkout.url: 'localhost:80' is not an address; it begins with http:// or "
        "https://",
    ),
    (
        "url: ${base}/checkout",
        'url: "http://127.0.0.1:99999/"',
        "21:10: probes.checkout.url: 'http://127.0.0.1:99999/' is not an address: Port out of "
        "range 0-65535",
    ),
    (
        "url: ${base}/checkout",
        'url: "http://[::1/"',
        "21:10: probes.checkout.url: 'http://[::1/' is not an address: Invalid IPv6 URL",
    ),
    (
        "url: ${base}/checkout",
        'url: "http://:8080/"',
        "21:10: probes.checkout.url: 'http://:8080/' is not an address: it names no host",
    ),
    (
        "tolerance: ${limit}",
        'tolerance: "200"',
        "23:16: probes.checkout.tolerance: a status is a number: write 200, [200, 204] or "
        "{type: range, range: [200, 299]}",
    ),
    (
        "host: ${host}",
        'host: "${host"',
        "32:11: probes.db.host: a ${ is never closed; for a plain ${ write $${",
    ),
    (
        "host: ${host}",
        "host: ${hots}",
        "32:11: probes.db.host: nothing under configuration defines ${hots}; did you mean 'host'?",
    ),
    (
        "${secrets.token}",
        "${secrets.tokn}",
        "22:30: probes.checkout.headers.Authorization: no secret is named 'tokn' under secrets; "
        "did you mean 'token'?",
    ),
    (
        "host: 127.0.0.1",
        "host: [1]",
        "12:9: configuration.host: expected text, a number, true, false or {type: env, key: "
        "NAME}, found a list",
    ),
    ("key: SHOP_URL, ", "", "15:9: configuration.base: missing key 'key'"),
    (
        "host: 127.0.0.1",
        "host: ${port}",
        "12:9: configuration.host: ${port} has no meaning here: values cannot name one another",
    ),
    (
        "[checkout, latency]",
        "[checkout, latencyy]",
        "36:22: steady_state.probes.1: no probe is named 'latencyy'; defined: checkout, db, "
        "latency",
    ),
    ("id: slow", "id: page", "43:9: timeline.1.id: 'page' is also the id of timeline.0"),
    ("at: +30s", "at: +30m", "44:9: timeline.1.at: +30m is after the end of the game day (10m)"),
    (
        "detect: 3m",
        "detect: 3x",
        "50:11: targets.detect: '3x' is not a duration; write for example 90s, 5m or 1h30m",
    ),
    (
        "detect: 3m",
        "detetc: 3m",
        "50:11: targets.detetc: 'detetc' is not a target with milestones of its own; write "
        "{from: …, to: …, within: …}; did you mean 'detect'?",
    ),
    ("to: mitigated", "to: impacted", "51:8: targets.own: from and to are both impacted"),
    ("owner: sre", "owner: sre\nowner: me", "5:1: owner: key 'owner' is already at line 4:1"),
    ("  targets: [db-*]\n", "  targets: []\n", "56:12: blast_radius.targets: must not be empty"),
]


@pytest.mark.parametrize(("old", "new", "expected"), SINGLE, ids=[new for _, new, _ in SINGLE])
def test_one_mistake_gives_one_problem(
    problems: Problems, old: str, new: str, expected: str
) -> None:
    assert problems((old, new)) == [expected]


def test_a_good_file_has_none(file: Path, problems: Problems) -> None:
    assert problems() == []
    assert load_scenario(file).timeline[1].at == 30


def test_mistakes_of_all_kinds_are_found_at_once(file: Path, problems: Problems) -> None:
    said = problems(
        ("owner: sre", "owner: sre\nowner: me"),  # YAML
        ("severity: SEV2", "severity: bad"),  # a field
        ("interval: 500ms", "color: red"),  # a key
        ("${host}", "${hots}"),  # a variable
        ("[checkout, latency]", "[checkout, gone]"),  # a reference
        ("id: slow", "id: page"),  # two injects
        ("at: +30s", "at: +30m"),  # after the end
        ("slow-db.yaml", "slow-bd.yaml"),  # a file
        ("{probe: latency,", "{probe: latte,"),
    )
    assert [line.split(": ")[1] for line in said] == [
        "owner",
        "severity",
        "probes.latency.color",
        "probes.db.host",
        "steady_state.probes.1",
        "timeline.1.id",
        "timeline.1.at",
        "timeline.1.fault",
        "abort_when.0.probe",
    ]
    with pytest.raises(InvalidFile) as caught:
        load_scenario(file)
    assert caught.value.exit_code == ExitCode.INVALID_FILE
    assert len(caught.value.problems) == 9


def test_a_missing_experiment_names_what_was_tried(file: Path, problems: Problems) -> None:
    root = file.parent.parent
    assert problems(("slow-db.yaml", "slow-bd.yaml")) == [
        "46:12: timeline.1.fault: no such experiment file; tried "
        f"{root}/gamedays/experiments/slow-bd.yaml and {root}/experiments/slow-bd.yaml; "
        "did you mean 'experiments/slow-db.yaml'?"
    ]


def test_impossible_file_names(problems: Problems) -> None:
    for name in ("x" * 5000, '"a\\0b"', "..", "/"):
        (said,) = problems(("experiments/slow-db.yaml", name))
        assert "no such experiment file" in said


def test_experiments_beside_the_file_come_first(file: Path) -> None:
    assert experiment_path(file, "experiments/slow-db.yaml").is_file()
    beside = file.parent / "experiments"
    beside.mkdir()
    (beside / "slow-db.yaml").write_text("{}")
    assert experiment_path(file, "experiments/slow-db.yaml") == beside / "slow-db.yaml"
    assert experiment_path(file, "nowhere.yaml") == file.parent / "nowhere.yaml"


def test_a_relative_scenario_path_finds_the_root_too(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(file.parent)
    assert check_scenario(Path(file.name)) == []
    monkeypatch.chdir(file.parent.parent)
    assert check_scenario(Path("gamedays") / file.name) == []


def test_problems_inside_experiments_are_told_once_each(file: Path) -> None:
    text = GOOD.replace(
        "duration: 10m",
        "  - {id: again, at: +1m, title: x, fault: ../experiments/slow-db.yaml}\nduration: 10m",
    )
    file.write_text(text)
    asked: list[Path] = []

    def inside(path: Path) -> list[Problem]:
        asked.append(path)
        return [Problem(str(path), 1, 1, "method", "is missing")]

    found = check_scenario(file, experiment_problems=inside)
    assert len({os.path.realpath(path) for path in asked}) == 1
    assert {problem.message for problem in found} == {"is missing"}


def test_the_first_hundred_bytes_and_the_last_are_checked_alike(problems: Problems) -> None:
    """A name that is wrong in a file that is wrong elsewhere keeps its own place."""
    said = problems(("  checkout:\n", "  Check Out:\n"))
    assert said[0].startswith("19:3: probes.Check Out: 'Check Out' is not a name")


def test_three_thousand_lines_are_no_problem(file: Path) -> None:
    injects = "".join(
        f"  - id: n{i}\n    at: +{i + 1}s\n    title: Note {i}\n    message: |\n"
        "      one\n      two ${host}\n    to: [responder]\n    # done\n"
        for i in range(370)
    )
    file.write_text(GOOD.replace("duration: 10m", injects + "duration: 10m"))
    assert check_scenario(file) == []


# --- whatever is in the file, only InvalidFile comes out ------------------------------

LINES = GOOD.splitlines()
WORDS = st.sampled_from(
    ["", "~", "5", "-1", "true", "[]", "{}", "[[]]", "{a: b}", "'x'", "10:30", "${x}", "${", "*a",
     "&a x", "!!int x", "|", ">", "+5m", "5m", ".inf", "\t", "\x00", "\u2028", "é", "<<: 1", "? x",
     "type: range", "{type: regex}", "{type: env}", "9" * 400, "x" * 5000, "- - -", "%", "@", "`"]
)  # fmt: skip


@st.composite
def mutated(draw: st.DrawFn) -> str:
    lines = list(LINES)
    for _ in range(draw(st.integers(1, 5))):
        index = draw(st.integers(0, len(lines) - 1))
        line = lines[index]
        key, colon, _ = line.partition(":")
        change = draw(st.sampled_from(["value", "drop", "double", "indent", "swap", "cut", "key"]))
        if change == "value":
            lines[index] = f"{key}{colon} {draw(WORDS)}"
        elif change == "drop" and len(lines) > 1:
            del lines[index]
        elif change == "double":
            lines.insert(index, line)
        elif change == "indent":
            lines[index] = " " * draw(st.integers(0, 6)) + line.lstrip()
        elif change == "swap":
            other = draw(st.integers(0, len(lines) - 1))
            lines[index], lines[other] = lines[other], lines[index]
        elif change == "cut":
            lines[index] = line[: draw(st.integers(0, len(line)))]
        else:
            lines[index] = line.replace(key.strip() or "x", draw(WORDS) or "x", 1)
    return "\n".join(lines)


def assert_only_placed_problems(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    try:
        load_scenario(path)
    except InvalidFile as invalid:
        problems = invalid.problems
    else:
        problems = ()
    assert list(problems) == check_scenario(path)
    for problem in problems:
        assert problem.line > 0
        assert problem.column > 0
        assert problem.message
        assert problem.line <= content.count(b"\n") + 2


@settings(max_examples=250, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=mutated())
def test_a_mutated_file_is_good_or_invalid(file: Path, text: str) -> None:
    assert_only_placed_problems(file, text.encode("utf-8", "surrogatepass"))


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    content=st.binary(max_size=200)
    | st.text(max_size=200).map(lambda t: t.encode("utf-8", "surrogatepass"))
)
def test_any_bytes_are_good_or_invalid(file: Path, content: bytes) -> None:
    assert_only_placed_problems(file, content)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=6,
)
TOP_KEYS = sorted({line.split(":")[0] for line in LINES if line[:1].isalpha()})


@settings(max_examples=250, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(key=st.sampled_from(TOP_KEYS), value=JSON)
def test_any_value_of_any_key_is_good_or_invalid(file: Path, key: str, value: object) -> None:
    kept = [line for line in LINES if not line.startswith(f"{key}:")]
    text = "\n".join(kept) + f"\n{key}: {json.dumps(value)}\n"
    assert_only_placed_problems(file, text.encode())


# --- the schema -----------------------------------------------------------------------


def test_the_schema_describes_the_good_file(file: Path) -> None:
    jsonschema = pytest.importorskip("jsonschema")
    from gameday.adapters.placed_yaml.reading import read_document

    schema = scenario_schema()
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["$id"]
    assert schema["title"]
    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["$defs"]["Verification"]["properties"]["before"]["default"] == "30s"
    root = read_document(file).root
    assert root is not None
    assert not list(jsonschema.Draft202012Validator(schema).iter_errors(root.value))
    for wrong in ({"color": "red"}, {"duration": 5}, {"targets": {"detect": "3x"}}):
        assert list(jsonschema.Draft202012Validator(schema).iter_errors({**root.value, **wrong}))


def test_the_schema_takes_no_share_for_a_per_cent() -> None:
    objective = scenario_schema()["$defs"]["ServiceLevel"]["properties"]["objective"]
    assert objective["minimum"] == 50


def test_importing_it_brings_nothing_heavy() -> None:
    code = (
        "import sys, gameday.adapters.scenario_yaml;"
        "assert not {'httpx', 'sqlite3', 'chaoslib', 'asyncio'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=30)
