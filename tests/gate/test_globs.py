"""Globs over paths, against a matcher that is written for nothing but to be read."""

import time
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from layerscope.gate import globs as module
from layerscope.gate.globs import MAX_PATTERN, Globs
from layerscope.gate.names import Names


def covered(pattern: str, *paths: str) -> list[str]:
    """Of the paths those that a pattern covers."""
    globs = Globs([pattern])
    return [path for path in paths if globs.match(path.encode())]


@pytest.mark.parametrize(
    ("pattern", "yes", "no"),
    [
        ("tmp", ["tmp", "a/tmp", "a/tmp/b"], ["tmpx", "xtmp", "a/TMP"]),
        ("tmp/", ["tmp", "a/tmp", "tmp/b"], ["tmpx"]),
        ("/tmp", ["tmp", "tmp/a"], ["a/tmp", "tmpx"]),
        ("/tmp/", ["tmp", "tmp/a"], ["a/tmp"]),
        ("./tmp", ["tmp", "tmp/a"], ["a/tmp"]),
        ("a//b", ["a/b", "a/b/c"], ["c/a/b", "a"]),
        ("a/b", ["a/b", "a/b/c"], ["c/a/b", "b"]),
        ("*.pem", ["x.pem", ".pem", "a/b/x.pem", "x.pem/c"], ["x.pem2", "pem"]),
        ("/*.pem", ["x.pem"], ["a/x.pem"]),
        ("*/x", ["a/x", "a/x/y"], ["x", "a/b/x"]),
        ("/a/*/c", ["a/b/c"], ["a/c", "a/b/b/c"]),
        ("**/x", ["x", "a/x", "a/b/x/y"], ["xx", "a/xx"]),
        ("**/a/b", ["a/b", "c/a/b", "a/a/b"], ["a", "b", "a/c/b"]),
        ("a/**", ["a/b", "a/b/c"], ["a", "b/a", "b/a/c"]),
        ("a/**/", ["a/b", "a/b/c"], ["a"]),
        ("a/**/c", ["a/c", "a/b/c", "a/b/b/c/d"], ["c", "a/b", "b/a/c"]),
        ("a/**/**/c", ["a/c", "a/b/c"], ["c"]),
        ("**/a/**/c/**", ["a/c/x", "z/a/b/c/x"], ["a/c", "a/b/c"]),
        ("**", ["a", "a/b"], []),
        ("/**", ["a", "a/b"], []),
        ("*", ["a", "a/b"], []),
        ("a**b", ["ab", "axb"], ["a/b"]),
        ("core.[0-9]", ["core.1", "x/core.9"], ["core.10", "core.x"]),
        ("[!a]x", ["bx"], ["ax"]),
        ("[^a]x", ["ax", "^x"], ["bx"]),
        ("a?c", ["abc", "aéc"], ["ac", "abbc", "a/c"]),
        ("é*", ["été", "a/é"], ["ete"]),
        ("[", ["[", "a/["], ["a"]),
        ("[!]x", ["[!]x"], ["!x"]),
        ("{a,b}", ["{a,b}"], ["a", "b"]),
        ("$(id)", ["$(id)"], ["id"]),
        ("a.b", ["a.b"], ["axb"]),
    ],
)
def test_what_a_pattern_covers(pattern: str, yes: list[str], no: list[str]) -> None:
    assert covered(pattern, *yes, *no) == yes


def test_a_name_that_is_not_utf8_has_one_character_for_each_odd_byte() -> None:
    assert [bool(Globs([one]).match(b"a/\xff\xe9.pem")) for one in ("*.pem", "??.pem", "?.pem")] == [
        True, True, False,
    ]  # fmt: skip
    assert Globs(["\udcff*"]).match(b"\xff") == 1


def test_a_match_says_where_what_is_covered_begins() -> None:
    globs = Globs(["node_modules", "/var/cache/**"])
    assert [
        globs.match(path)
        for path in (b"app/node_modules/a/b", b"app/node_modules", b"var/cache/apt/x", b"var/cache", b"")
    ] == [len("app/node_modules"), len("app/node_modules"), len("var/cache/apt"), 0, 0]


@pytest.mark.parametrize("pattern", ["", "/", ".", "./", "//", "..", "a/../b", "/.."])
def test_a_pattern_that_names_nothing_is_refused(pattern: str) -> None:
    with pytest.raises(ValueError, match="names no path of an image"):
        Globs([pattern])


def test_a_pattern_that_takes_something_back_is_refused() -> None:
    with pytest.raises(ValueError, match=r"takes nothing back: write \[!\]"):
        Globs(["*.pem", "!ca.pem"])


def test_a_pattern_that_nobody_wrote_by_hand_is_refused() -> None:
    assert Globs(["a" * MAX_PATTERN]).match(b"a" * MAX_PATTERN) == MAX_PATTERN
    with pytest.raises(ValueError, match="at most 1,000 characters"):
        Globs(["a" * (MAX_PATTERN + 1)])


def test_half_a_character_is_no_name_of_a_path() -> None:
    assert Globs(["\ud800", "\ud800*"]).match(b"a") == 0


# Against a naive matcher.


def naive(pattern: str, path: str) -> int:
    """How many characters of the path are covered: the first part that all of the pattern fits."""
    parts = [part for part in pattern.split("/") if part not in ("", ".")]
    if "/" not in pattern.rstrip("/"):
        parts.insert(0, "**")
    names = path.split("/")
    fitting = (end for end in range(1, len(names) + 1) if fits(parts, names[:end]))
    return next((len("/".join(names[:end])) for end in fitting), 0)


def fits(parts: Sequence[str], names: Sequence[str]) -> bool:
    if not parts:
        return not names
    if parts[0] == "**":
        least = 1 if len(parts) == 1 else 0  # at the end it is what lies below
        return any(fits(parts[1:], names[skipped:]) for skipped in range(least, len(names) + 1))
    return bool(names) and fits_name(parts[0], names[0]) and fits(parts[1:], names[1:])


def fits_name(part: str, name: str) -> bool:
    if not part:
        return not name
    if part[0] == "*":
        return any(fits_name(part[1:], name[skipped:]) for skipped in range(len(name) + 1))
    return bool(name) and part[0] in ("?", name[0]) and fits_name(part[1:], name[1:])


COMPONENTS = st.text("ab.*?", min_size=1, max_size=3).filter(lambda part: part not in (".", "..", "**"))
PATTERNS = st.builds(
    lambda begin, parts, end: begin + "/".join(parts) + end,
    st.sampled_from(["", "/"]),
    st.lists(COMPONENTS | st.just("**"), min_size=1, max_size=5),
    st.sampled_from(["", "/"]),
)
PATHS = st.lists(st.text("ab.", min_size=1, max_size=2), min_size=1, max_size=6).map("/".join)


@given(patterns=st.lists(PATTERNS, min_size=1, max_size=4), paths=st.lists(PATHS, min_size=1, max_size=8))
def test_it_is_as_the_naive_matcher_says(patterns: list[str], paths: list[str]) -> None:
    globs = Globs(patterns)
    for path in paths:
        found = [length for pattern in patterns if (length := naive(pattern, path))]
        assert globs.match(path.encode()) == min(found, default=0)


@given(patterns=st.lists(st.text(min_size=1, max_size=6), min_size=1, max_size=3), name=st.binary(min_size=1))
def test_no_text_makes_it_stumble(patterns: list[str], name: bytes) -> None:
    try:
        globs = Globs(patterns)
    except ValueError:
        return
    globs.match(name.replace(b"/", b"x"))


@given(paths=st.lists(PATHS, min_size=1, max_size=20), patterns=st.lists(PATTERNS, min_size=1, max_size=3))
def test_what_was_forgotten_is_found_again(paths: list[str], patterns: list[str]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_MAX_KEPT", 500)
        forgetful = Globs(patterns)
        found = [forgetful.match(path.encode()) for path in paths]
    globs = Globs(patterns)
    assert found == [globs.match(path.encode()) for path in paths]


# Hostile patterns and paths: time and memory.


@pytest.mark.parametrize(
    ("pattern", "path"),
    [
        ("*a" * 300 + "b", b"a" * 4096),
        ("*" * 900 + "b", b"a" * 4096),
        ("**/a/" * 150 + "b", b"/".join([b"a"] * 2048)),
        ("**/*/" * 150 + "b", b"/".join([b"a"] * 2048)),
        ("a*" * 400, b"/".join([b"a" * 255] * 16)),
        ("*a*b*c*d*e*f*g*", b"abcdef" * 680),
    ],
)
def test_no_pattern_takes_long(pattern: str, path: bytes) -> None:
    begin = time.perf_counter()
    Globs([pattern]).match(path)
    assert time.perf_counter() - begin < 0.5


def test_many_paths_take_less_than_a_second() -> None:
    patterns = ["id_rsa", "*.pem", ".npmrc", "/var/cache/apt/**", "**/test/fixtures", "*.log", "core.[0-9]*"]
    paths = [
        f"usr/lib/{part}/{group}/file{number}.py".encode()
        for part in range(20)
        for group in range(100)
        for number in range(25)
    ]
    globs = Globs(patterns)
    begin = time.perf_counter()
    assert not any(map(globs.match, paths))
    assert time.perf_counter() - begin < 1


def test_thousands_of_patterns_take_no_longer_for_a_path_than_a_few() -> None:
    globs = Globs([f"name{number}" for number in range(20_000)])
    begin = time.perf_counter()
    assert (
        sum(1 for number in range(20_000) if globs.match(f"a{number % 500}/name{number}".encode())) == 20_000
    )
    assert time.perf_counter() - begin < 1


def test_deep_paths_are_not_all_kept() -> None:
    globs = Globs(["**/x"])
    for number in range(40):
        globs.match(b"/".join([b"%d" % number, *[b"a"] * 2000, b"b"]))
    assert sum(map(len, globs._folders)) < 1 << 25


# Names.


@pytest.mark.parametrize(
    ("patterns", "names"),
    [
        ([], []),
        (["a", "b*", "*c", "[de]", "?f"], [b"a", b"bx", b"xc", b"d", b"e", b"ff"]),
        (["*"], [b"a", b"bx", b"xc", b"d", b"e", b"ff", b"g", b"\xff"]),
    ],
)
def test_several_names_at_once(patterns: list[str], names: list[bytes]) -> None:
    all_of_them = [b"a", b"bx", b"xc", b"d", b"e", b"ff", b"g", b"\xff"]
    assert [name for name in all_of_them if Names(patterns).match(name)] == names
