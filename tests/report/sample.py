"""The small image whose reports stand in the tests as literals."""

from dataclasses import replace

from layerscope.analysis.analyze import Analysis, analyze
from layerscope.analysis.findings.finding import Evidence, Finding, Saving, Severity
from layerscope.analysis.model import Entry, HistoryStep, Image

from tests.models import entry, image, layer


def sample() -> Image:
    """Three layers and an empty step, waste of every kind, a duplicate."""
    base = layer("bin/", "bin/tool:4000", "etc/key:48", "etc/conf:120", "twice:7", "twice:8")
    work = layer("srv/", "srv/tool:4000", "etc/.wh.key", "etc/conf:130", "bin/tool:4000", compressed=3001)
    chown = layer(entry("srv/tool:4000", uid=1000))
    return replace(
        image(
            replace(base, diff_id=f"sha256:{'0' * 64}"),
            work,
            chown,
            history=(
                HistoryStep("2024-02-29T12:00:00Z", "/bin/sh -c #(nop) COPY dir:0123abcd in / "),
                HistoryStep("", '/bin/sh -c #(nop)  ENV A="b"', "me", "a note", empty_layer=True),
                HistoryStep("", "RUN /bin/sh -c make   all\t&& make install # buildkit"),
            ),
        ),
        reference="image.tar",
        id=f"sha256:{'a' * 64}",
        tags=("example:1", "example:latest"),
        created="2024-02-29T12:00:00Z",
        config={"Env": ["PATH=/bin"]},
    )


def named(*names: bytes) -> Analysis:
    """Files of these names, 1000 bytes and a few, in one layer, and gone in the next."""
    files = [entry(f"{number}:{1000 + number}")._replace(name=name) for number, name in enumerate(names)]
    gone = [_whiteout(name) for name in names]
    return analyze(image(layer(*files), layer(*gone)))


ADVICE = (
    Finding(
        "copied-for-metadata",
        "Copied to change owner",
        Severity.MEDIUM,
        (2, 1),
        (Evidence(b"srv/tool", 4000, 1, 1), Evidence(b"", 0, 0, None, "chown -R app /srv")),
        3,
        4000,
        "A layer holds whole files. The first copy stays.",
        "COPY --chown=app srv /srv\nwithout RUN chown",
        (Saving(1, 4000, 0),),
    ),
    Finding("root-user", "Runs as root", Severity.INFO, (), (), 0, 0, "Nobody said. Root it is.", "USER app"),
)


def advised(analysis: Analysis, *findings: Finding) -> Analysis:
    """The analysis with these findings, whatever the catalogue has."""
    vars(analysis)["findings"] = findings
    return analysis


def _whiteout(name: bytes) -> Entry:
    folder, slash, last = name.rpartition(b"/")
    return entry("x")._replace(name=folder + slash + b".wh." + last)
