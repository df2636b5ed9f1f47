"""The section of the HTML report that tells what to change: each finding, its evidence and its fix."""

from collections.abc import Iterator
from html import escape

from ...analysis.findings.finding import Evidence, Finding
from ...analysis.findings.outline import outline
from ...formatting import printable, size
from ..subject import Subject
from ..wording import counted
from .cells import chip, command_cell, exact, text

_EVIDENCE = 10
_LONGEST_FIX = 10_000
"""Characters: a fix may hold a command of the image."""


def findings(subject: Subject) -> Iterator[str]:
    """The findings, the largest first; nothing where there are none."""
    found, accepted = subject.findings
    if not found and not accepted:
        return
    saved, stored = outline(found).saved, subject.analysis.totals.stored
    yield '<section id="findings"><h2>What to change</h2>\n'
    yield f"<p class=note>{exact(saved)} of {size(stored)} can go.</p>\n"
    yield "<table class=rows><thead><tr><th class=n>saves<th>severity<th class=n>layer<th>what</thead>"
    yield "<tbody>\n"
    for one in found:
        yield from _finding(subject, one)
    for finding, entry in accepted:
        yield from _finding(subject, finding, entry.because)
    yield "</tbody></table></section>"


def _finding(subject: Subject, finding: Finding, accepted: str = "") -> Iterator[str]:
    """A row; `accepted` is why nothing needs to be done."""
    saved = exact(finding.saved) if finding.saved else ""
    layer = chip(finding.layers[0]) if finding.layers else ""
    severity = "accepted" if accepted else finding.severity.name.lower()
    yield f'<tr><td class=n data-name=saves>{saved}<td class="severity {severity}">{severity}'
    yield f"<td class=n>{layer}"
    yield f"<td class=w><details><summary>{text(finding.title)}</summary>"
    if accepted:
        yield f"<p>Accepted: {text(accepted)}.</p>"
    yield f"<p>{text(finding.reason)}</p>"
    if finding.layers:
        yield f"<p>{command_cell(subject.analysis.layers[finding.layers[0]].command)}</p>"
    yield "<ul class=evidence>"
    for one in finding.evidence[:_EVIDENCE]:
        yield f"<li>{_evidence(one)}"
    if more := len(finding.evidence[_EVIDENCE:]) + finding.more:
        yield f"<li class=unit>and {counted(more, 'other place', 'other places')}"
    # One line in the file: a line of its own could be one that a CI runner obeys.
    fix = "&#10;".join(escape(printable(line)) for line in finding.fix[:_LONGEST_FIX].split("\n"))
    yield f"</ul><p>Instead:</p><pre>{fix}</pre></details>\n"


def _evidence(one: Evidence) -> str:
    parts = [exact(one.size)] if one.size else []
    if one.layer is not None:
        parts.append(chip(one.layer))
    if one.path:
        parts.append(f"<span class=path>{text(b'/' + one.path, keep_end=True)}</span>")
    if one.files > 1:
        parts.append(f"<span class=unit>{counted(one.files, 'file', 'files')}</span>")
    if one.what:
        parts.append(f"<span class=unit>{text(one.what)}</span>")
    return " ".join(parts)
