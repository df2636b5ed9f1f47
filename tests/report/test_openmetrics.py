"""OpenMetrics: each family once, every line as the standard has it."""

import io
import re
from dataclasses import replace

import pytest
from layerscope.analysis.analyze import Analysis, analyze
from layerscope.analysis.growth import Growth
from layerscope.analysis.model import Figures, HistoryStep
from layerscope.gate.verdicts import Judgement, Outcome, Verdict
from layerscope.report import openmetrics
from layerscope.report.subject import Failure, Run, Subject

from tests.analysis.test_saved import saved
from tests.models import image, layer
from tests.report.sample import sample

SAMPLE = """\
# TYPE layerscope_measured gauge
# HELP layerscope_measured Whether the image could be opened and measured.
layerscope_measured{image="image.tar"} 1
# TYPE layerscope_stored_bytes gauge
# UNIT layerscope_stored_bytes bytes
# HELP layerscope_stored_bytes Bytes of regular files in all layers, unpacked.
layerscope_stored_bytes{image="image.tar"} 16313
# TYPE layerscope_live_bytes gauge
# UNIT layerscope_live_bytes bytes
# HELP layerscope_live_bytes Stored bytes that the final filesystem reaches.
layerscope_live_bytes{image="image.tar"} 8138
# TYPE layerscope_wasted_bytes gauge
# UNIT layerscope_wasted_bytes bytes
# HELP layerscope_wasted_bytes Stored bytes that the final filesystem does not reach.
layerscope_wasted_bytes{image="image.tar"} 8175
# TYPE layerscope_wasted_by_kind_bytes gauge
# UNIT layerscope_wasted_by_kind_bytes bytes
# HELP layerscope_wasted_by_kind_bytes Wasted bytes by the reason why.
layerscope_wasted_by_kind_bytes{image="image.tar",kind="removed"} 48
layerscope_wasted_by_kind_bytes{image="image.tar",kind="overwritten"} 120
layerscope_wasted_by_kind_bytes{image="image.tar",kind="metadata-only"} 4000
layerscope_wasted_by_kind_bytes{image="image.tar",kind="rewritten"} 4000
layerscope_wasted_by_kind_bytes{image="image.tar",kind="shadowed-in-layer"} 7
# TYPE layerscope_wasted_copies gauge
# HELP layerscope_wasted_copies Files that are wasted.
layerscope_wasted_copies{image="image.tar"} 5
# TYPE layerscope_efficiency_ratio gauge
# UNIT layerscope_efficiency_ratio ratio
# HELP layerscope_efficiency_ratio Live of stored bytes, from 0 to 1.
layerscope_efficiency_ratio{image="image.tar"} 0.4988659351437504
# TYPE layerscope_duplicate_bytes gauge
# UNIT layerscope_duplicate_bytes bytes
# HELP layerscope_duplicate_bytes Content that live files hold more than once.
layerscope_duplicate_bytes{image="image.tar"} 4000
# TYPE layerscope_layers gauge
# HELP layerscope_layers Layers of the image.
layerscope_layers{image="image.tar"} 3
# TYPE layerscope_layer_stored_bytes gauge
# UNIT layerscope_layer_stored_bytes bytes
# HELP layerscope_layer_stored_bytes Bytes of regular files in the layer, unpacked.
layerscope_layer_stored_bytes{image="image.tar",layer="0",command="COPY … /"} 4183
layerscope_layer_stored_bytes{image="image.tar",layer="1",command="RUN make all && make install"} 8130
layerscope_layer_stored_bytes{image="image.tar",layer="2",command="(no history)"} 4000
# TYPE layerscope_layer_wasted_bytes gauge
# UNIT layerscope_layer_wasted_bytes bytes
# HELP layerscope_layer_wasted_bytes Stored bytes of the layer that the final filesystem does not reach.
layerscope_layer_wasted_bytes{image="image.tar",layer="0",command="COPY … /"} 4175
layerscope_layer_wasted_bytes{image="image.tar",layer="1",command="RUN make all && make install"} 4000
layerscope_layer_wasted_bytes{image="image.tar",layer="2",command="(no history)"} 0
# TYPE layerscope_layer_killed_bytes gauge
# UNIT layerscope_layer_killed_bytes bytes
# HELP layerscope_layer_killed_bytes Bytes that the layer put out of reach, of lower layers and its own.
layerscope_layer_killed_bytes{image="image.tar",layer="0",command="COPY … /"} 7
layerscope_layer_killed_bytes{image="image.tar",layer="1",command="RUN make all && make install"} 4168
layerscope_layer_killed_bytes{image="image.tar",layer="2",command="(no history)"} 4000
# TYPE layerscope_layer_compressed_bytes gauge
# UNIT layerscope_layer_compressed_bytes bytes
# HELP layerscope_layer_compressed_bytes Size of the layer as stored or pulled.
layerscope_layer_compressed_bytes{image="image.tar",layer="1",command="RUN make all && make install"} 3001
# EOF
"""

_NAME = r"layerscope_[a-z_]+"
_VALUE = r'"(?:[^"\\\n]|\\[\\"n])*"'
_SAMPLE = re.compile(rf"({_NAME})(\{{image={_VALUE}(?:,[a-z_]+={_VALUE})*\}}) (-?[0-9]+(?:\.[0-9]+)?)")
_METADATA = re.compile(rf"# (?:TYPE ({_NAME}) gauge|UNIT ({_NAME}) (bytes|ratio)|HELP ({_NAME}) [^\\\n]+)")

GROWTH = Growth(
    reference='base"1',
    before=Figures(100, 90),
    after=Figures(90, 85),
    stored=-10,
    wasted=5,
    compressed=None,
    before_compressed=None,
    layers=(),
    paths=None,
    directories=None,
)


def written(*images: Analysis | Subject | Failure) -> str:
    out = io.StringIO()
    run = Run(tuple(Subject(one) if isinstance(one, Analysis) else one for one in images))
    openmetrics.write(run, out)
    return out.getvalue()


def checked(text: str) -> dict[str, list[str]]:
    """Labels and values by family, of a text that the standard allows."""
    *lines, last = text.split("\n")[:-1]
    assert text.endswith("\n")
    assert last == "# EOF"
    families: dict[str, list[str]] = {}
    series: set[str] = set()
    current = ""
    for line in lines:
        if line.startswith("#"):
            found = _METADATA.fullmatch(line)
            assert found, line
            name = next(one for one in (found[1], found[2], found[4]) if one)
            if found[1]:
                assert name not in families
                families[name] = []
                current = name
            assert name == current
            assert not families[name]
            if found[2]:
                assert name.endswith(f"_{found[3]}")
        else:
            found = _SAMPLE.fullmatch(line)
            assert found, line
            assert found[1] == current
            assert found[1] + found[2] not in series
            series.add(found[1] + found[2])
            families[current].append(f"{found[2]} {found[3]}")
    assert all(families.values())
    return families


def test_a_small_image() -> None:
    text = written(analyze(sample()))
    assert text == SAMPLE
    checked(text)


def test_the_samples_of_several_images_stand_in_one_family() -> None:
    one = replace(image(layer("a:1")), reference="one")
    two = replace(image(layer("b:2"), layer("b:3")), reference="two")
    families = checked(written(analyze(one), Failure("three", "is not there"), analyze(two)))
    assert families["layerscope_measured"] == ['{image="one"} 1', '{image="two"} 1', '{image="three"} 0']
    assert families["layerscope_stored_bytes"] == ['{image="one"} 1', '{image="two"} 5']
    assert families["layerscope_efficiency_ratio"] == ['{image="one"} 1.0', '{image="two"} 0.6']
    assert families["layerscope_layer_stored_bytes"] == [
        '{image="one",layer="0",command="(no history)"} 1',
        '{image="two",layer="0",command="(no history)"} 2',
        '{image="two",layer="1",command="(no history)"} 3',
    ]


def test_of_two_images_of_one_name_the_first_counts() -> None:
    one, two = (replace(image(layer(f"a:{size}")), reference="a\n") for size in (1, 2))
    shown = replace(two, reference=r"a\n")
    failures = Failure("a\n", "is not there"), Failure("b", "is not there"), Failure("b", "nor now")
    families = checked(written(analyze(one), analyze(two), analyze(shown), *failures))
    assert families["layerscope_measured"] == [r'{image="a\\n"} 1', '{image="b"} 0']
    assert families["layerscope_stored_bytes"] == [r'{image="a\\n"} 1']


def test_compressed_bytes_are_there_if_they_are_known() -> None:
    families = checked(written(analyze(image(layer("a:1", compressed=7)))))
    assert families["layerscope_compressed_bytes"] == ['{image="test"} 7']
    assert "layerscope_compressed_bytes" not in checked(written(analyze(image(layer("a:1")))))


def test_the_gate_tells_what_became_of_its_rules() -> None:
    verdicts = tuple(Verdict(f'{one}"', "1 B", "≤", "2 B", one) for one in Outcome)
    families = checked(written(Subject(analyze(image(layer("a:1"))), Judgement(verdicts))))
    assert families["layerscope_gate_closed"] == ['{image="test"} 1']
    assert families["layerscope_rule_outcome"] == [
        r'{image="test",rule="pass\""} 0',
        r'{image="test",rule="warn\""} 1',
        r'{image="test",rule="fail\""} 2',
    ]


def test_a_gate_that_stays_open_says_so_too() -> None:
    verdict = Verdict("rule", "1 B", "≤", "disabled", Outcome.SKIP)
    families = checked(written(Subject(analyze(image(layer("a:1"))), Judgement((verdict,)))))
    assert families["layerscope_gate_closed"] == ['{image="test"} 0']
    assert "layerscope_rule_outcome" not in families


def test_growth_may_be_negative() -> None:
    families = checked(written(Subject(analyze(image(layer("a:1"))), growth=GROWTH)))
    assert families["layerscope_growth_stored_bytes"] == [r'{image="test",baseline="base\"1"} -10']
    assert families["layerscope_growth_wasted_bytes"] == [r'{image="test",baseline="base\"1"} 5']
    assert "layerscope_growth_compressed_bytes" not in families


@pytest.mark.parametrize(
    ("hostile", "label"),
    [
        ('a"} 1', r"a\"} 1"),
        ("a\\", r"a\\"),
        ("a\n# EOF", r"a\\n# EOF"),
        ("\x1b[2J\u202e", r"\\x1b[2J\\u202e"),
        ("half \ud800", r"half \\ud800"),
        ("::error::a|b`<script>]]>,", "::error::a|b`<script>]]>,"),
        ("漢字", "漢字"),
    ],
)
def test_hostile_names_stay_within_their_label(hostile: str, label: str) -> None:
    one = replace(
        image(layer("a:1")), reference=hostile, history=(HistoryStep(created_by=f"RUN x{hostile}"),)
    )
    families = checked(written(analyze(one), Failure(f"no {hostile}", hostile)))
    assert families["layerscope_measured"] == [f'{{image="{label}"}} 1', f'{{image="no {label}"}} 0']
    command = f"RUN x{label}".replace(r"a\\n#", "a #")
    assert families["layerscope_layer_stored_bytes"] == [
        f'{{image="{label}",layer="0",command="{command}"}} 1'
    ]


def test_a_run_without_images_is_a_text_all_the_same() -> None:
    assert checked(written(Failure("a", "is not there"))) == {"layerscope_measured": ['{image="a"} 0']}


def test_a_saved_report_without_entries_gives_all_of_it() -> None:
    assert written(saved(entries=False)) == written(saved())
