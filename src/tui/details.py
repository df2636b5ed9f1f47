"""What is known of the layer or the path that is selected, as text."""

from collections.abc import Iterator

from textual.content import Content

from ..analysis.findings.finding import Severity
from ..analysis.model import Entry, FileType
from ..analysis.timeline import Kind, Version
from ..formatting import percent
from .display import KIND_NAMES, SEVERITY_MARKS, TYPE_NAMES, mode_of, moment
from .session import Session

_LONGEST_COMMAND = 20_000
_MOST_XATTRS = 50
_MOST_FINDINGS = 20
_LONGEST_TITLE = 300

Line = Content


def layer_details(session: Session, index: int) -> Content:
    """All figures of a layer."""
    return Content("\n").join(_layer(session, index))


def path_details(session: Session, path: int, layer: int) -> Content:
    """A path as it stands after a layer, or as that layer removed it."""
    return Content("\n").join(_path(session, path, layer))


def path_history(session: Session, path: int, most: int) -> Content:
    """What every layer made of a path, oldest first: a line each, at most so many."""
    lines = list(_history(session, path))
    if len(lines) > most > 0:
        left_out = len(lines) - most + 1
        lines[:left_out] = [Content.styled(f"    {left_out:,} earlier", "dim")]
    return Content("\n").join(lines)


def _layer(session: Session, index: int) -> Iterator[Line]:
    analysis, display = session.analysis, session.display
    layer = analysis.layers[index]
    source, figures, changes = layer.layer, layer.figures, analysis.change_counts[index]
    command = layer.command[:_LONGEST_COMMAND]
    yield Content("\n").join(
        Content.styled(display.text(line), "bold") for line in (command or "(no history)").splitlines()
    )
    yield Content("")
    share = figures.stored / analysis.totals.stored if analysis.totals.stored else 0.0
    yield _row("stored", f"{display.size(figures.stored)}  {percent(share)} of the image")
    if source.compressed_bytes is not None:
        yield _row("compressed", display.size(source.compressed_bytes))
    yield _row("live", display.size(figures.live))
    if figures.wasted:
        yield _row(
            "wasted",
            f"{display.size(figures.wasted)}  {percent(figures.wasted_fraction)} of it",
            "$text-warning",
        )
    else:
        yield _row("wasted", "nothing")
    if killed := analysis.killed_bytes[index]:
        yield _row("buries", f"{display.size(killed)} of other layers or its own", "$text-warning")
    glyphs = display.glyphs.kinds
    yield _row(
        "paths",
        f"{glyphs[Kind.ADDED]}{changes.added:,} added  {glyphs[Kind.CHANGED]}{changes.modified:,} modified  "
        f"{glyphs[Kind.REMOVED]}{changes.removed:,} removed",
    )
    yield from _findings(session, index)
    if layer.created:
        yield _row("created", display.text(layer.created))
    for name, value in (
        ("diff_id", source.diff_id),
        ("digest", source.digest),
        ("media type", source.media_type),
        ("blob", source.name),
    ):
        if value:
            yield _row(name, display.text(value))


def _findings(session: Session, layer: int) -> Iterator[Line]:
    """What to change in the step of a layer, once that is known."""
    display, found = session.display, session.found
    findings = found.by_layer.get(layer, ()) if found is not None else ()
    for number, one in enumerate(findings[:_MOST_FINDINGS]):
        mark = f"{SEVERITY_MARKS[one.severity]:<3} {display.size(one.saved) if one.saved else '-':>8}  "
        title = display.text(one.title[:_LONGEST_TITLE])
        yield Content.assemble(
            (f"{'' if number else 'findings':<11}", "dim"),
            (mark, "$text-warning" if one.severity > Severity.INFO else ""),
            Content(title),
        )
    if more := len(findings[_MOST_FINDINGS:]):
        yield _row("", f"and {more:,} more")


def _path(session: Session, path: int, layer: int) -> Iterator[Line]:
    display, timeline = session.display, session.timeline
    number = version_at(session, path, layer)
    yield Content.styled(display.path(timeline.name(path)), "bold")
    yield Content("")
    if number is None:
        yield Content.styled("not in the image up to this layer", "dim")
        return
    version = timeline.version(number)
    entry, file = version.entry, version.file
    yield _row("type", _type(entry, file))
    if entry.type in (FileType.SYMLINK, FileType.HARDLINK):
        yield _row("link to", display.text(entry.link))
    if file.type is FileType.REGULAR:
        yield _row("size", f"{display.size(file.size)}  {file.size:,} bytes")
    if file.type in (FileType.CHARACTER, FileType.BLOCK):
        yield _row("device", "{}, {}".format(*file.extras.device))
    yield _row("mode", f"{file.mode:04o}  {mode_of(file)}")
    yield _row("owner", f"{file.uid}:{file.gid}")
    yield _row("modified", moment(file.mtime_ns))
    for name, value in file.extras.xattrs[:_MOST_XATTRS]:
        yield _row("xattr", f"{display.text(name)} = {display.cut(display.text(value[:200]), 120)}")
    yield _row("from", f"layer {version.layer}  {session.command(version.layer)}")
    if version.until <= layer:
        yield _row("removed by", f"layer {version.until}  {session.command(version.until)}", "$text-error")
    if version.wasted:
        yield _row(
            "wasted", f"{display.size(file.size)}: no path of the final image leads to it", "$text-warning"
        )


def _history(session: Session, path: int) -> Iterator[Line]:
    timeline, display = session.timeline, session.display
    previous: Version | None = None
    for number in timeline.versions(path):
        version = timeline.version(number)
        if previous is not None and previous.until < version.layer:
            yield _removed(session, previous.until)
        elif version.kind is Kind.SAME and version.entry.type is FileType.DIRECTORY:
            previous = version  # a layer lists every directory on the way to its files
            continue
        yield _step(session, version, display.glyphs.kinds[version.kind], _what(session, version, previous))
        previous = version
    if previous is not None and previous.until < len(timeline.layers):
        yield _removed(session, previous.until)


def _step(session: Session, version: Version, glyph: str, what: str) -> Line:
    display = session.display
    held = version.file.size if version.file.type is FileType.REGULAR else None
    parts: list[Content | tuple[str, str]] = [
        (f"{version.layer:>3} ", "bold"),
        Content(f"{glyph} {what:<24} "),
        Content(f"{display.size(held) if held is not None else '':>8}  "),
    ]
    if held:
        parts.append(("wasted  ", "$text-warning") if version.wasted else ("live    ", "$text-success"))
    return Content.assemble(*parts, Content(session.command(version.layer)))


def _removed(session: Session, layer: int) -> Line:
    glyph = session.display.glyphs.kinds[Kind.REMOVED]
    return Content.assemble(
        (f"{layer:>3} ", "bold"),
        (f"{glyph} {'removed':<24} {'':>8}  ", "$text-error"),
        Content(session.command(layer)),
    )


def _what(session: Session, version: Version, previous: Version | None) -> str:
    """What a layer did to the path, precisely where that is short."""
    if previous is None or previous.until < version.layer:
        return KIND_NAMES[Kind.ADDED]
    if version.kind is Kind.METADATA:
        arrow = session.display.glyphs.arrow
        old, new = previous.file, version.file
        if old.mode != new.mode:
            return f"mode {old.mode:04o} {arrow} {new.mode:04o}"
        if (old.uid, old.gid) != (new.uid, new.gid):
            return f"owner {old.uid}:{old.gid} {arrow} {new.uid}:{new.gid}"
        return "time only" if old.mtime_ns != new.mtime_ns else "xattrs only"
    if version.kind is Kind.SAME:
        return "written again, the same"
    return KIND_NAMES[version.kind]


def version_at(session: Session, path: int, layer: int) -> int | None:
    """The version to tell of: what the layers up to one have, or what that one removed."""
    timeline = session.timeline
    found = timeline.at(path, layer)
    if found is None:
        return next((number for number in timeline.versions(path) if timeline.until[number] == layer), None)
    return found


def _type(entry: Entry, file: Entry) -> str:
    if entry.type is FileType.HARDLINK:
        known = file.type is not FileType.HARDLINK
        return f"hard link to a {TYPE_NAMES[file.type]}" if known else "broken hard link"
    return TYPE_NAMES[entry.type]


def _row(name: str, value: str, style: str = "") -> Line:
    return Content.assemble((f"{name:<11}", "dim"), Content.styled(value, style) if style else Content(value))
