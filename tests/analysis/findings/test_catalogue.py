"""Every finding that there is: explained, shown in docs/findings.md, and with an example in these tests."""

import re
from pathlib import Path

import pytest
from layerscope.analysis.analyze import analyze
from layerscope.analysis.findings.catalogue import FAMILIES, PATH_RULES
from layerscope.analysis.findings.finding import Finding
from layerscope.analysis.findings.path_rule import Copies, PathRule
from layerscope.analysis.findings.subject import Subject

from docs.findings_page import PAGE, write_page

from .examples import EXAMPLES, find_files, of_files

MEMBERS = tuple(member for family in FAMILIES for member in family.members)
TESTS = "".join(path.read_text(encoding="utf-8") for path in Path(__file__).parent.glob("test_*.py"))


def found(files: tuple[str, ...], identity: str) -> list[Finding]:
    return [one for one in find_files(analyze(of_files(files))) if one.id == identity]


def test_every_id_is_there_once_and_says_what_it_is() -> None:
    ids = [member.id for member in MEMBERS]
    assert len(ids) == len(set(ids))
    assert [one for one in ids if not re.fullmatch(r"[a-z]+(-[a-z]+)*", one)] == []
    assert [rule.id for rule in PATH_RULES if rule not in MEMBERS] == []


@pytest.mark.parametrize("member", MEMBERS, ids=lambda member: member.id)
def test_it_has_a_title_two_sentences_of_reason_and_a_fix(member: PathRule | Subject) -> None:
    assert re.fullmatch(r"[A-Za-z].{5,60}[^.]", member.title)
    sentences = re.split(r"(?<=[.?!])\s+(?=[A-Z`])", member.reason)
    assert len(sentences) == 2, sentences
    assert all(sentence.endswith(".") for sentence in sentences)
    words = {line.split(" ")[0] for line in re.sub(r"\\\n", "", member.fix).splitlines()}
    assert words & {"RUN", "COPY", "FROM", "ENV", "#", "USER", "CMD", "ADD", "ARG", "WORKDIR"}


@pytest.mark.parametrize("rule", PATH_RULES, ids=lambda rule: rule.id)
def test_a_rule_finds_its_example_and_nothing_in_what_looks_like_it(rule: PathRule) -> None:
    example = EXAMPLES[rule.id]
    (one,) = found(example.found, rule.id)
    assert one.saved == sum(example.places.values())
    places: dict[str, int] = {}
    for evidence in one.evidence:
        path = "/" + evidence.path.decode()
        places[path] = places.get(path, 0) + evidence.size
    assert (places, one.more) == (example.places, 0)
    assert found(example.passed, rule.id) == []


def test_every_other_finding_is_in_a_test() -> None:
    subjects = [member.id for member in MEMBERS if isinstance(member, Subject)]
    assert [one for one in subjects if f'"{one}"' not in TESTS] == []
    assert set(EXAMPLES) == {rule.id for rule in PATH_RULES}


def test_no_name_is_claimed_by_two_rules() -> None:
    names = [(name, rule.below) for rule in PATH_RULES for name in (*rule.folders, *rule.files)]
    assert sorted(set(names)) == sorted(names)


def test_what_is_about_wasted_copies_too_has_no_least_size_below_which_they_would_be_nowhere() -> None:
    assert [rule.id for rule in PATH_RULES if rule.copies is not Copies.LIVE and rule.least] == []


def test_the_page_is_as_the_catalogue_is() -> None:
    assert PAGE.read_text(encoding="utf-8") == write_page()
