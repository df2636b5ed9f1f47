"""Colours of source code."""

import pytest
from layerscope.tui import highlighting
from layerscope.tui.highlighting import highlight, runs

TEXT = 'def f():\n\treturn "é\udcff"  # 漢\r\n\n\n1\n'


def test_each_line_has_its_styles() -> None:
    assert runs("a.py", TEXT) == [
        [(3, "keyword"), (1, ""), (1, "definition"), (1, ""), (1, ""), (1, "")],
        [(1, ""), (6, "keyword"), (1, ""), (1, "string"), (2, "string"), (1, "string"), (2, ""),
         (4, "comment")],
        [],
        [],
        [(1, "number")],
        [],
    ]  # fmt: skip


@pytest.mark.parametrize(
    "first", ["#!/usr/bin/env python3", "#!/usr/bin/env -S python3 -u", "#! /bin/python"]
)
def test_a_script_without_an_ending_tells_its_language_in_its_first_line(first: str) -> None:
    assert runs("serve", f"{first}\nNone\n") == [[(len(first), "comment")], [(4, "keyword")], []]


@pytest.mark.parametrize("text", ["", "#!\n", "#! -\n", "#!/opt/odd\n", "just text\n"])
def test_an_unknown_language_has_none(text: str) -> None:
    assert runs("README", text) is None


def test_the_work_is_done_in_another_process() -> None:
    assert highlight("a.py", TEXT) == runs("a.py", TEXT)
    assert highlight("README", TEXT) is None


def test_a_process_that_takes_too_long_is_ended_and_the_text_stays_plain(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(highlighting, "MODULE", "timeit")
    assert highlight("while True: pass", TEXT, patience=0.1) is None


def test_a_process_that_nobody_waits_for_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(highlighting, "MODULE", "timeit")
    assert highlight("while True: pass", TEXT, patience=60, is_wanted=lambda: False) is None
