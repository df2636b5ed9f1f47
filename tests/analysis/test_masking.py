"""What an image says of itself, with `***` in place of secrets."""

from collections.abc import Mapping
from dataclasses import replace

import pytest
from layerscope.analysis.findings.secret_patterns import mask
from layerscope.analysis.masking import masked, may_hold
from layerscope.analysis.model import HistoryStep, Image

from tests.analysis.findings.test_secret_patterns import HIDDEN, TOKENS
from tests.models import image, layer

VALUE = "Qx7pL2" + "vT9sK4mZ8wB6"


def said(*steps: str, config: Mapping[str, object] | None = None) -> Image:
    history = tuple(HistoryStep(created_by=text) for text in steps)
    return replace(image(layer("a:1"), history=history), config=config or {})


def test_a_secret_of_a_step_is_hidden() -> None:
    one = masked(said(f"|1 NPM_TOKEN={VALUE} /bin/sh -c npm ci", "RUN make"))
    assert [step.created_by for step in one.history] == ["|1 NPM_TOKEN=*** /bin/sh -c npm ci", "RUN make"]


def test_what_one_place_tells_is_hidden_in_all() -> None:
    config = {
        "Env": ["PATH=/bin", f"DB_PASSWORD={VALUE}"],
        "Cmd": ["serve", VALUE],
        "Labels": {"note": f"use {VALUE}"},
    }
    one = masked(said(f"RUN echo {VALUE} > /x", config=config))
    assert one.config == {
        "Env": ["PATH=/bin", "DB_PASSWORD=***"],
        "Cmd": ["serve", "***"],
        "Labels": {"note": "use ***"},
    }
    assert one.history[0].created_by == "RUN echo *** > /x"


def test_a_label_and_a_health_check_are_settings_too() -> None:
    config = {
        "Labels": {"deploy.token": VALUE},
        "Healthcheck": {"Test": ["CMD-SHELL", f"curl -u me:{VALUE} localhost"]},
    }
    assert masked(said(config=config)).config == {
        "Labels": {"deploy.token": "***"},
        "Healthcheck": {"Test": ["CMD-SHELL", "curl -u me:*** localhost"]},
    }


def test_an_image_without_secrets_is_the_same_object() -> None:
    for one in (said("RUN make"), said("RUN curl https://example.org", config={"Env": ["TOKEN=${TOKEN}"]})):
        assert masked(one) is one


def test_to_mask_twice_changes_nothing() -> None:
    once = masked(said(f"ENV A_TOKEN={VALUE}", config={"Env": [f"A_TOKEN={VALUE}"]}))
    assert masked(once) == once


def test_numbers_and_what_is_nested_deeper_than_any_config_stay() -> None:
    deep: object = f"TOKEN={VALUE}"
    for _ in range(100_000):
        deep = [deep]
    config = {"deep": deep, "ExposedPorts": {"80/tcp": {}}, "Stop": 5, "secret": None}
    assert masked(said(config=config)).config["Stop"] == 5


@pytest.mark.parametrize("text", [*HIDDEN, *TOKENS])
def test_every_text_with_a_secret_is_looked_at(text: str) -> None:
    shown = text if isinstance(text, str) else text[0]
    assert mask(shown) == shown or may_hold(shown)
