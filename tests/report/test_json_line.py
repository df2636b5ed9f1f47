"""JSON on one line, which may be a line of a log."""

import json

import pytest
from layerscope.report.json_line import json_line


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\nb\x7f\x1b\u202e", r'"a\nb\u007f\u001b\u202e"'),
        ("##[add-mask]a", r'"#\u0023[add-mask]a"'),
        ("###[a", r'"#\u0023#[a"'),
        ("##vso[task.complete]", r'"#\u0023vso[task.complete]"'),
        ("# ## ", r'"# #\u0023 "'),
    ],
)
def test_a_text_is_printable_ascii_and_no_command_of_a_runner(text: str, shown: str) -> None:
    assert json_line(text) == shown
    assert json.loads(shown) == text


def test_what_is_no_json_is_refused() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        json_line(float("nan"))
