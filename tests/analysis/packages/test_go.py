"""Programs of Go tell what they were built from."""

import struct
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from layerscope.analysis.packages import go, survey
from layerscope.analysis.packages.go import build_info

from tests.analysis.packages.trees import Program, analysis, checked, listed

MODULES = (
    b"path\texample.com/tool/cmd/tool\nmod\texample.com/tool\tv1.2.3\th1:x=\ndep\texample.com/dep\tv0.1.0\n"
)


def varint(number: int) -> bytes:
    found = bytearray()
    while number > 0x7F:
        found.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*found, number])


def information(modules: bytes = MODULES, flags: int = 2) -> bytes:
    """What the linker writes: magic, width of pointers, flags, the two texts."""
    framed = bytes(range(16)) + modules + bytes(range(16))
    head = b"\xff Go buildinf:\x08" + bytes([flags]) + bytes(16)
    return head + varint(8) + b"go1.22.1" + varint(len(framed)) + framed


def program(
    data: bytes,
    *,
    wide: bool = True,
    order: str = "<",
    note: bool = True,
    code: int = 100_000,
    sections: int = 9,
) -> Program:
    """An ELF file: a note, code, which holds the magic too, and the data."""
    head, each = (64, 56) if wide else (52, 32)
    at = head + 3 * each
    notes = struct.pack(order + "III", 4, 4, 4) + (b"Go\0\0" if note else b"GNU\0") + b"abcd"
    text = notes + b"\xff Go buildinf:" + bytes(code)
    segments = [(4, 4, at, len(notes)), (1, 5, at, len(text)), (1, 6, at + len(text), len(data))]
    identity = b"\x7fELF" + bytes([1 + wide, 1 if order == "<" else 2, 1]) + bytes(9)
    if wide:
        header = struct.pack(order + "HHIQQQIHHHHHH", 2, 62, 1, 0, head, sections, 0, head, each, 3, 64, 0, 0)
        table = [struct.pack(order + "IIQQQQQQ", k, f, o, 0, 0, s, s, 1) for k, f, o, s in segments]
    else:
        header = struct.pack(order + "HHIIIIIHHHHHH", 2, 3, 1, 0, head, sections, 0, head, each, 3, 40, 0, 0)
        table = [struct.pack(order + "IIIIIIII", k, o, 0, 0, s, s, f, 1) for k, f, o, s in segments]
    return Program(identity + header + b"".join(table) + text + data)


def pieces(content: bytes, size: int = 4096) -> Iterator[bytes]:
    return iter([content[at : at + size] for at in range(0, len(content), size)])


@pytest.fixture(autouse=True)
def _small_programs_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(survey, "LEAST_PROGRAM", 1000)


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("wide", [True, False], ids=["64 bits", "32 bits"])
def test_a_program_is_named_by_its_main_package(wide: bool, order: str) -> None:
    built = program(information(), wide=wide, order=order)
    (one,) = listed({"bin/tool": built}).packages
    assert (one.manager, one.name, one.version) == ("go", "example.com/tool/cmd/tool", "v1.2.3")
    assert (one.files, one.size) == (1, len(built))


def test_a_program_of_single_files_is_named_by_its_module_or_by_its_file() -> None:
    module = program(information(b"path\tcommand-line-arguments\nmod\texample.com/m\t(devel)\n"))
    nothing = program(information(b""))
    found = listed({"bin/one": module, "bin/two": nothing}).packages
    assert {(one.name, one.version) for one in found} == {("example.com/m", "(devel)"), ("two", "")}


def test_a_program_from_before_go_1_18_is_named_by_its_file() -> None:
    (one,) = listed({"bin/old": program(information(flags=0))}).packages
    assert (one.name, one.version) == ("old", "")


def test_the_information_may_stand_behind_other_data() -> None:
    assert b"v1.2.3" in build_info(pieces(program(bytes(300_001) + information())))


@pytest.mark.parametrize("size", [300, 1000, 4096, 1 << 20])
def test_pieces_may_end_anywhere(size: int) -> None:
    assert build_info(pieces(program(information() + bytes(100_000)), size)).startswith(b"go1.22.1\npath\t")


def test_a_program_without_the_note_is_told_by_its_table_of_sections() -> None:
    assert build_info(pieces(program(information(), note=False))) == b""
    assert build_info(pieces(program(information(), note=False, sections=64 + 3 * 56)))


def test_of_a_program_of_another_language_one_piece_is_read() -> None:
    given = pieces(program(information(), note=False))
    assert build_info(given) == b""
    assert len(list(given)) > 20


def test_what_is_behind_the_information_is_not_read() -> None:
    given = pieces(program(information() + bytes(1_000_000)))
    assert build_info(given)
    assert len(list(given)) > 200


def test_libraries_and_files_that_cannot_be_executed_are_not_looked_into() -> None:
    built = program(information())
    found = listed(
        {"lib/a.so": built, "lib/a.so.1": built, "share/a": bytes(built), "bin/sh": Program(b"#!")}
    )
    assert found.packages == ()


def test_the_largest_programs_are_looked_into(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(go, "MAX_READ", 1)
    found = listed({"bin/small": program(information()), "bin/large": program(information(), code=200_000)})
    assert found.packages[0].files == 1
    assert found.unowned > 100_000


@given(st.binary(max_size=300), st.integers(0, 400), st.binary(min_size=1, max_size=8))
def test_any_program_is_read_or_passed_over(noise: bytes, at: int, patch: bytes) -> None:
    built = bytearray(program(information(), code=500))
    built[at : at + len(patch)] = patch
    for content in (noise, b"\x7fELF" + noise, bytes(built), bytes(built[: at + 100]), program(noise)):
        build_info(pieces(content))


def test_a_program_in_a_module_belongs_to_the_module() -> None:
    tree = {"node_modules/esbuild/package.json": b"{}", "node_modules/esbuild/bin": program(information())}
    assert [one.manager for one in checked(analysis(tree)).packages] == ["npm"]
