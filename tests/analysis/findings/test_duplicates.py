"""Findings about duplicates and broken hard links."""

import pytest
from hypothesis import given, settings
from layerscope.analysis.analyze import Analysis, analyze
from layerscope.analysis.findings.duplicates import find_duplicates
from layerscope.analysis.findings.finding import Evidence, Finding, Severity
from layerscope.analysis.findings.inventory import take_inventory
from layerscope.analysis.findings.path_rule import PathRule
from layerscope.analysis.model import HistoryStep, Image, Layer
from layerscope.errors import DamagedError

from tests.analysis.test_union_properties import stacks
from tests.models import entry, image, layer

CACHES = PathRule("caches", "", Severity.LOW, "", "", folders=("cache",))
EMPTY = layer("etc/os-release:1")


def analysed(*layers: Layer, commands: tuple[str, ...] = ()) -> Analysis:
    """The layers on top of a base image; the commands are those of the layers."""
    history = tuple(HistoryStep(created_by=command) for command in ("ADD rootfs.tar /", *commands))
    return analyze(image(EMPTY, *layers, history=history if commands else ()))


def found(*layers: Layer, commands: tuple[str, ...] = ()) -> list[Finding]:
    analysis = analysed(*layers, commands=commands)
    return list(find_duplicates(analysis, take_inventory(analysis, [CACHES])))


def test_the_oldest_and_shortest_path_is_the_original() -> None:
    (one,) = found(layer("app/copy-of-a:5000000", "app/a:5000000"), layer("old/a:5000000"))
    assert (one.id, one.saved, one.layers, one.severity) == ("duplicates", 10_000_000, (1, 2), Severity.LOW)
    assert one.evidence == (
        Evidence(b"app/copy-of-a", 5_000_000, 1, 1, "as /app/a"),
        Evidence(b"old/a", 5_000_000, 1, 2, "as /app/a"),
    )


@pytest.mark.parametrize(
    "layers",
    [
        [layer("a:10", "b:10#other")],
        [layer("a:10", "b:11")],
        [layer("a:10", "b => a", "c -> a")],
        [layer("a:10"), layer("a:10")],
        [layer("a:10"), layer("b:10", ".wh.a")],
        [layer("a", "b")],
    ],
)
def test_what_is_stored_once_or_no_longer_there_is_none(layers: list[Layer]) -> None:
    assert found(*layers) == []


def test_little_is_only_worth_knowing() -> None:
    (one,) = found(layer("big:900000"), layer("a:10", "b:10"))
    assert (one.severity, one.saved) == (Severity.INFO, 10)


def test_a_tree_that_was_copied_is_one_piece_of_evidence() -> None:
    tree = ("x:100", "y:200", "d/z:300")
    (one,) = found(layer(*(f"srv/app/{name}" for name in tree), *(f"srv/backup/app/{name}" for name in tree)))
    assert one.evidence == (Evidence(b"srv/backup", 600, 3, 1, "as /srv"),)


def test_a_file_that_a_copied_tree_has_alone_is_named_itself() -> None:
    (one,) = found(layer("a/d/x:100", "a/y:50"), layer("b/d/x:100", "b/y:50#other"))
    assert one.evidence == (Evidence(b"b/d/x", 100, 1, 2, "as /a/d/x"),)


def test_paths_that_end_alike_up_to_the_root() -> None:
    (one,) = found(layer("etc/a:100", "etc/b:9"), layer("copy/etc/a:100", "copy/etc/b:9"))
    assert one.evidence == (Evidence(b"copy/etc", 109, 2, 2, "as /etc"),)


def test_what_another_finding_has_is_neither_a_copy_nor_an_original() -> None:
    assert found(layer("cache/a:100", "b:100")) == []
    (one,) = found(layer("cache/a:100", "b:100", "cc:100"))
    assert one.evidence == (Evidence(b"cc", 100, 1, 1, "as /b"),)


def test_what_the_base_image_has_twice_is_not_the_users() -> None:
    base = layer("a:100", "b:100")
    analysis = analyze(image(base, layer("c:100"), layer("x")))
    (one,) = find_duplicates(analysis, take_inventory(analysis, []))
    assert (one.saved, one.evidence) == (100, (Evidence(b"c", 100, 1, 1, "as /a"),))


def test_an_image_of_one_layer_is_the_users() -> None:
    analysis = analyze(image(layer("a:100", "b:100")))
    (one,) = find_duplicates(analysis, take_inventory(analysis, []))
    assert one.saved == 100


def test_duplicates_and_broken_links_are_what_is_above_one_copy() -> None:
    analysis = analyze(image(layer("a:100", "b => a", "c:100", "d:7"), layer("a:100", "b:100", "e:7")))
    findings = list(find_duplicates(analysis, take_inventory(analysis, [])))
    assert sum(one.saved for one in findings) == analysis.duplicate_bytes


def test_links_that_a_step_has_broken() -> None:
    lower = layer("bin/perl:3000000", "bin/perl5 => bin/perl")
    upper = layer(entry("bin/perl:3000000", mode=0o755), entry("bin/perl5:3000000", mode=0o755))
    analysis = analyse_with(lower, upper)
    (one,) = find_duplicates(analysis, take_inventory(analysis, []))
    assert (one.id, one.saved, one.layers) == ("broken-hard-links", 3_000_000, (2,))
    assert one.evidence == (Evidence(b"bin/perl5", 3_000_000, 1, 2, "as /bin/perl"),)
    assert one.fix == "RUN make install \\\n && chmod 755 /bin/perl*"


def analyse_with(lower: Layer, upper: Layer) -> Analysis:
    """A step that makes links, and one that breaks them; the contents of both are the same."""
    analysis = analysed(lower, upper, commands=("RUN make install", "RUN chmod 755 /bin/perl*"))
    contents = analysis.layers[1].layer.contents
    assert [contents.digest(0)] * 2 == [analysis.layers[2].layer.contents.digest(n) for n in (0, 1)]
    return analysis


def test_one_of_several_links_that_a_step_has_broken() -> None:
    (one,) = found(layer("a:100", "b => a", "c => b"), layer("c:100"))
    assert (one.id, one.evidence) == ("broken-hard-links", (Evidence(b"c", 100, 1, 2, "as /a"),))


def test_links_that_a_step_has_given_other_contents_are_no_copies() -> None:
    assert found(layer("a:100", "b => a"), layer("b:100#new")) == []


def test_links_that_stand_again_are_not_broken() -> None:
    assert found(layer("a:100", "b => a"), layer("a:100", "b => a")) == []


def test_links_made_later_say_nothing_of_what_was_there_before() -> None:
    (one,) = found(layer("a:100", "b:100"), layer("c => a", "a2 => c"))
    assert one.id == "duplicates"


NONE_WHOLE = (
    "# none is a whole folder with a plain name: the steps that write the copies can link to the originals"
)
FIXES = [
    (
        layer("data/a:500"),
        layer("data/b:500"),
        ("COPY a /data/", "RUN cp /data/a /data/b"),
        "RUN cp /data/a /data/b \\\n && rm -r /data/b \\\n && ln -s /data/a /data/b",
    ),
    (
        layer("app/a:500"),
        layer("srv/a:500"),
        ("COPY app /app", "COPY app /srv"),
        "# and in .dockerignore what is copied to /srv/a:\nRUN ln -s /app/a /srv/a",
    ),
    (
        layer("app/a:500", "app/b:400"),
        layer("srv/a:500", "srv/b:400", "srv/c:3"),
        ("COPY app /app", "RUN cp -r /app/* /srv && make"),
        NONE_WHOLE,
    ),
    (
        layer("app/a:500"),
        layer("a name; reboot:500"),
        ("COPY app /app", "RUN make"),
        NONE_WHOLE,
    ),
    (  # the largest that holds nothing else
        layer("app/a:500", "app/b:400", "lib/c:300"),
        layer("srv/a:500", "srv/b:400", "srv/other:3", "copy/lib/c:300"),
        ("COPY . /", "RUN make"),
        "RUN make \\\n && rm -r /copy/lib/c \\\n && ln -s /lib/c /copy/lib/c",
    ),
    (  # a link to the folder that it lies in leads nowhere
        layer("srv/x:100", "srv/y:200"),
        layer("srv/backup/x:100", "srv/backup/y:200"),
        ("COPY . /srv", "RUN cp /srv/* /srv/backup"),
        NONE_WHOLE,
    ),
    (
        layer("data/a:500"),
        layer("data/b:500"),
        ("COPY a /data/", ""),
        "# in the step that writes /data/b, in its place:\nRUN ln -s /data/a /data/b",
    ),
]


@pytest.mark.parametrize(("lower", "upper", "commands", "fix"), FIXES)
def test_the_fix_links_the_largest_copy(
    lower: Layer, upper: Layer, commands: tuple[str, ...], fix: str
) -> None:
    (one,) = found(lower, upper, commands=commands)
    assert one.fix == fix


def test_a_copy_that_a_later_step_has_changed_is_told_to_the_step_that_wrote_it() -> None:
    written = layer("a:500", "b:500")
    changed = layer(entry("a:500", uid=9), entry("b:500", uid=9))
    (one,) = found(written, changed, commands=("COPY . /", "RUN chown 9 /a /b"))
    assert (one.layers, one.fix) == ((2,), "# and in .dockerignore what is copied to /b:\nRUN ln -s /a /b")


def test_the_largest_fifty_pieces_are_told_and_how_many_others_there_are() -> None:
    items = [f"{side}{n}:{100 + n}" for n in range(60) for side in ("a", "copy-of-")]
    (one,) = found(layer(*items))
    assert (len(one.evidence), one.more) == (50, 10)
    assert one.saved == sum(range(100, 160))
    assert one.evidence[0] == Evidence(b"copy-of-59", 159, 1, 1, "as /a59")


@settings(max_examples=40, derandomize=True, deadline=None, database=None)
@given(stacks())
def test_of_no_image_more_is_saved_than_it_has_twice(made: Image) -> None:
    try:
        analysis = analyze(made)
    except DamagedError:
        return
    findings = list(find_duplicates(analysis, take_inventory(analysis, [])))
    saved = sum(one.saved for one in findings)
    assert saved == sum(file.size for one in findings for file in one.evidence)
    if analysis.base_layers:
        assert saved <= analysis.duplicate_bytes
    else:
        assert saved == analysis.duplicate_bytes
