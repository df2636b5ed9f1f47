"""docs/findings.md, made from the catalogue of the findings: `python -m docs.findings_page`."""

from collections.abc import Iterator
from pathlib import Path

from layerscope.analysis.findings.catalogue import FAMILIES, Family
from layerscope.analysis.findings.path_rule import Copies, PathRule
from layerscope.analysis.findings.subject import Subject

PAGE = Path(__file__).parent / "findings.md"
INTRODUCTION = """\
# Findings

What makes an image larger than it has to be, and what to write instead. A finding has an id, which stays the
same; the layers whose steps are to be changed; its evidence, which is folders and files with their bytes; and
the bytes that the image would not have without it.

- These bytes are **measured**: the sizes that the layers' tars store. A file belongs to one finding, so that
  what all findings save together is in the image once.
- The **severity** is `high` for what endangers, `medium` and `low` for what is worth a change, and `info` for
  what a well-made image may have. Less than 1 MB (or 1 % of a small image) to save is `info`, whatever it is.
  What base images have for reasons of their own goes by the bytes above the base image alone: documentation
  in `debian` and compilers in `gcc` are `info`, as the steps on top cannot take them out.
- The **fix** is Dockerfile text. Where the history of the image tells the step, it is that step with what it
  lacks; the texts below are for images that do not tell. Words in capitals are to be filled in.
- Names are looked up in the tree, and contents only where the text says so. A name in any folder is written
  without a leading slash.
"""
_SHOWN = 12
"""Names of a rule on the page."""


def write_page() -> str:
    """The text of the page."""
    return INTRODUCTION + "".join(f"\n{text}" for family in FAMILIES for text in _chapter(family))


def _chapter(family: Family) -> Iterator[str]:
    yield f"## {family.title}\n\n{family.text}\n"
    rows = "".join(
        f"| [`{one.id}`](#{one.id}) | {one.title} | {_severity(one)} |\n" for one in family.members
    )
    yield f"| id | what it is | severity |\n|---|---|---|\n{rows}"
    for member in family.members:
        yield f"### {member.id}\n\n{member.reason}\n"
        if isinstance(member, PathRule):
            yield f"{_looked_for(member)}\n"
        yield f"```dockerfile\n{member.fix}\n```\n"


def _severity(member: PathRule | Subject) -> str:
    return member.severity.name.lower()


def _looked_for(rule: PathRule) -> str:
    names = [f"`{name}`" for name in (*(f"{folder}/" for folder in rule.folders), *rule.files)]
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    text = f"Looked for: {', '.join(names[:_SHOWN])}{more}"
    if rule.below:
        text += f"; below {', '.join(f'`{name}`' for name in rule.below)}"
    if rule.but:
        text += f"; but for {', '.join(f'`{name}`' for name in rule.but)}"
    if rule.unpacked:
        text += "; beside a folder of the same name"
    if rule.copies is Copies.WASTED:
        text += "; only copies that a later step wrote again"
    if rule.least:
        text += f"; from {rule.least:,} bytes on".replace(",", " ")
    return f"{text}."


def main() -> None:
    """Write it."""
    PAGE.write_text(write_page(), encoding="utf-8")


if __name__ == "__main__":
    main()
