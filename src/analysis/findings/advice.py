"""What to write instead of the steps that left files behind: the fix of a `PathRule`."""

import re

from ..analyze import Analysis
from .build_stage import Stages
from .inventory import Pile
from .path_rule import PathRule
from .search_roots import removal, writers
from .steps_text import IGNORED, ignored, is_copy, is_metadata_only, names, run, run_of, told

_MOST_STEPS = 3
_PART = 0.1
"""How many steps are told, and the part of the bytes that one has to have."""
_UPDATE = re.compile(
    r"(?:\w+=\S+\s+)*(apt-get|apt|apk|zypper|dnf|yum)\s+(?:-\S+\s+)*(?:update|refresh|makecache)(?:\s+-\S+)*"
)


def advise(rule: PathRule, pile: Pile, analysis: Analysis, stages: Stages | None = None) -> str:
    """Dockerfile text that keeps the files out: the steps that wrote most of them, with what they lack.

    That of the rule where a step is not known or cannot be told to. `stages` are those of the image, if
    several are to be told of.
    """
    if rule.of_stage:
        return (stages or Stages(analysis)).text(pile, _mostly(pile)) or rule.fix
    if not rule.in_step:
        return rule.fix
    if rule.find:
        return _searched(rule, pile, analysis) or rule.fix
    layers = _mostly(pile)
    own: list[str] = []
    of_base: list[str] = []
    mounted: list[str] = []
    seen: set[int] = set()
    for layer in sorted(layers):
        if layer in seen:
            continue
        found = [path for path, stored_by in pile.places if stored_by == layer]
        if is_copy(analysis, layer):
            own.append(ignored(found) or _ignored(rule))
            continue
        commands = _commands(analysis, layer, seen)
        if not commands or is_metadata_only(commands[0]):
            continue  # nothing is known of it, or it only copied what other steps wrote
        cleaned = _cleaned(rule, commands, found)
        if not cleaned:
            return rule.fix
        if layer < analysis.base_layers:
            of_base.append(cleaned)
            continue
        own.append(cleaned)
        mounts = rule.mounts or tuple(f"target={path}" for path in names(found).split())
        if rule.cached and mounts:
            mounted.append(_mounted(commands, mounts))
    if mounted:
        own += ["# or with BuildKit, which keeps the cache out of the image:", *mounted]
    return told(own, of_base) or rule.fix


def _searched(rule: PathRule, pile: Pile, analysis: Analysis) -> str:
    """Every own step that wrote some of it, with a search for that; of the base's those that wrote most."""
    mostly = _mostly(pile)
    own: list[str] = []
    of_base: list[str] = []
    left_out: list[str] = []
    before: list[bytes] = []
    in_base: list[bytes] = []
    for layer, found in writers(pile, analysis).items():
        if is_copy(analysis, layer):
            left_out.append(ignored(found) or _ignored(rule))
            before += found
            continue
        clean = removal(rule, found, before, in_base)
        before += found
        body = run_of(analysis, layer)
        if layer < analysis.base_layers:
            in_base += found
            of_base += [run(body, clean)] * bool(body and clean and layer in mostly)
        elif not clean:
            return ""
        elif body:
            own.append(run(body, clean))
        elif analysis.layers[layer].command.startswith("RUN "):
            own.append(f"# at the end of the RUN of layer {layer}, which is not repeated here: {clean}")
    first = [rule.first] * bool(own and rule.first)
    return told([*first, *own, *left_out], of_base)


def _mostly(pile: Pile) -> list[int]:
    """The layers that store most of it."""
    return [layer for layer, size in pile.by_layer.items() if size >= _PART * pile.size][:_MOST_STEPS]


def _commands(analysis: Analysis, layer: int, seen: set[int]) -> list[str]:
    """What the step runs; with it, if it only fetches lists, the step that installs by them."""
    command = run_of(analysis, layer)
    seen.add(layer)
    update = _UPDATE.fullmatch(command)
    if update is not None:
        tool = re.compile(rf"\b{update[1].removesuffix('-get')}\b")
        for later in range(layer + 1, len(analysis.layers)):
            following = run_of(analysis, later)
            if tool.search(following):
                seen.add(later)
                return [command, following]
    return [command] if command else []


def _cleaned(rule: PathRule, commands: list[str], found: list[bytes]) -> str:
    words, option = rule.option
    if words and option not in commands[-1]:
        last, replaced = re.subn(words, rf"\g<0> {option}", commands[-1])
        if replaced:
            return run(last)  # the option fetches what it needs, and leaves no lists either
    clean = rule.clean or (f"rm -rf {where}" if (where := names(found)) else "")
    return run(*commands, clean) if clean else ""


def _mounted(commands: list[str], mounts: tuple[str, ...]) -> str:
    options = [f"--mount=type=cache,{mount}" for mount in mounts]
    return "RUN " + " \\\n    ".join([*options, run(*commands).removeprefix("RUN ")])


def _ignored(rule: PathRule) -> str:
    patterns = (f"**/{name.rpartition('/')[2]}".replace("#", "*") for name in (*rule.folders, *rule.files))
    return "\n".join([IGNORED, *patterns])
