"""Where the base image ends, by the history of images as builders write it."""

from dataclasses import replace

import pytest
from layerscope.analysis.base import Base, base_of, base_of_image, base_of_layers
from layerscope.analysis.history import pair
from layerscope.analysis.model import BaseImage, HistoryStep, Image
from layerscope.errors import ChoiceError

from tests.models import image, layer

DEBIAN = [
    ("2024-02-13T00:00:00Z", "/bin/sh -c #(nop) ADD file:1 in / ", 1),
    ("", '/bin/sh -c #(nop)  CMD ["bash"]', 0),
]
PYTHON = [
    ("2024-02-14T00:00:00Z", "ENV PATH=/usr/local/bin # buildkit", 0),
    ("", "RUN /bin/sh -c apt-get install # buildkit", 1),
    ("", 'CMD ["python3"]', 0),
]
OWN = [
    ("2024-02-14T01:00:00Z", "COPY . /app # buildkit", 1),
    ("", "RUN /bin/sh -c pip install # buildkit", 1),
    ("", 'ENTRYPOINT ["app"]', 0),
    ("", 'CMD ["serve"]', 0),
]
Text = tuple[str, str, int]


def built(*steps: Text) -> Image:
    """An image with these steps: time, text, and how many layers each made."""
    layers = [layer(f"f{number}:1", diff_id=f"d{number}") for number in range(sum(step[2] for step in steps))]
    return image(
        *layers,
        history=tuple(HistoryStep(time, text, empty_layer=not made) for time, text, made in steps),
    )


def base(one: Image) -> Base:
    return base_of(one, pair(one))


BY_COMMAND = "by the history: a CMD or ENTRYPOINT stands there"
BY_TOOL = "by the history: a tool without a Dockerfile made them"
FIRST = "taken to be the first layer"


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ([*DEBIAN, *OWN], Base(1, BY_COMMAND)),
        ([*DEBIAN, *PYTHON, *OWN], Base(2, BY_COMMAND)),
        ([*DEBIAN, *PYTHON], Base(1, BY_COMMAND)),
        (OWN, Base(1, FIRST)),
        ([("", "ADD rootfs", 1), ("", "RUN a", 1), ("", "CMD x", 0)], Base(1, FIRST)),
        ([("", "bazel build @x", 1), ("", "bazel build @y", 1), *OWN], Base(2, BY_TOOL)),
        ([("", "bazel build @x", 1), ("", "bazel build @y", 1)], Base(1, FIRST)),
        (
            [
                ("2024-01-01T00:00:00Z", "a", 1),
                ("2024-01-01T01:00:00Z", "b", 1),
                ("2024-02-01T01:00:00Z", "c", 1),
            ],
            Base(2, "by the history: 31 days lie between two steps"),
        ),
        ([("2024-01-01T00:00:00Z", "a", 1), ("2024-01-07T23:00:00Z", "b", 1)], Base(1, FIRST)),
        (
            [
                ("1970-01-01T00:00:00Z", "a", 1),
                ("0001-01-01T00:00:00Z", "b", 1),
                ("2024-01-01T00:00:00Z", "c", 1),
            ],
            Base(1, FIRST),
        ),
        ([("no time", "a", 1), ("9" * 5000, "b", 1)], Base(1, FIRST)),
        ([("", "COPY a", 1)], Base(1, "there is no other layer")),
        ([("", "CMD a", 0), ("", "COPY a", 1), ("", "COPY b", 1)], Base(1, FIRST)),
    ],
)
def test_the_history_tells_where_the_base_ends(steps: list[Text], expected: Base) -> None:
    assert base(built(*steps)) == expected


def test_without_a_history_it_is_the_first_layer() -> None:
    assert base(image(layer("a:1"), layer("b:1"))) == Base(1, FIRST)
    assert base(image()) == Base(0, "there is no other layer")


def test_it_has_a_name_if_the_image_says_so() -> None:
    one = replace(built(*DEBIAN, *OWN), base=BaseImage("debian:12"))
    assert base(one) == Base(1, BY_COMMAND, "debian:12")


@pytest.mark.parametrize(("count", "expected"), [(2, 2), (1, 1), (4, 3), (0, 3)])
def test_its_own_layers_tell_more_than_the_history(count: int, expected: int) -> None:
    one = replace(
        built(*DEBIAN, *PYTHON, ("", "RUN x", 1), ("", "CMD x", 0), *OWN[:1]), base=BaseImage("x", "", count)
    )
    how = BY_COMMAND if expected == 3 else "the layers of the image that is named as its base"
    assert base(one) == Base(expected, how, "x")


def test_a_number_of_layers_can_be_named() -> None:
    one = built(*OWN)
    assert [base_of_layers(one, count).layers for count in (0, 1, 2)] == [0, 1, 2]
    with pytest.raises(ChoiceError, match="has 2 layers, of which 3 cannot be"):
        base_of_layers(one, 3)


def test_an_image_can_be_named_whose_layers_are_the_lowest() -> None:
    one = built(*DEBIAN, *PYTHON, *OWN)
    below = replace(built(*DEBIAN, *PYTHON), reference="python:3")
    assert base_of_image(one, below) == Base(2, "the layers of the image that was named", "python:3")
    with pytest.raises(ChoiceError, match="is not what python:3 was built on: layer 2 is not the same"):
        base_of_image(below, one)
    other = replace(one, layers=(layer("x:1", diff_id="other"), *one.layers[1:]))
    with pytest.raises(ChoiceError, match="layer 0 is not the same"):
        base_of_image(one, other)
