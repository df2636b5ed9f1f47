"""How names, numbers and kinds look: units, glyphs, bars, with plain ASCII for all of them."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple

from ..analysis.findings.finding import Severity
from ..analysis.model import Entry, FileType
from ..analysis.timeline import Kind
from ..formatting import cut, mode, printable, size

_EIGHTHS = "▏▎▍▌▋▊▉█"


class Glyphs(NamedTuple):
    """The characters that are not ASCII, and what stands for them where they must not be used."""

    kinds: dict[Kind, str]
    opened: str
    closed: str
    arrow: str
    ellipsis: str
    full: str
    """A cell of a bar."""
    wasted: str
    """A cell of a bar that stands for waste."""
    pointer: str
    dot: str
    gutter: str
    """Beside the further lines of what the cursor is on."""
    chosen: str
    """Before what has been chosen."""


_UNICODE = Glyphs(
    {Kind.ADDED: "+", Kind.CHANGED: "~", Kind.METADATA: "±", Kind.REMOVED: "-", Kind.SAME: " "},
    "▾", "▸", "→", "…", "█", "░", "▶", "·", "│", "✓",
)  # fmt: skip
_ASCII = Glyphs(
    {Kind.ADDED: "+", Kind.CHANGED: "~", Kind.METADATA: "m", Kind.REMOVED: "-", Kind.SAME: " "},
    "v", ">", "->", "...", "#", ":", ">", "-", "|", "*",
)  # fmt: skip

KIND_NAMES = {
    Kind.ADDED: "added",
    Kind.CHANGED: "changed",
    Kind.METADATA: "metadata only",
    Kind.REMOVED: "removed",
    Kind.SAME: "unchanged",
}
KIND_STYLES = {
    Kind.ADDED: "added",
    Kind.CHANGED: "changed",
    Kind.METADATA: "metadata",
    Kind.REMOVED: "removed",
    Kind.SAME: "same",
}
"""The component class of a kind, in every widget that shows one."""
SEVERITY_MARKS = {Severity.INFO: "", Severity.LOW: "!", Severity.MEDIUM: "!!", Severity.HIGH: "!!!"}
"""How much a finding matters."""

TYPE_NAMES = {
    FileType.REGULAR: "file",
    FileType.DIRECTORY: "directory",
    FileType.SYMLINK: "symbolic link",
    FileType.HARDLINK: "hard link",
    FileType.CHARACTER: "character device",
    FileType.BLOCK: "block device",
    FileType.FIFO: "named pipe",
}
"""What a tar entry is, in words."""
_TYPE_LETTERS = {
    FileType.DIRECTORY: "d",
    FileType.SYMLINK: "l",
    FileType.CHARACTER: "c",
    FileType.BLOCK: "b",
    FileType.FIFO: "p",
}


def mode_of(file: Entry) -> str:
    """Type and permissions as `ls` shows them: `drwxr-xr-x`."""
    return mode(file.mode, _TYPE_LETTERS.get(file.type, "-"))


def moment(nanoseconds: int) -> str:
    """A time since 1970, in UTC, to the second."""
    seconds = nanoseconds // 1_000_000_000
    try:
        return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M:%S} UTC"
    except (OverflowError, ValueError, OSError):
        return f"{seconds} s after 1970"


def counted(number: int, one: str) -> str:
    """`1 file`, `2,000 files`."""
    return f"{number:,} {one}" if number == 1 else f"{number:,} {one}s"


@dataclass(slots=True)
class Display:
    """What the terminal can show and the user wants to see; the explorer changes it while it runs."""

    binary_units: bool = False
    ascii_only: bool = False

    @property
    def glyphs(self) -> Glyphs:
        """The characters to draw with."""
        return _ASCII if self.ascii_only else _UNICODE

    def size(self, count: int) -> str:
        """Bytes, in the units of the user's choice."""
        return size(count, binary=self.binary_units)

    def signed(self, count: int) -> str:
        """A difference in bytes, with its sign."""
        return f"+{self.size(count)}" if count > 0 else f"-{self.size(-count)}" if count else self.size(0)

    def text(self, raw: bytes | str) -> str:
        """A name or a text of the image, safe to show, on one line."""
        if self.ascii_only and isinstance(raw, str):  # a command may have one that stands for what is unknown
            raw = raw.replace("…", self.glyphs.ellipsis)
        return printable(raw, ascii_only=self.ascii_only)

    def path(self, path: bytes) -> str:
        """A normalised path, with its leading slash."""
        return self.text(b"/" + path)

    def cut(self, text: str, width: int, *, keep_end: bool = False) -> str:
        """At most `width` columns of a text that is safe to show."""
        return cut(text, width, keep_end=keep_end, ellipsis=self.glyphs.ellipsis)

    def bar(self, fraction: float, width: int, wasted: float = 0.0) -> tuple[str, str]:
        """A bar for 0 to 1 of `width` cells: the part that is live and the part that is wasted.

        What is more than nothing shows at least a sliver; what is wasted shows at least one cell if the bar
        has two.
        """
        cells = min(max(fraction, 0.0), 1.0) * width
        bad = min(round(cells * wasted), int(cells)) if wasted < 1 else max(round(cells), 1)
        if wasted and not bad and cells >= 2:
            bad = 1
        if wasted >= 1:
            return "", self.glyphs.wasted * bad if fraction else ""
        good = cells - bad
        if self.ascii_only:
            return self.glyphs.full * max(round(good), 1 if fraction else 0), self.glyphs.wasted * bad
        full, eighths = divmod(round(good * 8), 8)
        if fraction and not full and not eighths:
            eighths = 1
        if bad and eighths:  # no gap between the parts
            full, eighths = full + (eighths >= 4), 0
        return _EIGHTHS[-1] * full + (_EIGHTHS[eighths - 1] if eighths else ""), self.glyphs.wasted * bad
