"""The file of our rules, checked to the last key: `layerscope.toml`, or a table in `pyproject.toml`."""

import datetime
import fnmatch
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from ..errors import SettingsError, SourceError
from ..toml_file import read_toml, refuse_value
from .accept import Accept
from .catalogue import OF_PATHS, RULES, Shape
from .globs import Globs
from .place import Place
from .rule_setting import check_together, read_setting
from .setting import OFF, Setting

STANDARD = "layerscope.toml"
PROJECT = "pyproject.toml"
"""Where else rules may stand, under `[tool.layerscope]`."""

_LARGEST = 1 << 20
_EXAMPLE = 'max-wasted-bytes = "20MB" below [rules]'


@dataclass(frozen=True, slots=True)
class Section:
    """Rules, what of them is accepted, and what an image is held against."""

    settings: Mapping[str, Setting] = field(default_factory=dict)
    """By the names of the rules."""
    accept: tuple[Accept, ...] = ()
    baseline: str = ""
    """A saved report or an image; empty if there is none."""
    dockerfile: str = ""
    """The file that the image is built from; empty if it is not known."""


@dataclass(frozen=True, slots=True)
class Config:
    """What such a file says."""

    file: str = ""
    """As it was named; empty if there is none."""
    top: Section = Section()
    images: tuple[tuple[tuple[str, ...], Section], ...] = ()
    """What holds for images of some names, as globs in which `*` stands for anything, beside or instead."""

    @property
    def read(self) -> list[str]:
        """The file, and what is read because of it; some may be empty, or names of images."""
        sections = [self.top, *(section for _, section in self.images)]
        return [self.file, *(name for one in sections for name in (one.baseline, one.dockerfile))]

    def of(self, names: Sequence[str]) -> Section:
        """What holds for an image with these names: of sections that fit, the later one overrules."""
        found = self.top
        bare = [name.partition("://")[2] or name for name in names]
        for globs, section in self.images:
            if any(fnmatch.fnmatchcase(name, glob) for glob in globs for name in bare):
                found = Section(
                    {**found.settings, **section.settings},
                    (*section.accept, *found.accept),
                    section.baseline or found.baseline,
                    section.dockerfile or found.dockerfile,
                )
        return found


def find(path: str | None) -> Config:
    """The file that was named, or the one of the current folder; an empty one if there is none.

    SourceError if a named one is not there; SettingsError for everything in it that means nothing.
    """
    if path is not None:
        table = _rules_in(path)
        if table is None:
            raise SourceError(f"there is no file {path} with rules", "layerscope init IMAGE writes one.")
        return _config(path, table)
    found = [(name, table) for name in (STANDARD, PROJECT) if (table := _rules_in(name)) is not None]
    if len(found) > 1:
        raise SettingsError(
            f"{STANDARD} and [tool.layerscope] in {PROJECT} both have rules", "Keep them in one file."
        )
    return _config(*found[0]) if found else Config()


def _rules_in(path: str) -> dict[str, object] | None:
    """The table of ours in a file; None if there is no file, or none in it."""
    document = read_toml(Path(path), largest=_LARGEST, what="rules", example=_EXAMPLE)
    if document is None or Path(path).name != PROJECT:
        return document
    tool = document.get("tool")
    table = tool.get("layerscope") if isinstance(tool, dict) else None
    if table is not None and not isinstance(table, dict):
        refuse_value(path, "tool.layerscope", table, "a table: [tool.layerscope.rules], say")
    return table


_SECTION = ("rules", "accept", "baseline", "dockerfile")


def _config(file: str, table: dict[str, object]) -> Config:
    place = Place(file)
    place.check_names(table, "key", (*_SECTION, "image"))
    images = []
    for number, found in enumerate(place.tables("image", table.get("image", [])), 1):
        below = place.below(f"image {number}")
        below.check_names(found, "key", ("match", *_SECTION))
        if "match" not in found:
            raise below.error("match", "it is missing", 'It names images, as in match = "app:*".')
        globs = below.texts("match", found["match"], 'a glob over names of images ("app:*"), or a list')
        images.append((globs, _section(below, found)))
    return Config(file, _section(place, table), tuple(images))


def _section(place: Place, table: Mapping[str, object]) -> Section:
    rules = table.get("rules", {})
    if not isinstance(rules, dict):
        place.refuse("rules", rules, '[rules], and below it lines such as min-efficiency = "95%"')
    below = place.below("rules")
    below.check_names(rules, "rule", tuple(RULES))
    settings = {name: read_setting(below, RULES[name], value) for name, value in rules.items()}
    check_together(below, settings)
    accept = tuple(
        _accept(place.below(f"accept {number}"), found)
        for number, found in enumerate(place.tables("accept", table.get("accept", [])), 1)
    )
    dockerfile = _path(place, "dockerfile", table)
    return Section(
        settings, accept, _beside(place, _path(place, "baseline", table)),
        str(place.folder / dockerfile) if dockerfile else "",
    )  # fmt: skip


def _path(place: Place, name: str, table: Mapping[str, object]) -> str:
    value = table.get(name, "")
    if not isinstance(value, str) or "\0" in value or (name in table and value in ("", "-")):
        place.refuse(name, value, "a path, from the folder of this file")
    return value


def _beside(place: Place, reference: str) -> str:
    """A file beside the rules if there is one of that name; else whatever the reference may mean."""
    beside = str(place.folder / reference)
    return beside if reference and os.path.exists(beside) else reference  # noqa: PTH110 - may be no path at all


def _accept(place: Place, table: Mapping[str, object]) -> Accept:
    place.check_names(table, "key", ("paths", "reason", "rules", "findings", "expires"))
    needed = {"paths": '"/var/cache/**"', "reason": '"fixed by the next base image"'}
    for name, example in needed.items():
        if name not in table and not (name == "paths" and "findings" in table and "rules" not in table):
            raise place.error(
                name, "it is missing", f"An entry has paths and a reason: {name} = {example}, say."
            )
    paths = place.texts("paths", table["paths"], Shape.PATHS.value) if "paths" in table else ()
    place.parsed("paths", paths, Shape.PATHS.value, lambda: Globs(paths))
    reason = table["reason"]
    if not isinstance(reason, str) or not reason.strip():
        place.refuse("reason", reason, "why this is accepted, in a few words")
    rules = place.texts("rules", table["rules"], "names of rules") if "rules" in table else ()
    for rule in rules:
        place.check_names({rule: None}, "rule", tuple(RULES))
        if rule not in OF_PATHS:
            raise place.error("rules", f"{rule} looks at no paths", f"These do: {', '.join(OF_PATHS)}.")
    findings = place.texts("findings", table["findings"], "ids of findings") if "findings" in table else ()
    if findings:
        from ..analysis.findings.catalogue import FAMILIES  # which few files of rules need

        known = [member.id for family in FAMILIES for member in family.members]
        place.check_names(dict.fromkeys(findings), "finding", known)
    expires = _expires(place, table)
    return Accept(paths, reason, frozenset(rules), expires, place.name, frozenset(findings))


def _expires(place: Place, table: Mapping[str, object]) -> datetime.date | None:
    value = table.get("expires")
    allowed = "the last day on which it holds: 2027-01-31"
    if isinstance(value, str):
        text = value
        value = place.parsed("expires", value, allowed, lambda: datetime.date.fromisoformat(text))
    if value is not None and type(value) is not datetime.date:
        place.refuse("expires", value, allowed)
    return value


def overrule(section: Section, settings: Mapping[str, Setting], standard: Mapping[str, Setting]) -> Section:
    """The section with `standard` settings where it has none, and with the limits of the command line.

    Those are all that is asked of their rules then; scope and floor stay.
    """
    found = {**standard, **section.settings}
    for name, said in settings.items():
        found[name] = replace(found.get(name, OFF), fail=said.fail, warn=said.warn)
    return replace(section, settings=found)
