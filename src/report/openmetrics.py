"""The figures as OpenMetrics text, for Prometheus and for GitLab's report of metrics.

https://github.com/prometheus/OpenMetrics, version 1.0. All are gauges without a time, so that what reads
Prometheus' older text format, as its textfile collector does, takes them too.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple, TextIO

from ..analysis.analyze import Analysis
from ..analysis.growth import Growth
from ..formatting import printable
from ..gate.verdicts import Outcome
from .steps import step
from .subject import Run, Subject

_RANKS = {Outcome.PASS: 0, Outcome.WARN: 1, Outcome.FAIL: 2}
"""The worse the higher; a disabled rule has none."""

Labels = tuple[tuple[str, str], ...]
Sample = tuple[Labels, int | float | None]
"""What tells it from the others of its family besides the image, and the value; None for what is unknown."""


class Family(NamedTuple):
    """Samples of one name."""

    name: str
    """Without `layerscope_`; ends with the unit."""
    unit: str
    """Empty for what is only counted."""
    help: str
    samples: Callable[[Subject], Iterable[Sample]]


def write(run: Run, out: TextIO) -> None:
    """Write every family once, with the samples of all images in it; of two images of one name the first."""
    subjects: dict[str, Subject] = {}
    for subject in run.subjects:
        subjects.setdefault(printable(subject.analysis.image.reference), subject)
    failures = [name for failure in run.failures if (name := printable(failure.reference)) not in subjects]
    # All that can fail is computed before the first byte is out.
    lines = [
        *_metadata("measured", "", "Whether the image could be opened and measured."),
        *(_line("measured", (("image", name),), 1) for name in subjects),
        *(_line("measured", (("image", name),), 0) for name in dict.fromkeys(failures)),
    ]
    for family in _FAMILIES:
        samples = [
            _line(family.name, (("image", name), *labels), value)
            for name, subject in subjects.items()
            for labels, value in family.samples(subject)
            if value is not None
        ]
        if samples:
            lines += _metadata(family.name, family.unit, family.help)
            lines += samples
    out.writelines(lines)
    out.write("# EOF\n")


def _metadata(name: str, unit: str, told: str) -> Iterator[str]:
    yield f"# TYPE layerscope_{name} gauge\n"
    if unit:
        yield f"# UNIT layerscope_{name} {unit}\n"
    yield f"# HELP layerscope_{name} {told}\n"


def _line(name: str, labels: Labels, value: float) -> str:
    shown = ",".join(f'{label}="{_escaped(text)}"' for label, text in labels)
    return f"layerscope_{name}{{{shown}}} {value!r}\n"


def _escaped(text: str) -> str:
    """A label's value; the line feed, which is to be escaped too, is in no printable text."""
    return text.replace("\\", "\\\\").replace('"', '\\"')


# Where the samples come from.

Samples = Callable[[Subject], Iterable[Sample]]


def _of_image(figure: Callable[[Analysis], int | float | None]) -> Samples:
    return lambda subject: [((), figure(subject.analysis))]


def _of_layers(figures: Callable[[Analysis], Iterable[int | None]]) -> Samples:
    def samples(subject: Subject) -> Iterator[Sample]:
        analysis = subject.analysis
        for layer, value in zip(analysis.layers, figures(analysis), strict=True):
            yield (("layer", str(layer.index)), ("command", step(layer))), value

    return samples


def _of_growth(figure: Callable[[Growth], int | None]) -> Samples:
    def samples(subject: Subject) -> Iterator[Sample]:
        if subject.growth is not None:
            yield (("baseline", printable(subject.growth.reference)),), figure(subject.growth)

    return samples


def _kinds(subject: Subject) -> Iterator[Sample]:
    for kind, wasted in subject.analysis.waste_by_kind.items():
        yield (("kind", kind.value),), wasted


def _rules(subject: Subject) -> Iterator[Sample]:
    for verdict in subject.verdicts:
        if verdict.outcome in _RANKS:
            yield (("rule", printable(verdict.rule)),), _RANKS[verdict.outcome]


def _gate(subject: Subject) -> Iterator[Sample]:
    if subject.judgement is not None:
        yield (), int(subject.judgement.is_closed)


_FAMILIES = (
    Family(
        "stored_bytes",
        "bytes",
        "Bytes of regular files in all layers, unpacked.",
        _of_image(lambda analysis: analysis.totals.stored),
    ),
    Family(
        "live_bytes",
        "bytes",
        "Stored bytes that the final filesystem reaches.",
        _of_image(lambda analysis: analysis.totals.live),
    ),
    Family(
        "wasted_bytes",
        "bytes",
        "Stored bytes that the final filesystem does not reach.",
        _of_image(lambda analysis: analysis.totals.wasted),
    ),
    Family("wasted_by_kind_bytes", "bytes", "Wasted bytes by the reason why.", _kinds),
    Family("wasted_copies", "", "Files that are wasted.", _of_image(lambda analysis: analysis.copies)),
    Family(
        "efficiency_ratio",
        "ratio",
        "Live of stored bytes, from 0 to 1.",
        _of_image(lambda analysis: analysis.totals.efficiency),
    ),
    Family(
        "compressed_bytes",
        "bytes",
        "Size of the layers as stored or pulled.",
        _of_image(lambda analysis: analysis.compressed_bytes),
    ),
    Family(
        "duplicate_bytes",
        "bytes",
        "Content that live files hold more than once.",
        _of_image(lambda analysis: analysis.duplicate_bytes),
    ),
    Family("layers", "", "Layers of the image.", _of_image(lambda analysis: len(analysis.layers))),
    Family(
        "layer_stored_bytes",
        "bytes",
        "Bytes of regular files in the layer, unpacked.",
        _of_layers(lambda analysis: (layer.figures.stored for layer in analysis.layers)),
    ),
    Family(
        "layer_wasted_bytes",
        "bytes",
        "Stored bytes of the layer that the final filesystem does not reach.",
        _of_layers(lambda analysis: (layer.figures.wasted for layer in analysis.layers)),
    ),
    Family(
        "layer_killed_bytes",
        "bytes",
        "Bytes that the layer put out of reach, of lower layers and its own.",
        _of_layers(lambda analysis: analysis.killed_bytes),
    ),
    Family(
        "layer_compressed_bytes",
        "bytes",
        "Size of the layer as stored or pulled.",
        _of_layers(lambda analysis: (layer.layer.compressed_bytes for layer in analysis.layers)),
    ),
    Family("gate_closed", "", "Whether a rule of the gate fails.", _gate),
    Family("rule_outcome", "", "What became of a rule: 0 passed, 1 warning, 2 failed.", _rules),
    Family(
        "growth_stored_bytes",
        "bytes",
        "Stored bytes more than those of the baseline.",
        _of_growth(lambda growth: growth.stored),
    ),
    Family(
        "growth_wasted_bytes",
        "bytes",
        "Wasted bytes more than those of the baseline.",
        _of_growth(lambda growth: growth.wasted),
    ),
    Family(
        "growth_compressed_bytes",
        "bytes",
        "Compressed bytes more than those of the baseline.",
        _of_growth(lambda growth: growth.compressed),
    ),
)
