"""The config's history paired with the layers, and its commands as Dockerfile text."""

import re

from .model import HistoryStep, Image, Step

_POSIX = r"/bin/(?:ba|a|da)?sh -(?:o pipefail -)?[a-z]*c"
_SHELL = re.compile(rf"^(?:{_POSIX}|cmd /S /C|powershell -Command)\s+")
_NOP = re.compile(rf"^(?:{_POSIX}|cmd /S /C|powershell -Command(?: \$\w+ = '\w+';)*)\s+#\(nop\)\s+")
_ARGS = re.compile(r"^\|([0-9]{1,4})\s")
_AFTER_ARGS = re.compile(rf"(?:^|\s)({_POSIX}\s)")
_COPY_SOURCE = re.compile(
    r"^(ADD|COPY)((?: --[^\s:]{1,40}(?::[^\s:]{1,40}?)?)?) ?(?:file|dir|multi):[0-9a-f]+ in "
)
"""The classic builder's, which puts no blank behind an option."""
_MARK = "# buildkit"


def pair(image: Image) -> tuple[Step, ...]:
    """Every history entry with the index of the layer it made.

    Entries that are not empty take the layers in order (OCI image spec, config.md). A missing, short or
    long history is tolerated: layers may be left without a step, and steps without a layer.
    """
    steps = []
    layer = 0
    for history in image.history:
        if history.empty_layer or layer >= len(image.layers):
            steps.append(Step(history, None))
        else:
            steps.append(Step(history, layer))
            layer += 1
    return tuple(steps)


def command(step: HistoryStep) -> str:
    """A step as Dockerfile text; some builders (Nix) leave it empty and say in the comment what they did."""
    return instruction(step.created_by or step.comment)


def instruction(created_by: str) -> str:
    """A step as the Dockerfile would have it: `RUN …`, `COPY . /app`, `CMD ["sh"]`.

    Takes off what the classic builder (`/bin/sh -c #(nop)`, `|1 ARG=x /bin/sh -c`) and BuildKit
    (`RUN /bin/sh -c … # buildkit`) put around it; what is neither stays as it is.
    """
    text = created_by.strip()
    if match := _NOP.match(text):
        return _COPY_SOURCE.sub(r"\1\2 … ", text[match.end() :].strip())
    text = _without_mark(text)
    prefix = ""
    if text.startswith("RUN "):
        prefix, text = "RUN ", text[4:].lstrip()
    if match := _ARGS.match(text):
        text = _without_arguments(text[match.end() :], int(match.group(1)))
        prefix = "RUN "
    if match := _SHELL.match(text):
        return "RUN " + text[match.end() :].strip()
    return prefix + text


def _without_mark(text: str) -> str:
    """`RUN make # buildkit` without its end; a pattern would take quadratic time over blanks."""
    bare = text.removesuffix(_MARK)
    return bare.rstrip() if bare != text and bare[-1:].isspace() else text


def _without_arguments(text: str, count: int) -> str:
    """`A=b C=d e /bin/sh -c make` without its build arguments, whose values may hold blanks."""
    if shell := _AFTER_ARGS.search(text):
        return text[shell.start(1) :]
    return " ".join(text.split(" ")[count:])
