"""Findings about copies that no container sees: deleted later, copied for metadata, written twice."""

from collections.abc import Iterator

from ..analyze import Analysis
from ..model import WasteKind
from . import copies_advice
from .finding import Finding, Saving, Severity
from .inventory import Inventory, Pile
from .making import evidence_of, savings_of, severity_by_size
from .subject import Subject

DELETED = Subject(
    "deleted-later",
    "Deleted in a later step",
    Severity.MEDIUM,
    "A layer cannot be changed by the next one: what is deleted there is shipped and pulled all the same. "
    "Only the step that writes a file can leave it out.",
    "RUN COMMAND \\\n && rm -rf PATHS\n# and without: RUN rm -rf PATHS",
)
COPIED = Subject(
    "copied-for-metadata",
    "Copied to change metadata",
    Severity.MEDIUM,
    "A layer holds whole files: to change the owner, the mode or the time of one puts a second copy of it "
    "into the image. The first one stays, out of reach.",
    "COPY --chown=OWNER --chmod=MODE SOURCE TARGET\n# and without: RUN chown -R OWNER TARGET",
)
OVERWRITTEN = Subject(
    "overwritten",
    "Overwritten by a later step",
    Severity.MEDIUM,
    "The later content takes the place of the earlier, which is shipped all the same. "
    "One step that writes the file once needs no room for two.",
    "# one step instead of two:\nRUN COMMAND \\\n && LATER-COMMAND",
)
REWRITTEN = Subject(
    "rewritten",
    "Written again with nothing new",
    Severity.MEDIUM,
    "The step sets what the files have already, or installs again what is there, and the layer gets whole "
    "copies. They hold the same bytes with the same metadata.",
    "# without the step; or restricted to what it has to change:\n"
    "RUN find PATH ! -perm -a+r -exec chmod a+r {} +",
)
SHADOWED = Subject(
    "twice-in-one-layer",
    "Twice in the archive of one layer",
    Severity.MEDIUM,
    "The builder wrote the path twice into one tar, and the second entry hides the first. "
    "No Dockerfile does so: it is the tool that made the layer.",
    "# build the layer anew, or squash the image: the tool that made it appended instead of replacing",
)
SUBJECTS = (DELETED, COPIED, REWRITTEN, OVERWRITTEN, SHADOWED)
"""In the order of the page."""

_OF_KIND = {
    WasteKind.METADATA_ONLY: COPIED,
    WasteKind.OVERWRITTEN: OVERWRITTEN,
    WasteKind.REWRITTEN: REWRITTEN,
    WasteKind.SHADOWED: SHADOWED,
}
_ADVICE = {
    COPIED.id: copies_advice.not_copied,
    OVERWRITTEN.id: copies_advice.not_overwritten,
    REWRITTEN.id: copies_advice.not_rewritten,
}


def find_copies(analysis: Analysis, inventory: Inventory) -> Iterator[Finding]:
    """One finding for each step that put copies out of reach, and each way in which it did."""
    for layer, pile in inventory.deleted.items():
        fix = copies_advice.not_deleted(analysis, layer, pile) or DELETED.fix
        yield _finding(analysis, DELETED, DELETED.title, layer, pile, fix)
    for (kind, layer), pile in _by_cause(inventory):
        subject = _OF_KIND[kind]
        title = subject.title
        if subject is COPIED:
            title = f"Copied to change {copies_advice.name_changes(pile.changed)}"
        advice = _ADVICE.get(subject.id)
        fix = (advice(analysis, layer, pile) if advice is not None else "") or subject.fix
        yield _finding(analysis, subject, title, layer, pile, fix)


def _by_cause(inventory: Inventory) -> Iterator[tuple[tuple[WasteKind, int], Pile]]:
    """The other copies: what one `chown -R` copied, and what had that owner already, is one finding."""
    pair = WasteKind.METADATA_ONLY, WasteKind.REWRITTEN
    for (kind, layer), pile in inventory.copied.items():
        if kind not in pair:
            yield (kind, layer), pile
            continue
        other = inventory.copied.get((pair[kind is pair[0]], layer))
        if other is None:
            yield (kind, layer), pile
        elif (pile.size, kind) > (other.size, pair[kind is pair[0]]):
            both = Pile(pile.size + other.size, {**pile.places}, pile.changed | other.changed)
            for place, (size, files) in other.places.items():
                found = both.places.get(place, (0, 0))
                both.places[place] = [found[0] + size, found[1] + files]
            yield (kind, layer), both


def _finding(analysis: Analysis, subject: Subject, title: str, layer: int, pile: Pile, fix: str) -> Finding:
    evidence, more = evidence_of(pile)
    copied_again = subject in (COPIED, REWRITTEN)  # the first copy stays, and the step stores none
    return Finding(
        subject.id,
        title,
        severity_by_size(pile.size, analysis, subject.severity),
        (layer, *(writer for writer in pile.by_layer if writer != layer)),
        evidence,
        more,
        pile.size,
        subject.reason,
        fix,
        (Saving(layer, pile.size, 0),) if copied_again else savings_of(pile),
    )
