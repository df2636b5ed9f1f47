"""What the tar reader makes of each form a header can have."""

from collections.abc import Callable

import pytest
from layerscope.analysis.model import Entry, Extras, FileType
from layerscope.errors import DamagedError, LayerscopeError, LimitError
from layerscope.loader import limits, tar

from tests.loader.windows import pieces, read, read_stream
from tests.tars import (
    BLOCK,
    END,
    SparseFormat,
    device,
    directory,
    fifo,
    file,
    hardlink,
    layer,
    member,
    number,
    pax_global_header,
    pax_header,
    sparse,
    symlink,
)

REGULAR, LINK, DIRECTORY = FileType.REGULAR, FileType.SYMLINK, FileType.DIRECTORY


def patched(one: bytes, offset: int, field: bytes) -> bytes:
    """A member with other bytes in its header, the checksum made right again."""
    block = bytearray(one)
    block[offset : offset + len(field)] = field
    block[148:156] = b" " * 8
    block[148:156] = f"{sum(block[:BLOCK]):06o}\0 ".encode()
    return bytes(block)


def names(data: bytes) -> list[bytes]:
    return [entry.name for entry in read(data)]


def refusal(data: bytes) -> LayerscopeError:
    """The error a tar is refused with: the same from a file and from a stream."""
    with pytest.raises(LayerscopeError) as from_file:
        read(data)
    with pytest.raises(LayerscopeError) as from_stream:
        read_stream(pieces(data, 700))
    assert type(from_file.value) is type(from_stream.value)
    assert from_file.value.message.startswith("test.tar ")
    return from_file.value


# What a header says ---------------------------------------------------------------------------------------


def test_a_file_has_its_mode_owner_time_size_and_the_place_of_its_content() -> None:
    assert read(layer(file("a", b"abc", mode=0o4755, uid=1, gid=2, mtime=3), file("b"))) == [
        Entry(b"a", REGULAR, 0o4755, 1, 2, 3, 3_000_000_000, b"", 512),
        Entry(b"b", REGULAR, 0o644, 0, 0, 0, 0, b"", 1536),
    ]


def test_every_type_of_entry_is_told_apart() -> None:
    tar = layer(
        directory("d"),
        symlink("s", "to"),
        hardlink("h", "d/f"),
        device("c", 1, 3),
        device("b", 8, 0, block=True),
        fifo("p"),
        member(b"7", "contiguous", b"abc"),
    )
    assert [(entry.name, entry.type, entry.link, entry.extras.device) for entry in read(tar)] == [
        (b"d/", DIRECTORY, b"", (0, 0)),
        (b"s", LINK, b"to", (0, 0)),
        (b"h", FileType.HARDLINK, b"d/f", (0, 0)),
        (b"c", FileType.CHARACTER, b"", (1, 3)),
        (b"b", FileType.BLOCK, b"", (8, 0)),
        (b"p", FileType.FIFO, b"", (0, 0)),
        (b"contiguous", REGULAR, b"", (0, 0)),
    ]


def test_a_v7_entry_with_a_slash_at_its_end_is_a_directory() -> None:
    tar = layer(member(b"\0", "d/", dialect="v7"), member(b"\0", "f", b"abc", dialect="v7"))
    assert [(entry.name, entry.type, entry.size) for entry in read(tar)] == [
        (b"d/", DIRECTORY, 0),
        (b"f", REGULAR, 3),
    ]


def test_whether_a_v7_entry_is_a_directory_is_told_by_its_long_name() -> None:
    long = "d" * 120
    tar = layer(
        member(b"\0", long + "/", dialect="gnu"),
        member(b"\0", "x/", b"abc", records={"path": "file"}),
    )
    assert [(entry.name, entry.type, entry.size) for entry in read(tar)] == [
        (long.encode() + b"/", DIRECTORY, 0),
        (b"file", REGULAR, 3),
    ]


def test_links_and_directories_that_claim_a_size_have_no_content() -> None:
    tar = layer(
        hardlink("h", "a", size=700), symlink("s", "a", size=9), directory("d", size=4096), file("e", b"abc")
    )
    assert [(entry.name, entry.size, entry.offset) for entry in read(tar)] == [
        (b"h", 0, 512),
        (b"s", 0, 1024),
        (b"d/", 0, 1536),
        (b"e", 3, 2048),
    ]


def test_a_name_is_bytes_as_they_stand_there() -> None:
    odd = [b"\xff\xfe", b"new\nline", b"./a//b", b"/abs", b"..", "日本".encode(), b" ", b"n" * 100]
    assert names(layer(*(file(name) for name in odd))) == odd


def test_a_ustar_prefix_stands_before_the_name() -> None:
    long = "p" * 100 + "/" + "n" * 99
    assert names(layer(file(long, dialect="ustar"))) == [long.encode()]


def test_bytes_in_the_place_of_the_prefix_are_no_name_in_a_gnu_header() -> None:
    assert names(layer(member(b"0", "a", dialect="gnu", tail=b"00000000001\x0000000000001"))) == [b"a"]


# Numbers --------------------------------------------------------------------------------------------------


def test_base_256_numbers_are_read() -> None:
    one = file("a", b"abc", dialect="gnu", base256=True, uid=3_000_000_000, gid=7, mtime=-86400, mode=0o600)
    assert read(layer(one)) == [
        Entry(b"a", REGULAR, 0o600, 3_000_000_000, 7, 3, -86400_000_000_000, b"", 512)
    ]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        (b"00000000003\0", 3),
        (b"00000000003 ", 3),
        (b"          3\0", 3),
        (b"3 \0\0\0\0\0\0\0\0\0\0", 3),
        (b"\0\0\0\0\0\0\0\0\x003\0\0", 3),
        (b"000000000003", 3),
        (b"\0" * 12, 0),
        (b" " * 12, 0),
    ],
)
def test_an_octal_number_may_be_padded_in_many_ways(field: bytes, value: int) -> None:
    entries = read(layer(patched(file("a", b"abc"), 124, field) if value else patched(file("a"), 124, field)))
    assert [(entry.name, entry.size) for entry in entries] == [(b"a", value)]


def test_a_size_of_twelve_octal_digits_counts_all_of_them() -> None:
    assert tar.number(b"100000000000") == 8 << 30
    header = patched(file("a"), 124, b"100000000000")
    assert refusal(header + bytes(2048)).message.startswith("test.tar is cut off")


@pytest.mark.parametrize(
    "field",
    [
        b"0000000000x\0", b"00000000009\0", b"-0000000001\0", b"0o000000001\0", b"1_000000000\0",
        b"\x80" + b"\xff" * 11,
    ],
    ids=["a letter", "a nine", "a minus", "a prefix", "an underscore", "more than 64 bits"],
)  # fmt: skip
def test_a_size_that_is_no_number_is_damage(field: bytes) -> None:
    error = refusal(layer(patched(file("a"), 124, field)))
    assert error.message == "test.tar is damaged: the header at byte 0 holds no number where one belongs"


def test_a_negative_size_is_damage() -> None:
    error = refusal(layer(file("a", size=-512, dialect="gnu")))
    assert error.message == "test.tar is damaged: the header at byte 0 claims -512 bytes"


def test_garbage_in_the_numbers_of_a_device_is_taken_for_zero() -> None:
    assert [entry.extras.device for entry in read(layer(patched(device("c", 1, 3), 329, b"garbage!")))] == [
        (0, 3)
    ]


# Checksums ------------------------------------------------------------------------------------------------


def test_a_header_with_a_signed_checksum_is_accepted() -> None:
    assert names(layer(file("grün", checksum="signed"))) == ["grün".encode()]


def test_a_header_with_a_wrong_checksum_is_damage() -> None:
    error = refusal(layer(file("ok", b"abc"), file("a", checksum="wrong")))
    assert error.message == "test.tar is damaged: the header at byte 1024 does not match its checksum"


def test_text_where_a_header_belongs_is_damage() -> None:
    error = refusal(layer(file("ok"), b"text " * 400))
    assert error.message == "test.tar is damaged or no tar: there is no header at byte 512"


@pytest.mark.parametrize("byte", [*range(148), *range(156, 345)])
def test_a_flipped_bit_in_a_header_is_noticed(byte: int) -> None:
    damaged = bytearray(layer(file("name", b"abc", uid=1, gid=2, mtime=3, uname="root", gname="root")))
    damaged[byte] ^= 4
    assert isinstance(refusal(bytes(damaged)), DamagedError)


# Long names and PAX ---------------------------------------------------------------------------------------


def test_gnu_long_names_and_links_are_those_of_the_next_entry_only() -> None:
    long = "l" * 300
    tar = layer(symlink(long, long + "2", dialect="gnu"), symlink("short", "to", dialect="gnu"))
    assert [(entry.name, entry.link) for entry in read(tar)] == [
        (b"l" * 300, b"l" * 300 + b"2"),
        (b"short", b"to"),
    ]


def test_pax_records_stand_over_the_header() -> None:
    records = {"path": "right", "uid": "3000000", "gid": "7", "mtime": "1700000000.123456789", "size": "3"}
    assert read(layer(file("wrong", b"abc", size=0, uid=1, records=records)))[0] == Entry(
        b"right", REGULAR, 0o644, 3_000_000, 7, 3, 1_700_000_000_123_456_789, b"", 1536
    )


def test_pax_records_are_those_of_the_next_entry_only() -> None:
    assert names(layer(file("x", records={"path": "a"}), file("b"))) == [b"a", b"b"]


def test_of_two_records_with_one_key_the_later_wins() -> None:
    twice = pax_header([("path", "first"), ("path", "second")])
    assert names(layer(twice, file("x"))) == [b"second"]


def test_of_two_pax_headers_the_later_takes_the_place_of_the_first() -> None:
    one, two = pax_header([("path", "first"), ("uid", "7")]), pax_header([("path", "second")])
    assert [(entry.name, entry.uid) for entry in read(layer(one, two, file("x")))] == [(b"second", 0)]


def test_a_gnu_long_name_wins_over_a_pax_path_wherever_it_stands() -> None:
    long, record = member(b"L", "L", b"gnu\0"), pax_header([("path", "pax")])
    assert names(layer(long, record, file("x"))) == [b"gnu"]
    assert names(layer(record, long, file("x"))) == [b"gnu"]


def test_an_empty_record_leaves_the_header_as_it_is() -> None:
    records = {"path": "", "uid": "", "size": "", "mtime": "", "linkpath": ""}
    assert [entry[:8] for entry in read(layer(file("a", b"abc", uid=5, mtime=9, records=records)))] == [
        (b"a", REGULAR, 0o644, 5, 0, 3, 9_000_000_000, b"")
    ]


def test_global_records_change_nothing_as_engines_ignore_them() -> None:
    tar = layer(
        pax_global_header({"uid": "1000", "path": "all", "comment": "git"}), file("a", uid=3), file("b")
    )
    assert [(entry.name, entry.uid) for entry in read(tar)] == [(b"a", 3), (b"b", 0)]


def test_a_link_target_that_only_the_record_holds_is_read() -> None:
    """Go's writer leaves out of the header what is not ASCII: of 日本語 nothing is left there."""
    tar = layer(
        symlink("s", "", records={"linkpath": "日本語"}),
        hardlink("h", "", records={"linkpath": "файл"}),
        file("f", records={"linkpath": "not a link"}),
    )
    assert [entry.link for entry in read(tar)] == ["日本語".encode(), "файл".encode(), b""]


def test_a_path_record_may_hold_equals_signs_and_newlines() -> None:
    assert names(layer(file("x", records={"path": "a=b\nc=d"}))) == [b"a=b\nc=d"]


def test_extended_attributes_are_sorted_and_binary() -> None:
    tar = layer(file("a", xattrs={"user.z": b"= \n\0", "security.capability": b"\1\0\xff"}))
    assert read(tar)[0].extras == Extras(
        xattrs=((b"security.capability", b"\1\0\xff"), (b"user.z", b"= \n\0"))
    )


@pytest.mark.parametrize(
    ("text", "nanoseconds"),
    [
        ("0", 0),
        ("1700000000", 1_700_000_000_000_000_000),
        ("1.5", 1_500_000_000),
        ("1.000000001", 1_000_000_001),
        ("1.0000000019", 1_000_000_001),
        ("1.", 1_000_000_000),
        ("-1.5", -1_500_000_000),
        ("-0.25", -250_000_000),
    ],
)
def test_a_pax_time_is_exact(text: str, nanoseconds: int) -> None:
    assert read(layer(file("a", records={"mtime": text})))[0].mtime_ns == nanoseconds


@pytest.mark.parametrize(
    ("records", "why"),
    [
        (b"garbage", "has a record without a length"),
        (b"999 path=a\n", "has a record that does not fit its length"),
        (b"9 path=ab\n", "has a record that does not fit its length"),
        (b"0 path=a\n", "has a record that does not fit its length"),
        (b"8 patha\n", "has a record that does not fit its length"),
        (b"6 =ab\n", "has a record that does not fit its length"),
        (b"11 path=a\0\n", "has a path with a NUL byte"),
        (b"99999999999999 path=a\n", "has a record without a length"),
    ],
)
def test_pax_records_that_are_none_are_damage(records: bytes, why: str) -> None:
    error = refusal(layer(member(b"x", "x", records), file("a")))
    assert error.message == f"test.tar is damaged: the PAX header at byte 0 {why}"


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("uid", "x"), ("uid", "1_0"), ("gid", " 1"), ("uid", "9" * 5000), ("uid", "9" * 19), ("size", "3x"),
        ("size", "-1"), ("size", "1" * 30), ("mtime", "now"), ("mtime", "1e3"), ("mtime", "nan"),
    ],
)  # fmt: skip
def test_a_number_in_a_record_that_is_none_is_damage(key: str, value: str) -> None:
    error = refusal(layer(file("a", records={key: value})))
    assert isinstance(error, DamagedError)
    assert error.message.startswith("test.tar is damaged: a has a PAX ")
    assert len(error.message) < 100


def test_an_owner_may_be_negative() -> None:
    assert read(layer(file("a", records={"uid": "-2"})))[0].uid == -2


# What is no entry -----------------------------------------------------------------------------------------


def test_members_of_unknown_types_are_passed_over_with_their_content() -> None:
    tar = layer(file("a", b"abc"), member(b"Z", "z", b"x" * 700), member(b"V", "label"), file("b"))
    assert names(tar) == [b"a", b"b"]


def test_a_size_record_counts_for_members_of_unknown_types_too() -> None:
    tar = layer(member(b"Z", "z", b"x" * 700, size=0, records={"size": "700"}), file("b"))
    assert names(tar) == [b"b"]
    error = refusal(layer(member(b"Z", "z", records={"size": "-1024"}), file("b")))
    assert "has a PAX size of -1024 bytes" in error.message


def test_records_before_a_member_of_an_unknown_type_are_not_the_next_ones() -> None:
    assert names(layer(member(b"Z", "z", records={"path": "lost"}), file("b"))) == [b"b"]


def test_what_follows_the_end_marker_does_not_count() -> None:
    assert names(layer(file("a"), end=END + file("b") + END)) == [b"a"]


def test_one_block_of_zeros_at_the_end_is_an_end_marker() -> None:
    assert names(layer(file("a"), end=bytes(BLOCK))) == [b"a"]


def test_zeros_where_a_header_was_are_damage_and_no_end() -> None:
    error = refusal(layer(file("a"), bytes(BLOCK), file("b")))
    assert error.message == "test.tar is damaged: there are zeros instead of a header at byte 512"


def test_a_tar_without_an_end_marker_is_a_question_to_the_caller() -> None:
    for data in (layer(file("a", b"abc"), end=b""), b""):
        with pytest.raises(tar.Unterminated):
            read(data)
        with pytest.raises(tar.Unterminated):
            read_stream(pieces(data, 100))


@pytest.mark.parametrize("length", [1, 511, 513, 1023, 1025, 1535, 2047, 2049])
def test_a_tar_that_ends_within_an_entry_is_cut_off(length: int) -> None:
    error = refusal(layer(file("a", b"x" * 700), file("b"))[:length])
    assert isinstance(error, DamagedError)
    assert error.message.startswith("test.tar is cut off")


# Sparse files ---------------------------------------------------------------------------------------------

FORMATS: list[SparseFormat] = ["gnu", "0.0", "0.1", "1.0"]


@pytest.mark.parametrize("sparse_format", FORMATS)
@pytest.mark.parametrize("count", [0, 1, 4, 5, 26, 90])
def test_a_sparse_file_has_its_real_size_and_its_map(sparse_format: SparseFormat, count: int) -> None:
    some = [(at * 2048, b"x" * 512) for at in range(count)]
    data = layer(sparse("d/s", 500_000, some, sparse_format, mode=0o600), file("after", b"abc"))
    found, after = read(data)
    assert (found.name, found.type, found.mode, found.size) == (b"d/s", REGULAR, 0o600, 500_000)
    assert found.extras.extents == (*((at * 2048, 512) for at in range(count)), (500_000, 0))
    assert data[found.offset : found.offset + 512 * count] == b"x" * 512 * count
    assert (after.name, after.size) == (b"after", 3)
    assert read_stream(pieces(data, 100)) == [found, after]


def sparse_01(size: int, spans: str, content: bytes = b"x" * 2000) -> bytes:
    return pax_header([("GNU.sparse.size", str(size)), ("GNU.sparse.map", spans)]) + file("s", content)


def old_sparse(table: bytes) -> bytes:
    """GNU's sparse header: 10 bytes in all, four pieces, and whether more follow."""
    return member(b"S", "s", dialect="gnu", tail=bytes(41) + table + number(10, 12))


@pytest.mark.parametrize(
    ("one", "why"),
    [
        (sparse_01(100, "0,10,5,10"), "has a sparse map whose pieces overlap"),
        (sparse_01(100, "50,10,0,10"), "has a sparse map whose pieces overlap"),
        (sparse_01(100, "0,101"), "has a sparse map that does not fit the file"),
        (sparse_01(100, "0,10,20"), "has a sparse map with half a piece"),
        (sparse_01(100, "0,-5"), "has a sparse map that is no list of numbers"),
        (sparse_01(100, "0,,5,6"), "has a sparse map that is no list of numbers"),
        (sparse_01(5000, "0,5000"), "a sparse file's map is larger than its data"),
        (
            pax_header([("GNU.sparse.major", "1"), ("GNU.sparse.minor", "0"), ("GNU.sparse.realsize", "9")])
            + file("s", b"3\n0\n1\n".ljust(512)),
            "has a sparse map without an end",
        ),
        (
            pax_header([("GNU.sparse.major", "1"), ("GNU.sparse.minor", "0"), ("GNU.sparse.realsize", "9")])
            + file("s", b"99999999999999999999\n".ljust(512)),
            "has a sparse map that is no list of numbers",
        ),
        (
            old_sparse((number(9, 12) + number(9, 12)).ljust(97, b"\0")),
            "has a sparse map that does not fit the file",
        ),
        (
            old_sparse(bytes(96) + b"\1"),
            "has a sparse map without an end",
        ),
    ],
)  # fmt: skip
def test_a_sparse_map_that_lies_is_damage(one: bytes, why: str) -> None:
    more = (bytes(504) + b"\1" + bytes(7)) * 3000  # extension blocks without an end
    error = refusal(one + (more if one[156:157] == b"S" else b"") + END)
    assert isinstance(error, DamagedError)
    assert error.message.endswith(why)


# Bounds ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (
            lambda: layer(file("n" * 4097)),
            "test.tar holds a path of 4097 bytes; no system unpacks more than 4096",
        ),
        (
            lambda: layer(symlink("s", "t" * 4097, dialect="gnu")),
            "test.tar holds a path of 4097 bytes; no system unpacks more than 4096",
        ),
        (
            lambda: layer(member(b"L", "L", size=10**15, dialect="gnu")),
            "test.tar holds a name or a PAX header of 1000000000000000 bytes at byte 512",
        ),
        (
            lambda: layer(member(b"x", "x", b"x" * ((1 << 20) + 1))),
            "test.tar holds a name or a PAX header of 1048577 bytes at byte 512",
        ),
        (
            lambda: layer(sparse_01(1 << 60, "0,10")),
            f"test.tar holds a sparse file that claims {1 << 60} bytes",
        ),
    ],
)
def test_what_no_image_has_is_refused(make: Callable[[], bytes], why: str) -> None:
    error = refusal(make())
    assert isinstance(error, LimitError)
    assert error.message == why


def test_a_path_of_4096_bytes_is_read() -> None:
    assert names(layer(file("n" * 4096))) == [b"n" * 4096]


def test_the_number_of_entries_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_ENTRIES", 3)
    assert len(read(layer(*[file("a")] * 3))) == 3
    assert refusal(layer(*[file("a")] * 4)).message == "test.tar holds more than 3 entries"


def test_what_entries_keep_in_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_METADATA", 1 << 20)
    heavy = {"user.a": b"x" * 10_000}
    assert len(read(layer(*[file("a", xattrs=heavy)] * 45))) == 45
    assert isinstance(refusal(layer(*[file("a", xattrs=heavy)] * 55)), LimitError)
    everywhere = pax_global_header({"comment": "x" * 100_000})
    assert len(read(layer(*[everywhere] * 10, file("a")))) == 1
    assert isinstance(refusal(layer(*[everywhere] * 11, file("a"))), LimitError)
    many = sparse("s", 10**6, [(at * 2048, b"x" * 512) for at in range(400)], "0.1")
    assert isinstance(refusal(layer(*[many] * 25)), LimitError)


@pytest.mark.parametrize(
    ("head", "answer"),
    [
        (file("a"), True),
        (file("a", dialect="v7"), True),
        (file("grün", dialect="v7", checksum="signed"), True),
        (file("a", checksum="wrong"), True),
        (bytes(512), True),
        (file("a", dialect="v7", checksum="wrong"), False),
        (b"{" * 512, False),
        (file("a")[:511], False),
        (b"", False),
    ],
    ids=["ustar", "v7", "signed", "damaged", "end", "damaged v7", "text", "short", "empty"],
)
def test_a_tar_is_known_by_its_first_header(head: bytes, answer: bool) -> None:
    assert tar.begins(head) is answer
