"""JSON as one line of a log."""

import json


def json_line(value: object) -> str:
    r"""A value in printable ASCII; DEL is the one control character that `json` lets through.

    `##[` anywhere in a line begins a command for GitHub's runner (ActionCommand.cs), `##vso[` for the agent
    of Azure Pipelines. They only stand inside of texts, where `#\u0023` is the same to whoever reads JSON.
    """
    text = json.dumps(value, allow_nan=False).replace("\x7f", "\\u007f")
    return text.replace("##", "#\\u0023") if "##" in text else text
