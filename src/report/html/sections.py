"""The sections of the HTML report, as they read without any script: elements whose text is escaped."""

from collections.abc import Iterator
from html import escape

from ...analysis import history as steps
from ...analysis.analyze import Analysis
from ...analysis.explain import KIND_REASONS
from ...analysis.model import LayerFigures, WasteRow
from ...formatting import percent
from ...gate.verdicts import Evidence, Verdict
from ..json_report import change_names
from ..subject import Subject
from ..wording import counted
from .cells import chip, command_cell, exact, text
from .growth import growth_rows

_WITHOUT_SCRIPT = 50
"""Rows of waste that are there if no script runs."""


def links(subject: Subject) -> Iterator[str]:
    """The way to the sections that there are."""
    analysis = subject.analysis
    for there, name, title in (
        (subject.judgement, "gate", "Gate"),
        (True, "figures", "Figures"),
        (subject.growth, "growth", "Growth"),
        (analysis.findings, "findings", "What to change"),
        (analysis.layers, "layers", "Layers"),
        (True, "map", "Final filesystem"),
        (True, "waste", "Waste"),
        (analysis.steps, "history", "History"),
    ):
        if there:
            yield f'<li><a href="#{name}">{title}</a></li>\n'


def heading(subject: Subject) -> Iterator[str]:
    """What was measured, and whether the gate is open."""
    image, judgement = subject.analysis.image, subject.judgement
    yield f'<div class="top"><div><h1>{text(image.reference, keep_end=True)}</h1></div>'
    if judgement is not None:
        outcome = "fail" if judgement.is_closed else "pass"
        yield f'<p class="badge {outcome}">{escape(judgement.counted())}</p>'
    yield '</div>\n<dl class="facts">'
    count = len(image.tags)
    for name, value in (
        ("tags" if count > 1 else "tag", ", ".join(image.tags[:5]) + (" …" if count > 5 else "")),
        ("platform", image.platform),
        ("created", image.created),
        ("id", image.id),
    ):
        if value:
            yield f"<div><dt>{name}</dt><dd>{text(value)}</dd></div>"
    yield "</dl>"


def gate(subject: Subject) -> Iterator[str]:
    """The rules, with the evidence folded."""
    judgement = subject.judgement
    if judgement is None:
        return
    is_dives = any(verdict.ours for verdict in subject.verdicts)
    yield '<section id="gate"><h2>Gate</h2>\n'
    if is_dives:
        yield "<p class=note>dive's rules are judged by dive's figures"
        yield f"; limits: {text(judgement.origin)}</p>" if judgement.origin else "</p>"
    measured = "<th class=n>dive<th class=n>ours" if is_dives else "<th class=n>measured"
    yield f"<table class=rows><thead><tr><th><th>rule{measured}<th class=n>limit<th></thead><tbody>\n"
    for verdict in subject.verdicts:
        yield from _verdict(verdict, is_dives=is_dives)
    yield "</tbody></table>\n"
    if differing := [verdict.rule for verdict in subject.verdicts if verdict.ours_fails]:
        yield f"<p class=note>By ours these would fail: {text(', '.join(differing))}.</p>"
    for entry in subject.accepts.entries:
        yield f"<p class=note>Accepted: <code>{text(entry.told)}</code>: {text(entry.because)}.</p>\n"
    yield "</section>\n"


def _verdict(verdict: Verdict, *, is_dives: bool) -> Iterator[str]:
    yield f'<tr><td class="outcome {verdict.outcome}">{verdict.outcome.upper()}'
    yield f"<td class=name>{text(verdict.rule)}"
    figures = {"measured": verdict.measured}
    if is_dives:
        dive, ours = (verdict.measured, verdict.ours) if verdict.ours else ("", verdict.measured)
        figures = {"dive": dive, "ours": ours}
    for name, figure in {**figures, "limit": f"{verdict.sign} {verdict.limit}".lstrip()}.items():
        yield f"<td class=n data-name={name}>{text(figure)}"
    yield "<td class=w>"
    if verdict.evidence:
        count = len(verdict.evidence) + verdict.more
        yield f"<details><summary>{count:,} found</summary><ul class=evidence>"
        yield from map(_evidence, verdict.evidence)
        yield f"<li>and {verdict.more:,} more" if verdict.more else ""
        yield "</ul></details>"
    yield "\n"


def _evidence(evidence: Evidence) -> str:
    shown = [f"<li>{exact(evidence.size)}"]
    if evidence.layer is not None:
        shown.append(chip(evidence.layer))
    if evidence.path:
        shown.append(f"<span class=path>{text(b'/' + evidence.path, keep_end=True)}</span>")
    return " ".join([*shown, f"<span class=unit>{text(evidence.what)}</span>"])


def figures(analysis: Analysis) -> Iterator[str]:
    """The figures of the whole image, and what its waste is."""
    totals, compressed = analysis.totals, analysis.compressed_bytes
    layers = f"in {counted(len(analysis.layers), 'layer', 'layers')}"
    copies = f"in {counted(analysis.copies, 'copy', 'copies')}" if totals.wasted else "nothing"
    yield '<section id="figures"><h2>Figures</h2>\n<dl class="cards">'
    yield _card("Efficiency", percent(totals.efficiency), "live of stored bytes")
    yield _card("Stored", exact(totals.stored), layers)
    yield _card("Live", exact(totals.live), "what a container can see")
    yield _card("Wasted", exact(totals.wasted), copies, "is-wasted" if totals.wasted else "")
    if compressed is not None:
        yield _card("Compressed", exact(compressed), "as stored or pulled")
    yield _card("Duplicates", exact(analysis.duplicate_bytes), "same content at several live paths")
    yield "</dl>\n"
    if totals.wasted:
        yield '<table class="kinds"><caption>Why bytes are wasted</caption><tbody>\n'
        for kind, wasted in sorted(analysis.waste_by_kind.items(), key=lambda item: -item[1]):
            if wasted:
                share = percent(wasted / totals.wasted)
                yield f"<tr><td class=n>{exact(wasted)}<td class=n>{share}"
                yield f"<td>{_rects(wasted=100 * wasted / totals.wasted)}"
                yield f"<td class=w><b>{kind}</b> <span class=unit>{KIND_REASONS[kind]}</span>\n"
        yield "</tbody></table>\n"
    yield "</section>"


def _card(name: str, figure: str, unit: str, kind: str = "") -> str:
    return (
        f'<div class="card {kind}"><dt>{name}</dt>'
        f'<dd class="figure">{figure}</dd><dd class="unit">{unit}</dd></div>'
    )


def growth(subject: Subject) -> Iterator[str]:
    """What there is more of, or less, than in the baseline."""
    if subject.growth is None:
        return
    yield '<section id="growth"><h2>Growth</h2>\n'
    yield from growth_rows(subject.growth, subject.analysis)
    yield "</section>"


def layers(subject: Subject) -> Iterator[str]:
    """A row for each layer, with a bar."""
    analysis, lines = subject.analysis, subject.lines
    if not analysis.layers:
        return
    largest = max(layer.figures.stored for layer in analysis.layers) or 1
    is_packed = any(layer.layer.compressed_bytes is not None for layer in analysis.layers)
    yield '<section id="layers"><h2>Layers</h2>\n<p class=note>'
    for kind in ("live", "wasted"):
        yield f'<span class=legend><svg aria-hidden=true><rect class={kind} width="100%" height="100%"/>'
        yield f"</svg> {kind}</span>"
    yield "<span id=layers-help hidden>The number of a layer shows what is its own in the map and the waste."
    yield "</span></p>\n<table class=rows><thead><tr><th class=n>#<th><th class=n>stored<th class=n>wasted"
    yield f"<th class=n>puts out of reach{'<th class=n>compressed' if is_packed else ''}"
    yield f"{'<th class=n>line' if lines is not None else ''}<th>command</thead><tbody>\n"
    for layer, killed in zip(analysis.layers, analysis.killed_bytes, strict=True):
        yield f'<tr id="layer-{layer.index}"><td class=n>{chip(layer.index)}<td>{_bar(layer, largest)}'
        columns = [
            ("stored", layer.figures.stored),
            ("wasted", layer.figures.wasted),
            ("puts out of reach", killed),
        ]
        if is_packed:
            columns.append(("compressed", layer.layer.compressed_bytes or 0))
        for name, count in columns:
            yield f'<td class=n data-name="{name}">{exact(count) if count else ""}'
        if lines is not None:
            number = lines.line(layer.index)
            yield f"<td class=n data-name=line>{'' if number is None else number}"
        yield f"<td class=w>{command_cell(layer.command)}\n"
    yield "</tbody></table></section>"


def _bar(layer: LayerFigures, largest: int) -> str:
    """What it stores beside the largest, live and wasted bytes apart."""
    return _rects(100 * layer.figures.live / largest, 100 * layer.figures.wasted / largest)


def _rects(live: float = 0, wasted: float = 0) -> str:
    """A bar of two parts, in percent of its width."""
    return (
        f'<svg class=bar aria-hidden=true><rect class=live width="{live:.2f}%" height="100%"/>'
        f'<rect class=wasted x="{live:.2f}%" width="{wasted:.2f}%" height="100%"/></svg>'
    )


def treemap(analysis: Analysis) -> Iterator[str]:
    """The place of the map, or why there is none."""
    if not analysis.has_entries:
        yield "<p class=note>This page was written from a saved report without entries, so there is no map. "
        yield "Save it again: <code>layerscope IMAGE --json FILE --entries</code></p>"
    elif not analysis.totals.live:
        yield "<p class=note>It holds no bytes.</p>"
    else:
        yield f"<p class=note>{exact(analysis.totals.live)} live. Every box is a path, as large as what it "
        yield "holds, in the colour of the layer that stored most of it.</p>"
        yield "<noscript><p>The map is drawn by a script.</p></noscript>"
        yield "<div id=stage hidden></div>"


def waste(analysis: Analysis, most: int) -> Iterator[str]:
    """The largest wasted copies; `most` of them the script knows."""
    yield '<section id="waste"><h2>Waste</h2>\n'
    if not analysis.copies:
        yield "<p class=note>Nothing is wasted.</p></section>"
        return
    left = analysis.copies - most
    if left > 0:
        rest = sum(row.size for row in analysis.waste[most:])
        yield f"<p class=note>Of {analysis.copies:,} wasted copies the {most:,} largest are on this page; "
        yield f"{counted(left, 'smaller one has', 'smaller ones have')} {exact(rest)} together. "
        yield "The JSON report lists all.</p>"
    yield '<div class="tools" id="waste-tools" hidden></div>\n<table class=rows><thead><tr>'
    yield '<th class=n data-key="bytes" aria-sort="descending">bytes<th data-key="kind">kind'
    yield '<th data-key="layer">written by<th data-key="killer">out of reach by<th data-key="path">path'
    yield "</thead><tbody id=waste-rows>\n"
    for row in analysis.waste[:_WITHOUT_SCRIPT]:
        yield _copy(row)
    yield "</tbody></table>"
    if analysis.copies > _WITHOUT_SCRIPT:
        yield f"<noscript><p class=note>These are the {_WITHOUT_SCRIPT} largest.</p></noscript>"
    yield "</section>"


def _copy(row: WasteRow) -> str:
    changed = f" <small>({', '.join(change_names(row.changed))})</small>" if row.changed else ""
    return (
        f"<tr><td class=n>{exact(row.size)}<td>{row.kind}{changed}<td data-name=by>{chip(row.layer)}"
        f"<td data-name=›>{chip(row.killed_by)}"
        f'<td class="w path">{text(b"/" + row.path, keep_end=True)}\n'
    )


def history(analysis: Analysis) -> Iterator[str]:
    """All steps, those too that made no layer."""
    if not analysis.steps:
        return
    yield '<section id="history"><h2>History</h2>\n<table class="rows steps"><thead><tr>'
    yield "<th class=n>step<th>layer<th>created<th>command</thead><tbody>\n"
    for number, step in enumerate(analysis.steps):
        made = "empty" if step.layer is None else chip(step.layer)
        yield f"<tr{' class=is-empty' if step.layer is None else ''}><td class=n>{number}<td>{made}"
        yield f"<td>{text(step.history.created, 40)}<td class=w>{command_cell(steps.command(step.history))}\n"
    yield "</tbody></table></section>"
