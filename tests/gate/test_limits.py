"""The grammar of limits."""

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from layerscope.gate.catalogue import Shape
from layerscope.gate.limits import parse_bytes, parse_fraction, parse_growth, parse_limit
from layerscope.gate.setting import Allowed, Limit


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0", 0.0),
        ("0%", 0.0),
        ("1", 1.0),
        ("1.", 1.0),
        ("100%", 1.0),
        ("0.95", 0.95),
        (".95", 0.95),
        ("95%", 0.95),
        ("95 %", 0.95),
        (" 95% ", 0.95),
        ("0.5%", 0.005),
        (".5%", 0.005),
        ("99.9%", 0.999),
        ("disabled", None),
        (" Disabled ", None),
        ("OFF", None),
        ("none", None),
    ],
)
def test_fractions(text: str, value: float | None) -> None:
    assert parse_fraction(text) == value


NO_FRACTIONS = ["-1", "-0.5", "+0.5", "1e-1", "nan", "inf", "0,95", "95%%", "%", "0x1", "٩%", "1/2", "."]
NO_SIZES = [
    "MB",
    "B",
    "-1",
    "+1",
    "-20MB",
    "20iB",
    "20ZB",
    "20MBit",
    "20%",
    "1e6",
    "nan",
    "0x10",
    "٢٠MB",
    ".5GB",
    "1.GB",
]
MEANT_TWO_WAYS = ["1,5GB", "1,50", "12,3456", ",5", ",500MB", "1,,000"]


@pytest.mark.parametrize("text", ["", " ", "95 percent", "0.9\n0.1", *NO_FRACTIONS])
def test_what_is_no_fraction_is_refused_with_what_is_allowed(text: str) -> None:
    with pytest.raises(ValueError, match=r"a fraction \(0\.95\).*a percentage \(95%\).*'disabled'"):
        parse_fraction(text)


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("95", "; did you mean 95%?"),
        ("1.01", "; did you mean 1.01%?"),
        ("100", "; did you mean 100%?"),
        ("101", "'disabled'"),
        ("101%", "'disabled'"),
        ("100.0001%", "'disabled'"),
        ("9" * 400, "'disabled'"),
    ],
)
def test_more_than_the_whole_is_refused(text: str, hint: str) -> None:
    with pytest.raises(ValueError, match="more than the whole: 0 to 1, or 0% to 100%") as caught:
        parse_fraction(text)
    assert str(caught.value).endswith(hint)


@given(live=st.integers(0, 100_000))
def test_a_percentage_is_rounded_as_the_quotient_it_means(live: int) -> None:
    """So that an image of exactly this efficiency keeps the limit."""
    percentage = Decimal(live).scaleb(-3)
    assert parse_fraction(f"{percentage}%") == live / 100_000 == float(Fraction(live, 100_000))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0", 0),
        ("4096", 4096),
        ("4096B", 4096),
        ("4096 b", 4096),
        ("1,234,567", 1_234_567),
        ("20kB", 20_000),
        ("20k", 20_000),
        ("20MB", 20_000_000),
        ("20 MB", 20_000_000),
        ("20mb", 20_000_000),
        ("20M", 20_000_000),
        ("20MiB", 20 * 2**20),
        ("20Mi", 20 * 2**20),
        ("20mib", 20 * 2**20),
        ("1.5GB", 1_500_000_000),
        ("1.5 GiB", 3 * 2**29),
        ("0.1kB", 100),
        ("1.0005kB", 1000),
        ("1TB", 10**12),
        ("1PB", 10**15),
        ("1EB", 10**18),
        ("7EiB", 7 * 2**60),
        ("9007199254740993", 9007199254740993),
        ("9.007199254740993PB", 9007199254740993),
        (" 20MB ", 20_000_000),
        ("disabled", None),
        ("Off", None),
        ("NONE", None),
    ],
)
def test_sizes(text: str, value: int | None) -> None:
    assert parse_bytes(text) == value


@pytest.mark.parametrize("text", ["", " ", "20 M B", "20MB 1kB", ".5GB", "1.GB", *NO_SIZES, *MEANT_TWO_WAYS])
def test_what_is_no_size_is_refused_with_what_is_allowed(text: str) -> None:
    with pytest.raises(ValueError, match=r"a size \(20MB, 20MiB, 1\.5GB, 4096\) nor 'disabled'"):
        parse_bytes(text)


@pytest.mark.parametrize("text", ["0.05", "1.5", "1.0B"])
def test_a_part_of_a_byte_is_refused(text: str) -> None:
    """`0.05` was meant for --max-wasted-percent; as bytes it would be zero."""
    with pytest.raises(ValueError, match="no whole number of bytes"):
        parse_bytes(text)


@pytest.mark.parametrize("text", ["9223372036854775808", "9.3EB", "8EiB", "9" * 5000 + "EB"])
def test_what_no_size_field_can_hold_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"more than any image can have: at most 9\.2EB, or 'disabled'"):
        parse_bytes(text)


def test_the_largest_size_is_accepted() -> None:
    assert parse_bytes("9223372036854775807") == 2**63 - 1


@pytest.mark.parametrize(
    ("text", "allowed"),
    [
        ("10MB", Allowed(10_000_000, 0.0)),
        ("5%", Allowed(0, 0.05)),
        ("10MB, 5%", Allowed(10_000_000, 0.05)),
        ("5%,10MB", Allowed(10_000_000, 0.05)),
        ("1,000", Allowed(1000, 0.0)),
        ("1,000, 5%", Allowed(1000, 0.05)),
        ("1,000,5%", Allowed(1000, 0.05)),
        ("250%", Allowed(0, 2.5)),
        ("0", Allowed(0, 0.0)),
        ("0%", Allowed(0, 0.0)),
        ("off", None),
    ],
)
def test_growth(text: str, allowed: Allowed | None) -> None:
    assert parse_growth(text) == allowed


@pytest.mark.parametrize(
    "text", ["", ",", "5%,", "5%, 6%", "1MB, 2MB", "off, 5%", "5%, 1MB, 1MB", "-5%", "1e3%", "5" * 10 + "%"]
)
def test_what_is_no_growth_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="a size"):
        parse_growth(text)


@pytest.mark.parametrize(
    ("shape", "value", "limit"),
    [
        (Shape.FRACTION, 1, 1.0),
        (Shape.FRACTION, 0.00001, 0.00001),
        (Shape.FRACTION, "off", None),
        (Shape.SIZE, 4096, 4096),
        (Shape.SIZE, 2**63 - 1, 2**63 - 1),
        (Shape.COUNT, "12", 12),
        (Shape.COUNT, 12, 12),
        (Shape.COUNT, "none", None),
        (Shape.PATHS, "a, b", ("a", "b")),
        (Shape.PATHS, ["a, b"], ("a, b",)),
        (Shape.PATHS, "off", None),
        (Shape.PATHS, ["off"], ("off",)),
        (Shape.GROWTH, 4096, Allowed(4096, 0.0)),
    ],
)
def test_limits_are_read_by_their_shape(shape: Shape, value: object, limit: Limit | None) -> None:
    assert parse_limit(shape, value) == limit


@pytest.mark.parametrize("shape", [Shape.FRACTION, Shape.SIZE, Shape.COUNT, Shape.PATHS, Shape.GROWTH])
@pytest.mark.parametrize("value", [True, None, [], {}, [1], b"1"])
def test_what_is_of_another_type_is_no_limit(shape: Shape, value: object) -> None:
    with pytest.raises(TypeError):
        parse_limit(shape, value)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -1, -0.5, 2**63, -(2**63), 2**4000])
@pytest.mark.parametrize("shape", [Shape.FRACTION, Shape.SIZE, Shape.GROWTH])
def test_no_number_of_that_kind_is_a_limit(shape: Shape, value: object) -> None:
    with pytest.raises(ValueError, match=r"neither|below 9\.2 EB|whole number of bytes"):
        parse_limit(shape, value)


@pytest.mark.parametrize("parse", [parse_fraction, parse_bytes, parse_growth])
def test_of_a_long_text_the_begin_is_told(parse: Callable[[str], object]) -> None:
    for text in ("x" * 100_000, "9" * 100_000, "1.5" + "0" * 100_000, "5%," * 30_000 + "5%"):
        with pytest.raises(ValueError, match=r"a size|the whole|fraction|of bytes|any image") as caught:
            parse(text)
        assert len(str(caught.value)) < 300
