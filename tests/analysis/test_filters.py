"""What each word of a filter lets through."""

import contextlib
import fnmatch
import re
from collections.abc import Callable

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from layerscope.analysis.analyze import analyze
from layerscope.analysis.filters import FilterError, Paths, both, parse, passes
from layerscope.analysis.model import Entry, FileType
from layerscope.analysis.timeline import Kind, Timeline
from layerscope.analysis.view import Scope, View, Views

from tests.models import entry, image, layer

STACK = (
    layer(
        "etc/passwd:900",
        "usr/lib/libc.so:2000000",
        "usr/lib/libm.so.6 -> libm.so",
        "usr/lib/python3/test/case.py:1500",
        "usr/lib/python3/README.md:10",
        "usr/share/Lib/x:1000",
        entry("home/me/", uid=1000, gid=50),
        entry("home/me/notes 1.txt:7", uid=1000, gid=1000),
        "hard => usr/lib/libc.so",
        Entry(b"dev/null", FileType.CHARACTER, 0o666, 0, 0, 0, 0),
        Entry(b"dev/pipe", FileType.FIFO, 0o666, 0, 0, 0, 0),
    ),
    layer("etc/passwd:901", "etc/.wh.none", "usr/lib/python3/.wh.test", "usr/new/"),
    layer(entry("usr/share/Lib/x:1000", 0o600), "etc/passwd:902", "home/.wh.me"),
)
MADE = Timeline(analyze(image(*STACK), keep_past=True))
PATHS = Paths(MADE)
VIEWS = Views(MADE)


def found(text: str, scope: Scope = Scope.UP_TO, index: int = 0) -> set[str]:
    """The paths of a view that a filter lets through."""
    view = VIEWS.view(scope, index)
    flags = passes(parse(text), PATHS, view)
    assert len(flags) == len(MADE)
    assert set(flags) <= {0, 1}
    return {MADE.name(path).decode() for path in range(1, len(MADE)) if flags[path] and view.kinds[path]}


ALL = found("")


# Text


def test_no_words_let_everything_through() -> None:
    assert found("") == found("   ") == ALL
    assert len(ALL) == 20


def test_text_is_looked_for_in_the_whole_path_so_what_lies_below_a_match_stays() -> None:
    assert found("python3") == {
        "usr/lib/python3",
        "usr/lib/python3/README.md",
        "usr/lib/python3/test",
        "usr/lib/python3/test/case.py",
    }


def test_small_letters_stand_for_capitals_too_and_capitals_for_themselves() -> None:
    assert found("readme") == found("READ") == {"usr/lib/python3/README.md"}
    assert found("Readme") == set()
    assert found("Lib") == {"usr/share/Lib", "usr/share/Lib/x"}
    assert found("share/lib") == found("share/Lib") == {"usr/share/Lib", "usr/share/Lib/x"}


def test_text_with_a_slash_spans_components() -> None:
    assert found("ib/lib") == {"usr/lib/libc.so", "usr/lib/libm.so.6"}
    assert found("r/lib/py") == found("python3")
    assert found("lib/x") == {"usr/share/Lib/x"}
    assert found("libc.so/") == found("usr/lib/c") == set()


def test_a_leading_slash_is_the_start_of_a_component() -> None:
    assert found("/me") == {"home/me", "home/me/notes 1.txt"}
    assert found("/li") == {path for path in ALL if path.startswith(("usr/lib", "usr/share/Lib"))}
    assert found("/") == ALL


def test_a_slash_at_the_end_is_for_what_lies_below() -> None:
    assert found("home/me/") == {"home/me/notes 1.txt"}


def test_quoted_text_may_hold_spaces_and_signs() -> None:
    assert found('"notes 1"') == found('"notes 1') == {"home/me/notes 1.txt"}
    assert found("notes 2") == set()
    assert found('"*.so"') == found('">10"') == found('"kind:added"') == set()
    assert found('"/etc/"') == {"etc/passwd"}


# Patterns


def test_a_pattern_is_held_against_names() -> None:
    assert found("*.so") == {"usr/lib/libc.so"}
    assert found("lib?.so*") == {"usr/lib/libc.so", "usr/lib/libm.so.6"}
    assert found("[pq]*") == found("python3") | {"etc/passwd", "dev/pipe"}
    assert found("readme.*") == found("README.*") == {"usr/lib/python3/README.md"}
    assert found("Readme.*") == found("*.SO") == set()


def test_what_lies_below_a_directory_that_a_pattern_matches_stays() -> None:
    assert found("pyth*3") == found("python3")


def test_a_pattern_with_a_slash_is_held_against_the_end_of_paths() -> None:
    assert found("lib/*.so") == {"usr/lib/libc.so"}
    assert found("python?/*.md") == {"usr/lib/python3/README.md"}
    assert found("*/python3/*") == found("python3/*") == found("python3") - {"usr/lib/python3"}
    assert found("/usr/*/libc.so") == {"usr/lib/libc.so"}
    assert found("/lib/*") == set()


def test_a_pattern_with_an_open_bracket_takes_it_as_it_is() -> None:
    assert found("[a") == found("a[b/") == set()


def test_a_regular_expression_is_looked_for_in_whole_paths() -> None:
    assert found(r"/\.so$/") == {"usr/lib/libc.so"}
    assert found("/^.usr.lib.[^/]+$/") == found("/^.usr.lib.py/") - found("python3/*") | {
        "usr/lib/libc.so",
        "usr/lib/libm.so.6",
    }
    assert found("/s 1/") == {"home/me/notes 1.txt"}


def test_a_regular_expression_finds_capitals_unless_it_has_some_itself() -> None:
    assert found("/readme/") == found("/README/") == {"usr/lib/python3/README.md"}
    assert found("/Readme/") == set()
    assert found(r"/\Sreadme\S/") == found(r"/\x52eadme/") == {"usr/lib/python3/README.md"}


def test_slashes_within_a_regular_expression_are_escaped() -> None:
    assert found(r"/usr\/lib\/lib/") == {"usr/lib/libc.so", "usr/lib/libm.so.6"}


# Attributes


def test_sizes_are_those_of_files_under_each_of_their_names() -> None:
    assert found(">1M") == {"hard", "usr/lib/libc.so"}
    assert found(">900") == found(">1M") | {"usr/lib/python3/test/case.py", "usr/share/Lib/x"}
    assert found(">=900") == found(">900") | {"etc/passwd"}
    assert found("<=7 !<7") == {"home/me/notes 1.txt"}
    assert found(">1M <1M") == set()


def test_sizes_among_the_changes_are_those_that_the_layer_stored() -> None:
    assert found(">1M", Scope.CHANGES) == {"usr/lib/libc.so"}


def test_removed_paths_have_the_size_they_had() -> None:
    for scope in Scope.CHANGES, Scope.UP_TO:
        assert "usr/lib/python3/test/case.py" in found(">1.4k", scope, 1)
        assert "usr/lib/python3/test/case.py" not in found(">1.6k", scope, 1)
        assert "usr/lib/python3/test/case.py" not in found("<1", scope, 1)


@pytest.mark.parametrize(
    ("word", "limit"),
    [
        (">7", 7),
        (">7b", 7),
        (">2k", 2_000),
        (">2kB", 2_000),
        (">2Ki", 2_048),
        (">2KiB", 2_048),
        (">1.5m", 1_500_000),
        (">.5M", 500_000),
        (">1g", 10**9),
        (">1TiB", 2**40),
    ],
)
def test_sizes_have_decimal_and_binary_units(word: str, limit: int) -> None:
    made = Timeline(analyze(image(layer(f"a:{limit}", f"b:{limit + 1}")), keep_past=True))
    assert list(passes(parse(word), Paths(made), Views(made).view(Scope.FINAL, 0))) == [0, 0, 1]


def test_a_size_need_not_be_a_whole_number_of_bytes() -> None:
    made = Timeline(analyze(image(layer("a:1", "b:2")), keep_past=True))
    words = "<.0015k", "<=.0015k", ">.0015k", ">=.0015k"
    found = [passes(parse(word), Paths(made), Views(made).view(Scope.FINAL, 0)) for word in words]
    assert [list(flags[1:]) for flags in found] == [[1, 0], [1, 0], [0, 1], [0, 1]]


def test_kinds_are_those_of_the_view() -> None:
    assert found("kind:added", Scope.CHANGES, 1) == {"usr/new"}
    assert found("kind:changed", Scope.UP_TO, 1) == found("kind:modified", Scope.FINAL, 2) == {"etc/passwd"}
    assert found("kind:metadata", Scope.UP_TO, 2) == {"usr/share/Lib/x"}
    assert found("kind:METADATA-ONLY", Scope.CHANGES, 2) == {"usr/share/Lib/x"}
    assert found("kind:removed", Scope.UP_TO, 2) == {"home/me", "home/me/notes 1.txt"}
    assert found("kind:removed", Scope.FINAL, 2) == set()
    assert "dev/null" in found("kind:unchanged", Scope.UP_TO, 1) & found("kind:same", Scope.FINAL, 1)


def test_owners_are_a_user_or_a_user_and_a_group() -> None:
    assert found("owner:1000") == {"home/me", "home/me/notes 1.txt"}
    assert found("owner:1000:50") == {"home/me"}
    assert found("owner:1000:0") == found("owner:5") == set()
    assert found("owner:0") == ALL - found("owner:1000")


def test_layers_are_those_that_wrote_what_is_shown() -> None:
    assert found("layer:1", Scope.UP_TO, 2) == {"usr/new"}
    assert found("layer:2", Scope.FINAL, 0) == {"etc/passwd", "usr/share/Lib/x"}
    assert found("layer:0", Scope.CHANGES, 2) == {"home/me", "home/me/notes 1.txt"}
    assert found("layer:7") == set()


def test_types_are_those_of_entries() -> None:
    assert found("type:link") == found("type:symlink") == {"usr/lib/libm.so.6"}
    assert found("type:hardlink") == {"hard"}
    assert found("type:device") == {"dev/null"}
    assert found("type:fifo") == {"dev/pipe"}
    assert found("type:dir") == found("type:Directory") >= {"home/me", "usr", "dev"}
    assert found("type:file") == ALL - found("type:dir") - {"dev/null", "dev/pipe", "usr/lib/libm.so.6"}


def test_wasted_is_what_is_out_of_reach_in_the_final_image() -> None:
    assert (
        found("is:wasted")
        == found("is:waste")
        == {
            "etc/passwd",
            "usr/lib/python3/test/case.py",
            "usr/share/Lib/x",
            "home/me/notes 1.txt",
        }
    )
    assert found("is:wasted", Scope.FINAL, 2) == set()


# Together


def test_an_exclamation_mark_leaves_out_what_the_word_finds() -> None:
    assert found("!python3") == ALL - found("python3")
    assert found("!*.so") == ALL - found("*.so")
    assert found("!/lib/") == ALL - found("/lib/")
    assert found('!"notes 1"') == ALL - {"home/me/notes 1.txt"}
    assert found("!type:dir") == ALL - found("type:dir")


def test_all_words_must_hold() -> None:
    assert found("python3 !test *.md") == {"usr/lib/python3/README.md"}
    assert found("etc passwd") == {"etc/passwd"}
    assert found("etc home") == set()
    assert found("/lib/ .so !*.so") == {"usr/lib/libm.so.6"}


@pytest.mark.parametrize("text", ["!", '"', '""', '!"', '!""', " ! ", '"" !'])
def test_words_without_anything_to_look_for_let_everything_through(text: str) -> None:
    assert found(text) == ALL
    assert found(f"dev {text}") == found("dev")


def test_a_word_with_an_unknown_key_is_text() -> None:
    assert found("size:3") == found("a:b") == set()


@pytest.mark.parametrize(
    ("word", "message"),
    [
        (">", "> is no size: >10M, <=4k, >=1.5GiB"),
        ("<=", "<= is no size: >10M, <=4k, >=1.5GiB"),
        (">1.2.3", ">1.2.3 is no size: >10M, <=4k, >=1.5GiB"),
        (">10X", ">10X is no size: >10M, <=4k, >=1.5GiB"),
        ("kind:", "kind: means nothing: added, changed, metadata, removed, unchanged"),
        ("kind:gone", "kind:gone means nothing: added, changed, metadata, removed, unchanged"),
        ("owner:root", "owner:root means nothing: owner:0, owner:1000:1000"),
        ("owner:1:", "owner:1: means nothing: owner:0, owner:1000:1000"),
        ("owner:٣", "owner:٣ means nothing: owner:0, owner:1000:1000"),
        ("layer:", "layer: means nothing: layer:3"),
        ("layer:-1", "layer:-1 means nothing: layer:3"),
        ("type:x", "type:x means nothing: file, dir, link, hardlink, device, fifo"),
        ("is:live", "is:live means nothing: is:wasted"),
        ("/[/", "/[/ is no regular expression: unterminated character set at position 0"),
        ("/a{9999999999}/", "/a{9999999999}/ is no regular expression: the repetition number is too large"),
        (f"owner:{'9' * 4000}", f"owner:{'9' * 4000} means nothing: owner:0, owner:1000:1000"),
        (f"layer:{'9' * 4000}", f"layer:{'9' * 4000} means nothing: layer:3"),
        ("a" * 10_000, "a filter has at most 4096 characters"),
    ],
)
def test_a_word_that_means_nothing_is_told_with_what_would(word: str, message: str) -> None:
    with pytest.raises(FilterError) as error:
        parse(word)
    assert str(error.value) == message


def test_a_regular_expression_that_python_may_read_otherwise_one_day_is_no_warning() -> None:
    assert found("/[[a]dev/") == found("/[a||b]dev/") == set()


def test_columns_of_flags_are_joined() -> None:
    assert both(b"\0\0\1\1", bytearray(b"\0\1\0\1")) == b"\0\0\0\1"


# Any filter, held against one that looks at path after path


WORDS = st.one_of(
    st.text(alphabet="aAbB./é-", min_size=1, max_size=4),
    st.text(alphabet="aAb.*?[]!/-", min_size=1, max_size=5),
    st.text(alphabet="aAbB. ", max_size=3).map(lambda text: f'"{text}"'),
    st.text(alphabet="aAbB.^$*S\\", min_size=1, max_size=4).map(lambda text: f"/{text}/"),
    st.sampled_from(
        ["kind:added", "kind:same", "kind:removed", "layer:1", "owner:7", "type:dir", "type:link"]
    ),
    st.sampled_from(["is:wasted", ">2", "<3", ">=3", "<=2k"]),
)
NEGATED = st.sampled_from(["", "", "!"])
FILTERS = st.lists(st.tuples(NEGATED, WORDS), max_size=3)
NAMES = st.lists(st.text(alphabet="aAbBé. -", min_size=1, max_size=3), min_size=1, max_size=3)
ITEMS = st.builds(
    lambda parts, size, uid: entry(f"{'/'.join(parts)}:{size}", uid=uid), NAMES, st.integers(0, 4), st.just(7)
)


def naively(word: str, path: str, made: Timeline, view: View, number: int) -> bool:
    """Whether one word lets one path through."""
    small = word.lower() == word
    shown = path.lower() if small else path
    version = view.current[number]
    key, _, value = word.partition(":")
    if key == "kind":
        return view.kinds[number] == {"added": Kind.ADDED, "same": Kind.SAME, "removed": Kind.REMOVED}[value]
    if key in ("layer", "owner", "type"):
        if version < 0:
            return False
        one = made.version(version)
        kind = FileType.DIRECTORY if value == "dir" else FileType.SYMLINK
        return {"layer": one.layer == 1, "owner": one.entry.uid == 7, "type": one.entry.type is kind}[key]
    if key == "is":
        return bool(version >= 0 and view.kinds[number] != Kind.REMOVED and made.version(version).wasted)
    if word[0] in "<>":
        size = made.size[version]
        compared: dict[str, Callable[[], bool]] = {
            ">2": lambda: size > 2,
            "<3": lambda: size < 3,
            ">=3": lambda: size >= 3,
            "<=2k": lambda: size <= 2000,
        }
        return version >= 0 and compared[word]()
    if word.startswith("/") and word.endswith("/") and len(word) > 2:
        ignored = re.sub(r"\\.", "", word)
        flags = re.IGNORECASE if ignored == ignored.lower() else 0
        return re.search(word[1:-1], path, flags) is not None
    if word.startswith('"') or not set(word) & set("*?["):
        return word.strip('"') in shown
    if "/" not in word:
        return any(fnmatch.fnmatchcase(part, word) for part in shown.split("/"))
    pattern = word if word.startswith(("/", "*")) else f"*/{word}"
    parts = shown.split("/")
    return any(fnmatch.fnmatchcase("/".join(parts[: end + 1]), pattern) for end in range(len(parts)))


@settings(max_examples=300, derandomize=True, deadline=None, database=None)
@given(
    st.lists(st.lists(ITEMS, max_size=6), min_size=2, max_size=2),
    FILTERS,
    st.sampled_from(Scope),
    st.integers(0, 1),
)
def test_a_filter_lets_through_what_each_of_its_words_lets_through(
    items: list[list[Entry]], words: list[tuple[str, str]], scope: Scope, index: int
) -> None:
    words = [(sign, word) for sign, word in words if word.strip('!"')]
    made = Timeline(analyze(image(*(layer(*one) for one in items)), keep_past=True))
    view = Views(made).view(scope, index)
    try:
        terms = parse(" ".join(sign + word for sign, word in words))
    except FilterError:
        return
    if len(terms) != len(words):  # two words with a slash each, read as one regular expression
        return
    flags = passes(terms, Paths(made), view)
    words = [("!", word[1:]) if not sign and word.startswith("!") else (sign, word) for sign, word in words]
    for path in range(len(made)):
        if view.kinds[path]:
            name = f"/{made.name(path).decode()}" if path else ""
            assert flags[path] == all(
                naively(word, name, made, view, path) is not bool(sign) for sign, word in words
            ), name


@settings(max_examples=300, derandomize=True, deadline=None, database=None)
@given(
    st.one_of(
        st.text(max_size=30),
        st.text(alphabet='!"/\\ ()[]{}*?+|^$.,:<>=-aik09', max_size=30),
        st.text(alphabet="()[]{}*?+|^$.,:<>=!-aiLxPk09\\", min_size=1, max_size=20).map(
            lambda text: f"/{text}/"
        ),
        st.text(st.characters(categories=["Cs", "Cc", "Lu"]), max_size=10),
    )
)
@example("[" * 4096)
@example("(" * 4000 + "/")
@example("/" + "(" * 4000 + "/")
@example(">" + "9" * 4000)
@example("\udcff /\ud800/ *\udcff")
def test_whatever_is_typed_is_a_filter_or_a_filter_error(text: str) -> None:
    with contextlib.suppress(FilterError):
        found(text)
