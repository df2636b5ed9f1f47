"""What the advice of findings saves: each fix taken and built by a real engine, beside what was predicted."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from layerscope.analysis.analyze import analyze
from layerscope.analysis.findings.finding import Finding
from layerscope.analysis.findings.search import find_all
from layerscope.loader import open_image

from benchmarks import table
from benchmarks.builds import Builder
from benchmarks.fixes import Fix, Mistakes, NotSaidError

_COLUMNS = ("finding: what is changed", "predicted at first", "predicted before", "real", "off")
_SUM = "all of them"


class Found(NamedTuple):
    """The findings of one image, and where the user's own layers begin."""

    findings: Sequence[Finding]
    base_layers: int

    def saved(self, fix: Fix) -> int:
        """Bytes that a fix is said to save in the user's layers: no step can change those of the base."""
        if not fix.below:
            about = (one for one in self.findings if one.id in (fix.finding, *fix.also))
            return sum(part.size for one in about for part in one.savings if part.layer >= self.base_layers)
        return sum(_below(one, fix.below) for one in self.findings if one.id in (fix.finding, *fix.also))

    def text(self, fix: Fix) -> str:
        """What is to be written, by the finding that saves most; empty if it is not there."""
        about = (one for one in self.findings if one.id == fix.finding)
        return next((one.fix for one in about if not fix.below or _below(one, fix.below)), "")


def _below(finding: Finding, folder: bytes) -> int:
    return sum(piece.size for piece in finding.evidence if piece.path.startswith(folder))


class Row(NamedTuple):
    """What one fix was said to save, and what it saves, in bytes."""

    finding: str
    """Its id, or the ids of those that are mended together."""
    change: str
    first: int
    """Predicted from the image with all mistakes."""
    before: int
    """Predicted from the image that the fix is applied to."""
    real: int | None
    """None if there is no such finding any more, or its fix does not fit the steps."""

    @property
    def off(self) -> float:
        """The last prediction beside what was saved, as part of that: above 0 if too much was promised."""
        return (self.before - self.real) / self.real if self.real else 0.0

    @property
    def cells(self) -> tuple[str, ...]:
        """Those of the table."""
        predicted = f"{self.first:,}", f"{self.before:,}"
        real = ("-", "-") if self.real is None else (f"{self.real:,}", f"{self.off:z.2%}")
        return (f"{self.finding}: {self.change}" if self.change else self.finding, *predicted, *real)


class Taken(NamedTuple):
    """An image with all fixes taken, one after another."""

    rows: Sequence[Row]
    """In that order; the last is the sum."""
    size: int
    """What was built first, in bytes."""
    steps: Sequence[str]
    """What was built last."""


def take(mistakes: Mistakes, builder: Builder) -> Taken:
    """Build the image as it is, and after each fix on top of those before it."""
    mistakes.write_context(builder.context)
    steps, ignored = mistakes.steps, list[str]()
    first_size = size = builder.build(_lines(steps))
    first = now = find(builder)
    rows: list[Row] = []
    for fix in mistakes.fixes:
        row = Row(", ".join((fix.finding, *fix.also)), fix.change, first.saved(fix), now.saved(fix), None)
        try:
            steps = _applied(fix, steps, now.text(fix))
        except NotSaidError as error:
            _tell(f"{fix.finding}: {error}")
        else:
            ignored += fix.ignored
            if fix.prepared is not None:
                fix.prepared(builder)
            after = builder.build(_lines(steps), ignored)
            row = row._replace(real=size - after)
            size, now = after, find(builder)
        rows.append(row)
        _tell(" | ".join(row.cells))
    done = [row for row in rows if row.real is not None]
    predicted = sum(row.first for row in done), sum(row.before for row in done)
    rows.append(Row(_SUM, "", *predicted, first_size - size))
    return Taken(rows, first_size, _lines(steps))


def find(builder: Builder) -> Found:
    """The findings in the image that was built last."""
    archive = builder.context.parent / "image.tar"
    builder.save(archive)
    try:
        with open_image(str(archive)) as image:
            analysis = analyze(image)
            return Found(find_all(analysis), analysis.base_layers)
    finally:
        archive.unlink()


def rows_of(taken: Taken) -> Iterator[str]:
    """The predictions beside what was saved, as Markdown."""
    return table.table(_COLUMNS, [row.cells for row in taken.rows])


def compared(mistakes: Mistakes, builder: Builder) -> Iterator[str]:
    """What was built on and with, the table, and the Dockerfile that is left."""
    taken = take(mistakes, builder)
    yield f"Docker {builder.version()}, {datetime.now(tz=UTC):%Y-%m-%d}. {taken.size:,} bytes at first."
    yield ""
    yield from rows_of(taken)
    yield from ("", "```dockerfile", *builder.dockerfile(taken.steps).splitlines(), "```")


def _applied(fix: Fix, steps: Mapping[str, str], text: str) -> Mapping[str, str]:
    if not text:
        raise NotSaidError("there is no such finding any more")
    return {name: fix.edits[name](step, text) if name in fix.edits else step for name, step in steps.items()}


def _lines(steps: Mapping[str, str]) -> list[str]:
    return [step for step in steps.values() if step]


def _tell(line: str) -> None:
    """To whoever waits: all of it takes a quarter of an hour or more."""
    print(line, file=sys.stderr, flush=True)
