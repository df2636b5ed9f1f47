"""What is known of a package, or of what no package owns: where its bytes lie, and its largest files."""

from collections.abc import Iterator

from textual.content import Content

from ..analysis.packages.holder_list import Amount, Group
from ..analysis.packages.holders import Holder, Part
from ..formatting import percent
from .display import counted
from .packages_lines import UNOWNED, holder_name
from .session import Session

_LAYERS = 3
"""Lines for layers, where they and the files are more than there is room for."""
_NAME = 10
"""Columns of what stands before sizes."""


def holder_details(session: Session, holder: Holder, width: int, lines: int) -> Content:
    """A package, or a directory of what no package owns: at most so many lines, of `width` columns each."""
    parts = sorted((part for part in holder.parts if part.size), key=lambda part: (-part.size, part.layer))
    room = max(lines - 1, 0)
    layers = min(len(parts), max(room - len(holder.largest), min(_LAYERS, room)))
    return Content("\n").join(
        [
            Content(session.display.cut(_amount(session, holder), width)),
            *_layers(session, parts, layers, width),
            *_files(session, holder, room - layers, width),
        ]
    )


def group_details(session: Session, group: Group, share: float, width: int, lines: int) -> Content:
    """A group: how much it is, `share` (0 to 1) of all live bytes, and the largest in it."""
    look = session.display
    directories = len(group.rows) - group.packages
    of = []
    if group.packages:
        of.append(counted(group.packages, "package"))
    if directories:
        named = f"{directories:,} director{'y' if directories == 1 else 'ies'}"
        of.append(f"{named} {UNOWNED}" if group.packages else named)
    head = f"{look.size(group.size)} in {' and '.join(of)}, {percent(share)} of all live bytes"
    rows = (
        Content(look.cut(f"{look.size(row.size):>9}  {holder_name(session, row.holder)}", width))
        for row in group.rows[: max(lines - 1, 0)]
    )
    return Content("\n").join([Content(look.cut(head, width)), *rows])


def amount_words(session: Session, shown: Amount, whole: Amount, *, grouped: bool) -> str:
    """`1.43 GB of 1.92 GB live in 923 packages, 489 MB of no package`, or what a filter leaves of them.

    Where a group says what no package owns, these words leave it out.
    """
    size, live = session.display.size, whole.owned + whole.unowned
    packages = counted(whole.packages, "package")
    if shown != whole:
        rest = f", {size(shown.unowned)} {UNOWNED}" if shown.unowned and not grouped else ""
        return f"{size(shown.owned)} of {size(live)} live in {shown.packages:,} of {packages}{rest}"
    if not whole.packages:
        return f"No packages: {size(live)} live belong to none"
    rest = f", {size(whole.unowned)} {UNOWNED}" if whole.unowned and not grouped else ""
    return f"{size(whole.owned)} of {size(live)} live in {packages}{rest}"


def _amount(session: Session, holder: Holder) -> str:
    look, package = session.display, holder.package
    said = f"{look.size(holder.size)}  {holder.size:,} bytes in {counted(holder.files, 'file')}"
    if package is None:
        return f"{said} {UNOWNED}"
    if package.installed_size is None:
        return said
    return f"{said}; {look.text(package.manager)} says {look.size(package.installed_size)}"


def _layers(session: Session, parts: list[Part], most: int, width: int) -> Iterator[Content]:
    """A line a layer, the last of which may stand for several."""
    look = session.display
    shown = parts if len(parts) <= most else parts[: max(most - 1, 0)]
    for part in shown:
        step = look.cut(session.command(part.layer), width - _NAME - 11)
        yield _line(f"layer {part.layer}", look.size(part.size), step)
    if len(shown) < len(parts) and most:
        yield _line("", "", f"and in {counted(len(parts) - len(shown), 'other layer')}")


def _files(session: Session, holder: Holder, most: int, width: int) -> Iterator[Content]:
    look, name = session.display, "largest"
    for file in holder.largest[: max(most, 0)]:
        path = look.cut(look.path(file.path), width - _NAME - 11, keep_end=True)
        yield _line(name, look.size(file.size), path)
        name = ""


def _line(name: str, size: str, text: str) -> Content:
    return Content.assemble((f"{name:<{_NAME}}", "dim"), f"{size:>9}  {text}")
