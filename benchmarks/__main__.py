"""The command line of the benchmarks."""

import argparse
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from benchmarks import builds, explorer, image, machine, reports, scale, terminal
from benchmarks.dive import Dive, find


def main() -> None:
    """Measure, and print Markdown as it comes."""
    options = _options()
    # pip compiles what it installs; a checkout is compiled by the warm-up, and not anew in each run.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    with tempfile.TemporaryDirectory(prefix="layerscope-bench-") as name:
        os.environ["LAYERSCOPE_CACHE_DIR"] = str(Path(name) / "cache")
        _print(options.measure(options, Path(name)))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="What layerscope costs.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    beside = commands.add_parser("image", help="beside dive on the same images, in one run")
    beside.set_defaults(measure=_images)
    growth = commands.add_parser("scale", help="on generated images of growing size, and start-up")
    growth.add_argument("--entries", nargs="+", type=int, default=scale.SERIES, metavar="N")
    growth.add_argument("--deleted", type=Path, metavar="NAME-deleted.tar", help="beside its NAME.tar")
    growth.set_defaults(measure=_scale)
    opened = commands.add_parser("explorer", help="the explorer beside dive, on a terminal each")
    opened.set_defaults(measure=_explorer)
    written = commands.add_parser("reports", help="each report, and all of them, as ratios of --json")
    written.set_defaults(measure=_reports)
    written.add_argument("images", nargs="+", type=Path, metavar="IMAGE")
    keys = commands.add_parser("keys", help="how fast the explorer answers, and its memory, as images grow")
    keys.add_argument("--entries", nargs="+", type=int, default=explorer.SERIES, metavar="N")
    keys.set_defaults(measure=_keys)
    mended = commands.add_parser("advice", help="what each fix is said to save, and saves: needs Docker")
    mended.add_argument("--base", default=builds.BASE, metavar="IMAGE", help=f"a Debian ({builds.BASE})")
    mended.add_argument(
        "--cached", default="", metavar="NAME", help="use and leave the images of a run of this name"
    )
    mended.set_defaults(measure=_advice)
    for command in (beside, opened):
        command.add_argument("images", nargs="+", type=Path, metavar="IMAGE")
        command.add_argument("--no-dive", action="store_true", help="layerscope alone")
        command.add_argument(
            "--timeout", type=float, default=900, metavar="SECONDS", help="for each run (900)"
        )
    for command in (beside, growth, opened, written, keys):
        command.add_argument("--runs", type=int, default=3, help="best of how many (3)")
    options = parser.parse_args()
    for path in [*getattr(options, "images", []), getattr(options, "deleted", None)]:
        if path is not None and not path.exists():
            parser.error(f"there is no {path}")
    if options.measure in (_explorer, _keys) and not terminal.can_open():
        parser.error("there are no pseudo-terminals on this system")
    if options.measure is _advice and not shutil.which("docker"):
        parser.error("there is no docker on PATH")
    return options


def _images(options: argparse.Namespace, folder: Path) -> Iterator[str]:
    dive = Dive(missing="not asked for") if options.no_dive else find()
    yield from _heading(options.runs, dive)
    for path in options.images:
        yield ""
        yield from image.beside(path, dive, folder, runs=options.runs, timeout=options.timeout)


def _scale(options: argparse.Namespace, folder: Path) -> Iterator[str]:
    yield from _heading(options.runs, Dive())
    yield ""
    yield from scale.start_up(folder)
    if options.deleted:
        yield ""
        yield from scale.deleted(options.deleted, runs=options.runs)
    yield ""
    yield from scale.series(folder, options.entries, runs=options.runs)


def _reports(options: argparse.Namespace, folder: Path) -> Iterator[str]:
    yield from _heading(options.runs, Dive())
    for path in options.images:
        yield ""
        yield from reports.costs(path, folder, runs=options.runs)


def _explorer(options: argparse.Namespace, _folder: Path) -> Iterator[str]:
    dive = Dive(missing="not asked for") if options.no_dive else find()
    yield from _heading(options.runs, dive)
    for path in options.images:
        yield ""
        yield from explorer.beside(path, dive, runs=options.runs, timeout=options.timeout)


def _keys(options: argparse.Namespace, folder: Path) -> Iterator[str]:
    yield from _heading(options.runs, Dive())
    yield ""
    yield from explorer.series(folder, options.entries, runs=options.runs)
    from benchmarks.keys import latencies  # Textual would raise what memory can be measured above

    yield ""
    yield from latencies(folder)


def _advice(options: argparse.Namespace, folder: Path) -> Iterator[str]:
    from benchmarks.advice import compared  # the analysis would raise what memory can be measured above
    from benchmarks.mistakes import MISTAKES

    (folder / "context").mkdir()
    builder = builds.Builder("docker", folder / "context", options.base, run=options.cached)
    try:
        yield from compared(MISTAKES, builder)
    finally:
        if not options.cached:
            builder.remove()


def _heading(runs: int, dive: Dive) -> Iterator[str]:
    yield f"Best of {runs} after one warm-up; memory is the highest peak."
    yield ""
    yield from machine.describe(dive.version)


def _print(lines: Iterable[str]) -> None:
    for line in lines:
        print(line, flush=True)


if __name__ == "__main__":
    main()
