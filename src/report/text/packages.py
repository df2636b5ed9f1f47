"""Which package brought which bytes, as text."""

from typing import TextIO

from ...analysis.packages.package import Package, Packages
from ...formatting import printable, size
from ..subject import Run, Subject
from ..wording import counted, or_dash
from .style import Style, widest

_ROWS = 50
_UNOWNED = 10
_LONGEST_NAME = 60


def write(run: Run, out: TextIO) -> None:
    """Write the largest packages of each image and what no package owns, 100 columns wide.

    Reads the databases of package managers; SourceError for a report that was saved without entries.
    """
    style = Style()
    found = [(subject, subject.analysis.packages) for subject in run.subjects]
    for subject, packages in found:
        for line in style.fit(_lines(subject, packages, style)):
            out.write(f"{line}\n")


def _lines(subject: Subject, packages: Packages, style: Style) -> list[str]:
    analysis = subject.analysis
    told = counted(len(packages.packages), "package", "packages")
    lines = [
        style.shown(analysis.image.reference),
        f"{size(packages.owned())} of {size(analysis.totals.live)} live in {told}",
    ]
    largest = packages.packages[:_ROWS]
    if largest:
        names = [_name(package, style) for package in largest]
        width = widest([*names, "package"])
        managers = widest([*(package.manager for package in largest), "manager"])
        lines += ["", f"  {'bytes':>8}  {'files':>7}  {'manager':<{managers}}  {'package':<{width}}  layer"]
        for package, name in zip(largest, names, strict=True):
            figures = f"  {or_dash(package.size):>8}  {package.files:>7,}  {package.manager:<{managers}}"
            layer = "" if package.layer is None else package.layer
            lines.append(f"{figures}  {name:<{width}}  {layer}")
        if rest := len(packages.packages) - len(largest):
            others = counted(rest, "other", "others")
            lines.append(f"  {size(packages.owned(len(largest))):>8}  in {others}")
    lines += ["", f"{size(packages.unowned)} of no package"]
    lines += [
        f"  {size(held):>8}  /{style.shown(path)}"
        for path, held, _ in packages.unowned_by_directory[:_UNOWNED]
    ]
    lines += [f"note: {style.shown(note)}" for note in packages.notes]
    return lines


def _name(package: Package, style: Style) -> str:
    copies = f" ×{package.copies}" if package.copies > 1 else ""
    return style.cut(printable(f"{package.name} {package.version}"), _LONGEST_NAME) + copies
