"""What to write instead of a step that put copies out of reach; empty where the steps do not tell."""

import re
from typing import NamedTuple

from ..analyze import Analysis
from ..model import Change
from .inventory import Pile
from .steps_text import IGNORED, ignored, is_copy, is_metadata_only, names, run, run_of, told

_OF_BASE = "# of the base image: another one, or the change where the container starts"
_MOST_STEPS = 3
_PART = 0.02
"""How many steps are told, and the part of the bytes that one has to have."""
_LONGEST = 300
"""Characters of a command that is repeated."""
_REMOVES = re.compile(r"(?:rm\s+-\S|find\s[^|;&]*-delete\s*$)[^|;&]*$")
_UNINSTALLS = re.compile(r"\b(?:remove|purge|autoremove|erase|uninstall|del)\b")
_METADATA = re.compile(
    r"\b(chown|chmod)((?:\s+-[-\w=]+)*)\s+([\w.,:+=-]{1,64})\s+([^-|;&<>$`(){}][^|;&<>$`(){}]*)"
)
_ADDED = re.compile(r"([ugoa]*)\+([rwxst]+)(X?)")
"""A mode that only adds; with an X, which is about directories and what can be run already."""
_NAMES = {
    Change.MODE: "mode",
    Change.OWNER: "owner",
    Change.TIME: "time",
    Change.XATTRS: "extended attributes",
}


def name_changes(changed: int) -> str:
    """What of the metadata changed: `owner and mode`."""
    found = [name for flag, name in _NAMES.items() if changed & flag]
    return " and ".join(found[-2:] if len(found) < 3 else [", ".join(found[:-1]), found[-1]])


class _Setting(NamedTuple):
    """A `chown` or `chmod` in a command."""

    tool: str
    options: str
    value: str
    """The owner, or the mode."""
    paths: str

    @property
    def text(self) -> str:
        """As it is in the command."""
        return f"{self.tool}{self.options} {self.value} {self.paths}"

    @property
    def where_needed(self) -> str:
        """The same for those files alone that have something else; the others are not copied then."""
        owner = self.value.partition(":")[0]
        if self.tool == "chown":
            return (
                f"find {self.paths} ! -user {owner} -exec chown -h {self.value} {{}} +"
                if owner
                else self.text
            )
        added = _ADDED.fullmatch(self.value)
        if added is None and not self.value.isdigit():
            return self.text
        lacking = f"! -perm {self.value if added is None else f'-{added[1]}+{added[2]}'}"
        if added is not None and added[3]:
            lacking = f"'(' -type d -o {lacking} ')'"
        return f"find {self.paths} ! -type l {lacking} -exec chmod {self.value} {{}} +"


def _settings(command: str) -> list[_Setting]:
    return [
        _Setting(tool, options, value, paths.strip())
        for tool, options, value, paths in _METADATA.findall(command)
    ]


def _writers(pile: Pile) -> list[int]:
    """The layers with most of the copies, base first."""
    sizes = pile.by_layer
    return sorted([layer for layer, size in sizes.items() if size >= _PART * pile.size][:_MOST_STEPS])


def _without(analysis: Analysis, layer: int) -> str:
    command = run_of(analysis, layer)
    return f"\n# and without: RUN {command}" if command else "\n# and without the step that follows"


def not_deleted(analysis: Analysis, layer: int, pile: Pile) -> str:
    """The steps that wrote what a later one removes, with the removal in them."""
    later = run_of(analysis, layer)
    own: list[str] = []
    of_base: list[str] = []
    full = ""
    writers = _writers(pile)
    if later and not _REMOVES.match(later):  # mv, an uninstallation, or a removal among other things
        commands = [run_of(analysis, one) for one in writers if not is_copy(analysis, one)]
        if commands and all(commands) and writers[0] >= analysis.base_layers:
            between = writers[-1] + 1 < layer and _UNINSTALLS.search(later)
            note = "\n# with what needs it between them" if between else ""
            return f"# one step instead of several:\n{run(*commands, later)}{note}"
    for writer in writers:
        found = [path for path, stored_by in pile.places if stored_by == writer]
        removal = (f"rm -rf {where}" if (where := names(found)) else "") or later or "rm -rf PATHS"
        command = run_of(analysis, writer)
        if is_copy(analysis, writer):
            own.append(ignored(found) or f"{IGNORED}\nPATTERNS")
        elif command and not is_metadata_only(command):
            (own if writer >= analysis.base_layers else of_base).append(run(command, removal))
        elif writer < analysis.base_layers:
            full = f"FROM BASE AS full\nRUN {removal}\nFROM scratch\nCOPY --from=full / /"
    if full and not of_base:
        of_base.append(full)
    return told(own, of_base) + _without(analysis, layer) if own or of_base else ""


def not_copied(analysis: Analysis, layer: int, pile: Pile) -> str:
    """The steps that wrote the files, with the metadata that a later one gives them."""
    command = analysis.layers[layer].command
    if is_copy(analysis, layer):
        note = "the files are there already, with other metadata; one of the steps is enough"
        return f"# {note}; without: {_line(command)}"
    settings = _settings(run_of(analysis, layer))
    if not settings:
        return ""
    flags = _flags(settings)
    writers = _writers(pile)
    texts = []
    for writer in writers:
        run_before = run_of(analysis, writer)
        word, _, rest = analysis.layers[writer].command.partition(" ")
        if writer < analysis.base_layers:
            texts.append("# of the base image, where only a copy can change them: leave those as they are")
        elif is_copy(analysis, writer):
            if flags and rest.isprintable() and len(rest) < _LONGEST:
                texts.append(f"{word} {flags} {rest}")
            else:
                texts.append(
                    f"# in the folder that is built from, as {word} keeps the mode: chmod {settings[0].value}"
                )
        elif run_before:
            alone = len(writers) == 1
            texts.append(run(run_before, *(one.text if alone else one.where_needed for one in settings)))
    return "\n".join(dict.fromkeys(texts)) + _without(analysis, layer) if texts else ""


def _flags(settings: list[_Setting]) -> str:
    """Those of COPY; it takes symbolic modes only in new versions, and none with an X there."""
    found = [f"--{one.tool}={one.value}" for one in settings if one.tool == "chown" or one.value.isdigit()]
    return " ".join(dict.fromkeys(found))


def not_rewritten(analysis: Analysis, layer: int, pile: Pile) -> str:
    """The step left out, or restricted to what it has to change."""
    command = run_of(analysis, layer)
    settings = _settings(command)
    if settings:
        note = "only what it has to change" if pile.changed else "it changes nothing, and can be left out; or"
        return f"# {note}:\n" + run(*(one.where_needed for one in settings))
    if command or is_copy(analysis, layer):
        return f"# the files are there already; without: {_line(analysis.layers[layer].command)}"
    return ""


def not_overwritten(analysis: Analysis, layer: int, pile: Pile) -> str:
    """The steps that write the same files as one; what the base image has of them no step can spare."""
    writers = [writer for writer in _writers(pile) if writer != layer]
    own = [writer for writer in writers if writer >= analysis.base_layers]
    commands = [run_of(analysis, one) for one in (*own, layer)]
    if not writers:
        return _OF_BASE
    lines = [] if own == writers else [_OF_BASE]
    if own and all(commands):
        lines.append("# one step instead of several:\n" + run(*commands))
    elif own:
        without = _line(analysis.layers[own[0]].command)
        lines.append(f"# write the files once, with what they hold in the end; without: {without}")
    return "\n".join(lines)


def _line(command: str) -> str:
    return command if command.isprintable() and len(command) < _LONGEST else "the step"
