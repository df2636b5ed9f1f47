"""What several images have in common."""

from layerscope.analysis.analyze import analyze
from layerscope.analysis.sharing import Sharing, share

from tests.models import image, layer

BASE, APP, OTHER = (
    layer("a:100", diff_id="sha256:a"), layer("b:10", diff_id="sha256:b"), layer("c:7", diff_id="sha256:c")
)  # fmt: skip


def test_layers_that_images_have_in_common_are_stored_once() -> None:
    one, two, three = (analyze(image(*layers)) for layers in ((BASE, APP), (BASE, OTHER), (OTHER,)))
    assert share([one, two, three]) == Sharing(124, (100, 100, 0))
    assert share([one]) == Sharing(110, (0,))
    assert share([]) == Sharing(0, ())


def test_a_layer_over_another_is_another() -> None:
    one, two = analyze(image(BASE, APP)), analyze(image(OTHER, APP))
    assert share([one, two]) == Sharing(127, (0, 0))


def test_an_image_given_twice_is_stored_once() -> None:
    one = analyze(image(BASE, BASE, APP))
    assert share([one, one]) == Sharing(210, (210, 210))


def test_a_layer_that_does_not_tell_what_it_is_is_like_no_other() -> None:
    one = analyze(image(layer("a:5"), APP))
    assert share([one, one]) == Sharing(30, (0, 0))


def test_no_diff_id_can_pass_for_several() -> None:
    one, two = (
        analyze(image(layer("a:1", diff_id="x\ny"))),
        analyze(image(layer("a:1", diff_id="x"), layer("b:1", diff_id="y"))),
    )
    assert share([one, two]).shared == (0, 0)
