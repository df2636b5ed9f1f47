"""Which settings of two images differ."""

import json
from dataclasses import replace

import pytest
from layerscope.analysis.analyze import Analysis, analyze
from layerscope.analysis.comparison_config import compare_configuration
from layerscope.analysis.model import BaseImage
from layerscope.errors import LimitError

from tests.models import image, layer

Row = tuple[str, str, str, str, str]


def configured(**config: object) -> Analysis:
    return analyze(replace(image(layer("a:1")), config=config))


def settings(before: Analysis, after: Analysis) -> list[Row]:
    return [
        (one.key, one.name, one.kind.value, one.before, one.after)
        for one in compare_configuration(before, after)
    ]


def test_single_values_are_told() -> None:
    before = configured(User="", Entrypoint=["/init"], Cmd=["a"], WorkingDir="/srv")
    after = configured(User="app", Cmd=["a", "é"], WorkingDir="/srv")
    assert settings(before, after) == [
        ("User", "", "added", "", "app"),
        ("Entrypoint", "", "removed", '["/init"]', ""),
        ("Cmd", "", "changed", '["a"]', '["a", "é"]'),
    ]


def test_what_is_missing_is_what_is_null_or_empty() -> None:
    before = configured(User="", Cmd=None, Env=None, Labels={}, Entrypoint=[], ExposedPorts={})
    assert settings(before, configured()) == []
    assert settings(configured(), before) == []


def test_of_the_environment_the_names_are_told_and_never_the_values() -> None:
    before = configured(Env=["PATH=/bin", "OLD=secret-1", "SAME=x"])
    after = configured(Env=["SAME=x", "PATH=/usr/bin", "NEW=secret-2", "EMPTY"])
    assert settings(before, after) == [
        ("Env", "EMPTY", "added", "", ""),
        ("Env", "NEW", "added", "", ""),
        ("Env", "OLD", "removed", "", ""),
        ("Env", "PATH", "changed", "", ""),
    ]


def test_of_a_variable_that_is_there_twice_the_last_counts() -> None:
    assert settings(configured(Env=["A=1", "A=2"]), configured(Env=["A=2"])) == []


def test_labels_are_told_with_their_values_and_ports_and_volumes_by_name() -> None:
    before = configured(Labels={"version": "1", "gone": "x"}, ExposedPorts={"80/tcp": {}})
    after = configured(Labels={"version": "2", "empty": ""}, Volumes={"/data": {}})
    assert settings(before, after) == [
        ("ExposedPorts", "80/tcp", "removed", "", ""),
        ("Volumes", "/data", "added", "", ""),
        ("Labels", "empty", "added", "", ""),
        ("Labels", "gone", "removed", "x", ""),
        ("Labels", "version", "changed", "1", "2"),
    ]


def test_platform_time_and_base_are_the_images_own() -> None:
    before = image(layer("a:1"))
    after = replace(
        image(layer("a:1"), layer("b:1")),
        platform="linux/arm64",
        created="2024-02-29T12:00:00Z",
        base=BaseImage("debian:12"),
    )
    assert settings(analyze(before), analyze(after))[:3] == [
        ("platform", "", "changed", "linux/amd64", "linux/arm64"),
        ("created", "", "added", "", "2024-02-29T12:00:00Z"),
        ("base name", "", "added", "", "debian:12"),
    ]


def test_what_only_a_builder_has_a_use_for_is_no_difference() -> None:
    assert settings(configured(Image="sha256:1", Hostname="a"), configured(Image="sha256:2")) == []


def test_values_of_any_shape_are_compared() -> None:
    odd = configured(Env="A=1", Labels=["x"], ExposedPorts="80", Volumes=3, Cmd={"b": 1, "a": [2.5]}, User=7)
    assert settings(odd, odd) == []
    assert settings(configured(), odd) == [
        ("User", "", "added", "", "7"),
        ("Cmd", "", "added", "", '{"a": [2.5], "b": 1}'),
    ]


def test_a_config_that_is_nested_beyond_measure_is_refused() -> None:
    deep: object = []
    for _ in range(100_000):
        deep = [deep]
    with pytest.raises(LimitError):
        compare_configuration(configured(Healthcheck=deep), configured())


def test_every_text_stays_as_it_is() -> None:
    hostile = "\x1b[2J\ud800\n"
    found = settings(configured(), configured(Labels={hostile: hostile}, User=hostile))
    assert found == [("User", "", "added", "", hostile), ("Labels", hostile, "added", "", hostile)]
    assert json.loads(json.dumps(found[0])) == list(found[0])
