"""Why copies are wasted, in words."""

from textual.content import Content

from ..analysis.model import WasteKind, WasteRow
from ..analysis.waste_groups import Amount, Cause, Group
from ..formatting import percent
from ..report.json_report import change_names
from .session import Session


def row_details(session: Session, row: WasteRow, width: int) -> Content:
    """A copy: why it is wasted, and the commands of the two layers, at most two lines of `width` each."""
    cause = Cause(row.kind, row.layer, row.killed_by, row.changed)
    size = f"{session.display.size(row.size)}  {row.size:,} bytes"
    return _details(session, cause, _why(cause), size, width)


def group_details(session: Session, group: Group, share: float, width: int) -> Content:
    """A group: how much it is, `share` (0 to 1) of all waste, and what happened to most of it."""
    part = "" if group.caused == group.size else f"{percent(group.caused_fraction)} of it: "
    why = part + _why(group.cause, many=len(group.rows) > 1)
    size = f"{session.display.size(group.size)} in {_copies(len(group.rows))}"
    return _details(session, group.cause, why, f"{size}, {percent(share)} of all waste", width)


def amount_words(session: Session, shown: Amount, whole: Amount) -> str:
    """`146 MB in 7,202 copies`, or what a filter leaves of them."""
    size = session.display.size
    if shown == whole:
        return f"{size(whole.size)} in {_copies(whole.copies)}"
    return f"{size(shown.size)} of {size(whole.size)} in {shown.copies:,} of {_copies(whole.copies)}"


def _copies(count: int) -> str:
    return f"{count:,} {'copy' if count == 1 else 'copies'}"


def _why(cause: Cause, *, many: bool = False) -> str:
    writer, killer = f"layer {cause.layer}", f"layer {cause.killed_by}"
    match cause.kind:
        case WasteKind.REMOVED:
            return f"deleted by {killer} and still shipped in {writer}"
        case WasteKind.OVERWRITTEN:
            old = "the old copies are" if many else "the old copy is"
            return f"written by {writer}, replaced by {killer}: {old} still shipped"
        case WasteKind.METADATA_ONLY:
            *first, last = change_names(cause.changed)
            changed = f"{'their' if many else 'its'} {' and '.join(filter(None, (', '.join(first), last)))}"
            whole = "the whole files are" if many else "the whole file is"
            return f"written by {writer}, {changed} changed by {killer}: {whole} stored again"
        case WasteKind.REWRITTEN:
            them = "them" if many else "it"
            return f"written by {writer}, and again by {killer} with nothing new in {them}"
        case WasteKind.SHADOWED:
            return f"written more than once in the tar of {writer}: only the last one counts"


def _details(session: Session, cause: Cause, why: str, size: str, width: int) -> Content:
    """The last lines are the steps that wrote and that killed, if it is another."""
    lines = [Content.assemble((str(cause.kind), "bold $text-warning"), f"  {why}"), Content(size)]
    for layer in dict.fromkeys((cause.layer, cause.killed_by)):
        command = session.display.cut(session.command(layer), max(2 * width - 20, 10))
        lines.append(Content.assemble((f"layer {layer:<3} ", "dim"), command))
    return Content("\n").join(lines)
