"""The report for CI servers: what was missed is a failure there, and nothing else is."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest

from gameday.core.scorecard.scorecard import Scorecard
from gameday.reports.junit import to_junit
from tests.reports.sample_runs import ODD, rich


def suite(card: Scorecard) -> ET.Element:
    root = ET.fromstring(to_junit(card))
    assert root.tag == "testsuites"
    (found,) = root
    return found


@pytest.mark.parametrize("name", ODD)
def test_counts_are_those_of_its_testcases(name: str) -> None:
    card = ODD[name]()
    found = suite(card)
    cases = found.findall("testcase")
    assert int(found.attrib["tests"]) == len(cases) >= 3 + len(card.times)
    assert int(found.attrib["failures"]) == len(found.findall("testcase/failure"))
    assert int(found.attrib["skipped"]) == len(found.findall("testcase/skipped"))
    assert all(float(case.attrib["time"]) >= 0 for case in cases)
    names = [(case.attrib["classname"], case.attrib["name"]) for case in cases]
    assert len(set(names)) == len(names) or card.false_all_clears


def test_each_target_is_a_testcase_with_its_reason() -> None:
    card = rich()
    found = {
        case.attrib["name"].split(" within ")[0]: case
        for case in suite(card).findall("testcase[@classname='targets']")
    }
    assert set(found) == {time.name for time in card.times}
    for time in card.times:
        case = found[time.name]
        failure, skipped = case.find("failure"), case.find("skipped")
        assert (failure is not None) is (time.verdict == "missed")
        assert (skipped is not None) is (time.verdict == "censored")
        if failure is not None:
            assert failure.attrib["message"] == time.why
    assert {time.verdict for time in card.times} > {"met"}, "nothing was missed: a weak sample"


def test_a_false_all_clear_is_a_failure() -> None:
    card = rich()
    assert card.false_all_clears, "a weak sample"
    claims = suite(card).findall("testcase[@classname='claims']/failure")
    assert len(claims) == len(card.false_all_clears)
    assert all("false all-clear" in claim.attrib["message"] for claim in claims)


def test_each_expectation_is_a_testcase() -> None:
    found = {
        case.attrib["name"]: [child.tag for child in case]
        for case in suite(rich()).findall("testcase[@classname='expectations']")
    }
    assert found == {
        "call: Customers are told within 1m": [],
        "call: An executive is told within 1m": ["failure"],
        "call: It is over within 2h": [],
    }
