"""How dive reads a limit. What dive says is compared with in test_gate_against_dive.py."""

import pytest
from layerscope.gate.dive_limits import (
    HIGHEST_USER_WASTED_PERCENT,
    HIGHEST_WASTED_BYTES,
    LOWEST_EFFICIENCY,
    DiveLimits,
    limits_of,
    parse,
)


@pytest.mark.parametrize("rule", [LOWEST_EFFICIENCY, HIGHEST_USER_WASTED_PERCENT])
@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0", 0.0),
        ("1", 1.0),
        ("1.", 1.0),
        (".5", 0.5),
        ("+0.95", 0.95),
        ("-0", 0.0),
        ("95e-2", 0.95),
        ("disabled", None),
    ],
)
def test_fractions(rule: str, text: str, value: float | None) -> None:
    assert parse(rule, text) == value


@pytest.mark.parametrize(
    "text",
    ["", "95%", "1.1", "-0.1", " 0.9", "0.9 ", "0,9", "nan", "inf", "Disabled", "off", "true", "٠", "0_1"],
)
def test_what_is_no_fraction_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="neither a fraction from 0 to 1"):
        parse(LOWEST_EFFICIENCY, text)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0", 0),
        ("1.9", 1),
        ("20MB", 20_000_000),
        ("20 mb ", 20_000_000),
        ("20M", 20_000_000),
        ("20MiB", 20 * 2**20),
        ("20mi", 20 * 2**20),
        (".5kB", 500),
        ("5b", 5),
        ("1,5 GB", 15_000_000_000),
        ("1e", 10**18),
        ("disabled", None),
    ],
)
def test_sizes(text: str, value: int | None) -> None:
    assert parse(HIGHEST_WASTED_BYTES, text) == value


@pytest.mark.parametrize("text", ["", "MB", "-1", "+1", "1e6", " 1", "20iB", "20%", "1.2.3", ",", "Disabled"])
def test_what_is_no_size_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="neither a size"):
        parse(HIGHEST_WASTED_BYTES, text)


@pytest.mark.parametrize("text", ["18446744073709551615", "18.5EB", "9" * 400])
def test_what_no_image_can_have_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="more than any image can have"):
        parse(HIGHEST_WASTED_BYTES, text)


def test_what_is_not_said_is_as_dive_has_it() -> None:
    assert limits_of({}) == DiveLimits(0.9, None, 0.1)
    assert limits_of({HIGHEST_WASTED_BYTES: "1kB"}) == DiveLimits(0.9, 1000, 0.1)
    assert limits_of({LOWEST_EFFICIENCY: "disabled"}) == DiveLimits(None, None, 0.1)
