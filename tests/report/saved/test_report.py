"""Reports read back: every view as of the image itself, and what is damaged or foreign told so."""

import copy
import io
import json
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from layerscope import cli
from layerscope.analysis.analyze import Analysis, analyze
from layerscope.analysis.model import Entry, Extras, FileType, Image, Reading
from layerscope.analysis.saved import SavedAnalysis
from layerscope.analysis.tree import walk
from layerscope.errors import DamagedError, LayerscopeError, LimitError, NotAnImageError, UnsupportedError
from layerscope.report import dive_json, json_report
from layerscope.report.saved import report as saved_report
from layerscope.report.text import report as text
from layerscope.report.text.style import Style

from fixtures.fixture import Outcome
from fixtures.make import FIXTURES
from tests.analysis.test_union_properties import stacks
from tests.gates import run
from tests.models import entry, image, layer
from tests.report.sample import sample

ROOT = Path(__file__).parents[3]
ARCHIVES = ROOT / "fixtures" / "archives"
SOURCES = [
    *((ARCHIVES / one.name, tuple(one.options)) for one in FIXTURES if one.outcome is not Outcome.REFUSED),
    (ROOT / "fixtures" / "demo.tar.gz", ()),
]


def written(analysis: Analysis, *, entries: bool = False) -> str:
    out = io.StringIO()
    json_report.write(analysis, out, entries=entries)
    return out.getvalue()


def export(analysis: Analysis) -> str:
    out = io.StringIO()
    dive_json.write(analysis.image, analysis.dive, out)
    return out.getvalue()


def named(one: Image) -> Image:
    """The image, its layers with names as the loader gives them."""
    return replace(
        one, layers=tuple(replace(layer, name=f"{i}/layer.tar") for i, layer in enumerate(one.layers))
    )


def odd() -> Image:
    """Names, links and attributes of all kinds, in a sample of waste of every kind."""
    latin = entry("x:11")._replace(name=b"/srv/caf\xe9")
    outside = entry("../../up:12")
    attributed = entry("etc/cap:5", mode=0o4755, mtime_ns=-1_500_000_001)._replace(
        extras=Extras(xattrs=((b"security.capability", b"\1\0"), (b"user.\xff", b"")))
    )
    link = entry("lnk -> x")._replace(link=b"../\xff")
    disk = Entry(b"dev/sda", FileType.BLOCK, 0o600, 0, 6, 0, 0, extras=Extras(device=(8, 0)))
    gone = entry("srv/.wh.tool")._replace(link=b"srv/tool")
    one = sample()
    more = layer(latin, outside, attributed, link, disk, "./root/", "hard => bin/tool", "./", "/")
    last = layer(gone, "etc/.wh..wh..opq", ".wh.lnk", "hard2 => /hard", "new\nline:7", ".wh..wh.plnk")
    return named(replace(one, layers=(*one.layers, more, last)))


def save(analysis: Analysis, target: Path, *, entries: bool = True) -> str:
    target.write_text(written(analysis, entries=entries), encoding="utf-8")
    return str(target)


# Round trips -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("archive", "options"), SOURCES, ids=lambda part: getattr(part, "name", ""))
def test_a_saved_report_shows_what_the_image_shows(
    archive: Path, options: tuple[str, ...], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def run(*arguments: str) -> tuple[int, str]:
        return cli.run(arguments), capsys.readouterr().out

    short, long, again = (str(tmp_path / name) for name in ("short.json", "long.json", "again.json"))
    code, _ = run(str(archive), *options, "--json", short)
    if code:
        return  # one that may be refused
    run(str(archive), *options, "--json", long, "--entries")
    for saved, more, wanted in ((short, [], short), (long, ["--entries"], long), (long, [], short)):
        assert run(saved, "--json", again, *more) == (0, "")
        assert Path(again).read_bytes() == Path(wanted).read_bytes()
    for view in ([], ["--ci"]):
        assert run(short, *view) == run(long, *view) == run(str(archive), *options, *view)
    assert run(long, "--dive-json", "-") == run(str(archive), *options, "--dive-json", "-")


@pytest.mark.parametrize("entries", [True, False])
@pytest.mark.parametrize("of", [sample, odd, image, lambda: image(layer())])
def test_a_report_written_again_is_the_same(of: Callable[[], Image], entries: bool, tmp_path: Path) -> None:
    path = save(analyze(of()), tmp_path / "report.json", entries=entries)
    assert written(saved_report.read(path), entries=entries) == Path(path).read_text(encoding="utf-8")


def tree(analysis: Analysis) -> list[tuple[object, ...]]:
    def inode(entry: Entry) -> Entry:
        return entry._replace(name=b"", extras=entry.extras._replace(extents=None), offset=0)

    root = analysis.union.root
    return [
        (path, node.layer, node.number, node.names, inode(node.inode.entry))
        for path, node in [(b"", root), *walk(root)]
    ]


@settings(deadline=None, max_examples=60)
@given(stacks())
def test_any_image_has_the_same_tree_waste_and_figures_after_a_round_trip(
    tmp_path_factory: pytest.TempPathFactory, stack: Image
) -> None:
    try:
        before = analyze(named(stack))
    except LayerscopeError:
        return  # symbolic links without an end
    path = save(before, tmp_path_factory.getbasetemp() / "any.json")
    after = saved_report.read(path)
    assert tree(after) == tree(before)
    assert after.waste == before.waste
    assert [change.removed for change in after.changes] == [change.removed for change in before.changes]
    assert [change.entries for change in after.changes] == [change.entries for change in before.changes]
    assert export(after) == export(before)
    assert written(after, entries=True) == Path(path).read_text(encoding="utf-8")


def test_names_links_devices_and_attributes_come_back(tmp_path: Path) -> None:
    before = analyze(odd())
    after = saved_report.read(save(before, tmp_path / "report.json"))
    assert isinstance(after, SavedAnalysis)
    assert after.has_entries
    *_, more, last = ([*one.entries] for one in after.image.layers)
    assert [one.name for one in more[:3]] == [b"/srv/caf\xe9", b"../../up", b"etc/cap"]
    assert more[2].extras.xattrs == ((b"security.capability", b"\1\0"), (b"user.\\xff", b""))
    assert (more[2].mode, more[2].mtime_ns) == (0o4755, -1_500_000_001)
    assert more[3].link == b"../\xff"
    assert more[4].extras.device == (8, 0)
    assert last[0].link == b"srv/tool"
    assert export(after) == export(before)


def test_the_layout_of_the_json_does_not_matter(tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    text = written(analyze(odd()), entries=True)
    path.write_text("\ufeff \n" + json.dumps(json.loads(text), indent=4, ensure_ascii=False, sort_keys=True))
    assert saved_report.is_report(str(path))
    # The attributes of a file and the config are sorted too: here they were before.
    assert written(saved_report.read(str(path)), entries=True) == text


def test_progress_is_told(tmp_path: Path) -> None:
    path = save(analyze(odd()), tmp_path / "report.json")
    told: list[Reading] = []
    saved_report.read(path, progress=told.append)
    size = Path(path).stat().st_size
    assert told[-1] == Reading(size, size, None, None)


def test_a_report_is_read_from_standard_input(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = save(analyze(odd()), tmp_path / "report.json")
    with Path(path).open() as stdin:
        monkeypatch.setattr(sys, "stdin", stdin)
        assert saved_report.is_report("-")
        assert written(saved_report.read("-"), entries=True) == Path(path).read_text(encoding="utf-8")


def test_a_report_that_flows_has_no_size_and_an_image_keeps_its_first_bytes() -> None:
    report = written(analyze(odd())).encode()
    flowing = io.BufferedReader(io.BytesIO(report))
    assert saved_report.is_report("-", stdin=flowing)
    told: list[Reading] = []
    assert not saved_report.read("-", stdin=flowing, progress=told.append).has_entries
    assert told[-1] == Reading(len(report), None, None, None)
    tar = io.BufferedReader(io.BytesIO(bytes(1024)))
    assert not saved_report.is_report("-", stdin=tar)
    assert len(tar.read()) == 1024


# Without entries, and of an older version --------------------------------------------------------------


def test_without_entries_there_are_figures_and_no_files(tmp_path: Path) -> None:
    before = analyze(odd())
    after = saved_report.read(save(before, tmp_path / "report.json", entries=False))
    assert not after.has_entries
    assert (after.totals, after.user, after.layers[0].figures) == (
        before.totals,
        before.user,
        before.layers[0].figures,
    )
    assert (after.waste, after.copies, after.largest_waste(3)) == (
        before.waste,
        before.copies,
        before.largest_waste(3),
    )
    assert after.change_counts == before.change_counts
    assert after.dive_score == before.dive_score
    style = Style()
    assert list(text.lines(run(after), style)) == list(text.lines(run(before), style))


@pytest.mark.parametrize("option", ["--dive-json", "--json"])
def test_what_takes_entries_says_how_to_save_them(
    option: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = save(analyze(odd()), tmp_path / "report.json", entries=False)
    more = ["--entries"] if option == "--json" else []
    assert cli.run([path, option, "-", *more]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert "saved without entries" in err
    assert "layerscope IMAGE --json FILE --entries" in err


def as_first_version(report: Any) -> None:
    report["schema_version"] = "1.0"
    del report["base"]
    for row in report["layers"]:
        del row["blob_name"]
    for row in report["entries"]:
        row.pop("name", None)
        row.pop("name_base64", None)
        row.pop("device", None)
        if row["type"] not in ("symlink", "hardlink"):
            row.pop("link", None)


def test_a_report_of_the_first_version_has_all_but_dives_export(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = analyze(odd())
    path = damaged(before, tmp_path, as_first_version)
    after = saved_report.read(path)
    assert [name for name, *_ in tree(after)] == [name for name, *_ in tree(before)]
    assert after.dive_score == before.dive_score
    assert cli.run([path, "--dive-json", "-"]) == 2
    assert "does not name the blobs" in capsys.readouterr().err


def test_what_a_later_minor_version_adds_is_passed_over(tmp_path: Path) -> None:
    def later(report: Any) -> None:
        report["schema_version"] = "1.9"
        report["layers"][0]["new"] = report["waste"][0]["new"] = report["entries"][0]["new"] = [{}]
        report["new"] = {"a": 1}

    before = analyze(odd())
    after = saved_report.read(damaged(before, tmp_path, later))
    assert written(after, entries=True) == written(before, entries=True)


# What is no report -------------------------------------------------------------------------------------


def damaged(analysis: Analysis, folder: Path, change: Callable[[Any], object]) -> str:
    """The path of a report with entries that somebody changed."""
    report = json.loads(written(analysis, entries=True))
    change(report)
    path = folder / "report.json"
    path.write_text(json.dumps(report), encoding="utf-8")
    return str(path)


def test_an_image_does_not_begin_as_a_report_does(tmp_path: Path) -> None:
    assert not any(saved_report.is_report(str(path)) for path in ARCHIVES.iterdir())
    assert not saved_report.is_report(str(tmp_path))
    assert not saved_report.is_report(str(tmp_path / "missing"))
    assert not saved_report.is_report("nul\0")
    tar = tmp_path / "{.tar"
    tar.write_bytes(b"{" + bytes(511))
    assert not saved_report.is_report(str(tar))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('{"layer": [{"index": 0}], "image": {}}', "is what `dive --json` writes, and neither"),
        ('{"schemaVersion": 2, "config": {}, "layers": []}', "is a manifest or an index, and neither"),
        ('{"architecture": "amd64", "rootfs": {}}', "is the config of an image, and neither"),
        ('[{"Config": "a.json", "Layers": []}]', "neither an image nor a report: it has [ where { belongs"),
        ('{"a": 1}', "neither an image nor a report: schema_version is missing"),
        ("{}", "neither an image nor a report: schema_version is missing"),
        ("{ echo hello; }", "neither an image nor a report: it is cut off or no JSON"),
        ("{", "neither an image nor a report: it is cut off"),
        ('{"entries": [{"layer": 0}]}', "neither an image nor a report: entries[0]: type is missing"),
        ('{"schema_version": "1.0", "generator": {"name": "other"}}', "its generator is not layerscope"),
        ('{"schema_version": 1}', "neither an image nor a report: schema_version is no text"),
        ('{"schema_version": "one"}', "neither an image nor a report: schema_version is no version"),
    ],
)
def test_other_json_is_told_that_it_is_no_report(content: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "other.json"
    path.write_text(content, encoding="utf-8")
    assert saved_report.is_report(str(path))
    with pytest.raises(NotAnImageError) as caught:
        saved_report.read(str(path))
    assert message in caught.value.message
    assert caught.value.hint


def test_dives_own_export_is_told_apart(tmp_path: Path) -> None:
    path = tmp_path / "dive.json"
    path.write_text(export(analyze(odd())), encoding="utf-8")
    with pytest.raises(NotAnImageError, match="dive --json"):
        saved_report.read(str(path))


def test_another_major_version_is_not_read(tmp_path: Path) -> None:
    path = damaged(analyze(odd()), tmp_path, lambda report: report.update(schema_version="2.0"))
    with pytest.raises(UnsupportedError, match=r"schema version 2\.0"):
        saved_report.read(path)


# Damage ------------------------------------------------------------------------------------------------


def put(where: str, value: object) -> Callable[[Any], None]:
    """Puts a value at a dotted path; `...` takes away what is there."""
    *way, last = where.split(".")

    def change(report: Any) -> None:
        for step in way:
            report = report[int(step) if step.isdecimal() else step]
        key = int(last) if last.isdecimal() else last
        if value is ...:
            del report[key]
        else:
            report[key] = value

    return change


WRONG = [
    ("generator", 1, "generator: it is no object"),
    ("image", ..., "image is missing"),
    ("image.config", [], "image: config is no object"),
    ("image.tags", [1], "image: tags hold what is no text"),
    ("image.reference", None, "reference is no text"),
    ("totals", [], "totals: it is no object"),
    ("totals.duplicate_bytes", -1, "duplicate_bytes is out of range"),
    ("dive.efficiency_score", 2, "efficiency_score is out of range"),
    ("dive.efficiency_score", True, "efficiency_score is no number"),
    ("dive.user_wasted_percent", 10**400, "user_wasted_percent is out of range"),
    ("layers", {}, "layers is no list"),
    ("layers.1", None, "layers[1]: it is no object"),
    ("layers.1.index", 2, "layers: they are not in order"),
    ("layers.0.stored_bytes", 1.0, "layers[0]: stored_bytes is no whole number"),
    ("layers.0.stored_bytes", 1, "layers[0]: what is live and what is wasted is not what is stored"),
    ("layers.0.killed_bytes", 2**100, "layers[0]: killed_bytes is out of range"),
    ("layers.0.compressed_bytes", "1", "layers[0]: compressed_bytes is no whole number"),
    ("layers.0.diff_id", 7, "layers[0]: diff_id is no text"),
    ("history.0.layer", 99, "history: there is no such layer"),
    ("history.0.layer", True, "history[0]: layer is no whole number"),
    ("history.0.empty_layer", None, "history[0]: empty_layer is neither true nor false"),
    ("waste", ..., "waste is missing"),
    ("waste.0.kind", "lost", "waste[0]: kind is 'lost', which this version does not know"),
    ("waste.0.killed_by", 99, "waste: there is no such layer"),
    ("waste.0.layer", -1, "waste[0]: layer is out of range"),
    ("waste.0.path", "bin/tool", "waste[0]: path is not one from the root"),
    ("waste.0.path", "/../etc", "waste[0]: path is not one from the root"),
    ("waste.0.path", "/\ud800", "waste[0]: path is no text (half a surrogate pair)"),
    ("waste.0.path_base64", "L2E=", "waste[0]: path is not what path_base64 says"),
    ("waste.0.changed", ["mode"], "waste[0]: changed does not go with rewritten"),
    ("entries.1", [], "entries[1]: it is no object"),
    ("entries.1.layer", 99, "entries: there is no such layer"),
    ("entries.1.type", "socket", "entries[1]: type is 'socket', which this version does not know"),
    ("entries.1.type", ["regular"], "entries[1]: type is no text"),
    ("entries.1.mode", "0o75", "entries[1]: mode is '0o75', which this version does not know"),
    ("entries.1.uid", 1 << 64, "entries[1]: uid is out of range"),
    ("entries.1.size", -1, "entries[1]: size is out of range"),
    ("entries.0.size", 1, "entries[0]: size is not 0, and it is no regular file"),
    ("entries.1.mtime_ns", 1 << 100, "entries[1]: mtime_ns is out of range"),
    ("entries.1.change", ["gone"], "entries[1]: it has a change that this version does not know"),
    ("entries.1.change", [[]], "entries[1]: it has a change that this version does not know"),
    ("entries.1.change", "added", "entries[1]: change is no list"),
    ("entries.1.name", "/etc", "entries[1]: name leads to another path"),
    ("entries.1.path", "/" + "a" * 5000, "entries[1]: it has a path of more than 4096 bytes"),
    ("entries.1.link", 1, "entries[1]: link is no text"),
    ("entries.1.link_base64", "/w==", "entries[1]: link is not"),
    ("entries.1.device", [1], "entries[1]: device is no pair of whole numbers"),
    ("entries.1.xattrs", [], "entries[1]: xattrs is no object"),
    ("entries.1.xattrs", {"a": "?"}, "entries[1]: there is something that should be base64, and is none"),
    ("entries.1.xattrs", {"a": None}, "entries[1]: there is something that should be base64, and is none"),
]


@pytest.mark.parametrize(("where", "value", "message"), WRONG)
def test_a_wrong_member_is_named(where: str, value: object, message: str, tmp_path: Path) -> None:
    def change(report: Any) -> None:
        if where == "entries.1.link_base64":
            report["entries"][1]["link"] = "x"
        put(where, value)(report)

    with pytest.raises(DamagedError) as caught:
        saved_report.read(damaged(analyze(odd()), tmp_path, change))
    assert caught.value.message.startswith("the report ")
    assert message in caught.value.message


def keys(found: object, where: str = "") -> list[str]:
    """Every member of a report, of the first row of each list."""
    if isinstance(found, dict) and not where.endswith((".config", ".xattrs")):
        return [one for key, inner in found.items() for one in keys(inner, f"{where}.{key}".lstrip("."))]
    if isinstance(found, list) and found and isinstance(found[0], dict):
        return keys(found[0], f"{where}.0")
    return [where]


def test_nothing_may_be_missing_but_what_1_0_had_not(tmp_path: Path) -> None:
    analysis = analyze(odd())
    report = json.loads(written(analysis, entries=True))
    refused = set()
    for where in keys(report):
        one = copy.deepcopy(report)
        put(where, ...)(one)
        path = tmp_path / "report.json"
        path.write_text(json.dumps(one), encoding="utf-8")
        try:
            saved_report.read(str(path))
        except (DamagedError, NotAnImageError):
            refused.add(where)
    assert set(keys(report)) - refused == {"generator.version", "layers.0.blob_name"}


@pytest.mark.parametrize("value", [None, True, -1, 1.5, 10**30, "x", [], {}, [[]], [{}], {"x": [1]}])
def test_a_value_of_any_wrong_type_is_no_crash(value: object, tmp_path: Path) -> None:
    analysis = analyze(odd())
    report = json.loads(written(analysis, entries=True))
    path = tmp_path / "report.json"
    for where in keys(report):
        one = copy.deepcopy(report)
        put(where, value)(one)
        path.write_text(json.dumps(one), encoding="utf-8")
        with suppress(LayerscopeError):
            written(saved_report.read(str(path)), entries=True)


TOTALS = [
    "stored_bytes", "live_bytes", "wasted_bytes", "efficiency", "compressed_bytes", "user_stored_bytes",
    "user_live_bytes", "user_wasted_bytes", "user_efficiency", "user_compressed_bytes",
]  # fmt: skip


@pytest.mark.parametrize("key", TOTALS)
def test_totals_must_be_what_the_layers_add_up_to(key: str, tmp_path: Path) -> None:
    with pytest.raises(DamagedError, match=f"contradicts itself: totals.{key} is not"):
        saved_report.read(damaged(analyze(odd()), tmp_path, put(f"totals.{key}", 1)))


def test_waste_by_kind_must_be_what_the_waste_adds_up_to(tmp_path: Path) -> None:
    change = put("totals.waste_by_kind.removed", 0)
    with pytest.raises(DamagedError, match=r"contradicts itself: totals\.waste_by_kind"):
        saved_report.read(damaged(analyze(odd()), tmp_path, change))


def test_there_are_no_more_duplicates_than_live_bytes(tmp_path: Path) -> None:
    change = put("totals.duplicate_bytes", 10**9)
    with pytest.raises(DamagedError, match=r"contradicts itself: totals\.duplicate_bytes"):
        saved_report.read(damaged(analyze(odd()), tmp_path, change))


@pytest.mark.parametrize("count", [1, 100, 1500, -40, -3])
def test_a_report_that_is_cut_off_is_damaged(count: int, tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    path.write_text(written(analyze(odd()), entries=True)[:count], encoding="utf-8")
    with pytest.raises(DamagedError if count != 1 else NotAnImageError, match="it is cut off"):
        saved_report.read(str(path))


def test_bytes_that_are_no_utf_8_are_damage(tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    path.write_bytes(written(analyze(odd())).encode().replace(b"example:1", b"ex\xffmple:1"))
    with pytest.raises((DamagedError, NotAnImageError), match="not all UTF-8"):
        saved_report.read(str(path))


# Limits ------------------------------------------------------------------------------------------------


def test_a_report_beyond_all_size_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    with path.open("wb") as file:
        file.write(b"{")
        file.truncate(saved_report.MAX_BYTES + 1)
    with pytest.raises(LimitError, match="more than 1024 MiB"):
        saved_report.read(str(path))


@pytest.mark.parametrize(
    ("bound", "message"), [("MAX_ROW", "value of more than 100 char"), ("MAX_REST", "more than 100 char")]
)
def test_texts_and_rows_have_their_limits(
    bound: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = replace(sample(), layers=(layer(entry("/".join(["d" * 200] * 20))),))
    many = replace(one, layers=one.layers * 200)
    path = save(analyze(many), tmp_path / "report.json")
    monkeypatch.setattr(saved_report, bound, 100)
    with pytest.raises(LimitError, match=message):
        saved_report.read(path)


def test_a_config_nested_without_end_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    path.write_text('{"schema_version": "1.1", "image": ' + '{"a": ' * 200_000, encoding="utf-8")
    with pytest.raises(LimitError, match="nested"):
        saved_report.read(str(path))


def test_options_for_images_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = save(analyze(odd()), tmp_path / "report.json")
    for options in (["--image", "0"], ["--platform", "linux/amd64"], ["--verify"]):
        assert cli.run([path, *options]) == 2
        assert "are for images, not for reports" in capsys.readouterr().err
