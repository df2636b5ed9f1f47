"""The image: which it is, what it runs and how."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

from layerscope.analysis.analyze import analyze
from layerscope.tui.image import FactList, ImageScreen
from layerscope.tui.image_facts import image_facts
from layerscope.tui.session import Session
from textual.pilot import Pilot

from tests.models import image, layer
from tests.tui.screens import Host, lines_text, screen_text

CONFIG = {
    "Entrypoint": ["/entry.sh", "--"],
    "Cmd": ["serve", "a b"],
    "Env": ["PATH=/bin", "API_TOKEN=hunter2", "EMPTY_KEY="],
    "User": "0:0",
    "ExposedPorts": {"80/tcp": {}, "443/tcp": {}},
    "Volumes": {"/data": {}},
    "WorkingDir": "/srv",
    "Labels": {"maintainer": "Ann", "empty": ""},
    "Healthcheck": {"Test": ["CMD-SHELL", "curl -f localhost"], "Interval": 30_000_000_000, "Retries": 3},
    "StopSignal": "SIGQUIT",
    "Shell": ["/bin/bash", "-c"],
    "OnBuild": ["RUN make"],
    "ArgsEscaped": True,
    "Hostname": "",
}


def session(config: Mapping[str, object], **fields: Any) -> Session:
    made = image(layer("a:3000000", "b:1000", compressed=2000), layer(".wh.b", compressed=500))
    made = replace(made, config=config, tags=("app:1", "app:latest"), id="sha256:12", **fields)
    return Session(analyze(made, keep_past=True)).prepare()


def facts(config: Mapping[str, object], **fields: Any) -> list[str]:
    """What is said after the figures."""
    found = [
        f"{name}: {value}" if name else value for name, value, _ in image_facts(session(config, **fields))
    ]
    return found[found.index("compressed: 2.50 kB") + 2 :]


def runs(config: Mapping[str, object]) -> list[str]:
    """What is said of what runs."""
    found = [f"{name}: {value}" if name else value for name, value, _ in image_facts(session(config))]
    start = next(number for number, fact in enumerate(found) if fact.startswith("runs: "))
    return found[start : found.index("", start)]


@asynccontextmanager
async def image_of(
    opened: Session, size: tuple[int, int] = (80, 48)
) -> AsyncIterator[tuple[Pilot[Any], ImageScreen, Host]]:
    screen = ImageScreen(opened)
    app = Host(screen)
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        yield pilot, screen, app


def shown(screen: ImageScreen) -> str:
    return lines_text(screen.query_one(FactList))


# What it says


async def test_everything_is_shown_in_one_list() -> None:
    async with image_of(session(CONFIG, created="2024-05-14T01:28:25Z", notes=("One of two.",))) as (
        _,
        screen,
        app,
    ):
        assert shown(screen) == (
            " note         One of two.\n"
            "\n"
            " reference    test\n"
            " tags         app:1\n"
            "              app:latest\n"
            " id           sha256:12\n"
            " platform     linux/amd64\n"
            " created      2024-05-14T01:28:25Z\n"
            "\n"
            " runs         /entry.sh -- serve 'a b'\n"
            ' entrypoint   ["/entry.sh", "--"]\n'
            ' cmd          ["serve", "a b"]\n'
            ' shell        ["/bin/bash", "-c"]\n'
            " user         0:0 (root)\n"
            " workdir      /srv\n"
            " stop signal  SIGQUIT\n"
            " healthcheck  curl -f localhost\n"
            "              Interval 30 s, Retries 3\n"
            "\n"
            " layers       2\n"
            " stored       3.00 MB\n"
            " live         3.00 MB  99.97 % of what is stored\n"
            " wasted       1.00 kB in 1 copy\n"
            " compressed   2.50 kB\n"
            "\n"
            " env          PATH=/bin\n"
            "              API_TOKEN=********\n"
            "              EMPTY_KEY=\n"
            "\n"
            " ports        80/tcp\n"
            "              443/tcp\n"
            "\n"
            " volumes      /data\n"
            "\n"
            " labels       maintainer=Ann\n"
            "              empty\n"
            "\n"
            " onbuild      RUN make\n"
            "\n"
            " ArgsEscaped  true"
        )
        assert screen_text(app).splitlines()[1] == " Image  what looks secret is masked"


async def test_long_values_are_wrapped_beside_their_names() -> None:
    async with image_of(session({"Env": ["PATH=" + "/long/path:" * 8]}), (80, 30)) as (_, screen, _app):
        lines = shown(screen).splitlines()
        start = next(number for number, line in enumerate(lines) if line.startswith(" env"))
        assert lines[start:] == [
            " env          PATH=" + "/long/path:" * 5 + "/long",
            "              /path:" + "/long/path:" * 2,
        ]


def test_a_config_of_nothing_runs_nothing_as_root() -> None:
    assert runs({}) == [
        "runs: nothing: a command has to be given",
        "user: root, as none is set",
        "workdir: /",
    ]
    assert facts({}) == []


def test_root_is_called_root_by_number_too() -> None:
    assert "user: 0 (root)" in runs({"User": "0"})
    assert "user: 1000:0" in runs({"User": "1000:0"})
    assert "user: root" in runs({"User": "root"})


def test_a_health_check_may_be_off_or_of_any_form() -> None:
    assert "healthcheck: switched off" in runs({"Healthcheck": {"Test": ["NONE"]}})
    assert 'healthcheck: ["CMD", "a"]' in runs({"Healthcheck": {"Test": ["CMD", "a"]}})
    assert "healthcheck: 5" in runs({"Healthcheck": 5})
    assert 'Interval "x", Odd [1]' in runs({"Healthcheck": {"Interval": "x", "Odd": [1], "Timeout": None}})


def test_values_of_the_wrong_type_are_shown_as_what_they_are() -> None:
    assert facts({"Env": "A=1", "Labels": ["x", 5, None], "ExposedPorts": 80, "OnBuild": {"a": [1]}}) == [
        "env: A=1",
        "",
        "ports: 80",
        "",
        "labels: x",
        "5",
        "",
        "",
        "onbuild: a=[1]",
        "",
    ]
    assert runs({"Cmd": {"a": 1}, "User": 5, "WorkingDir": ["/x"]})[1:] == [
        'cmd: {"a": 1}',
        "user: 5",
        'workdir: ["/x"]',
    ]


def test_a_value_of_any_depth_is_said_to_be_too_deep() -> None:
    deep: list[object] = []
    for _ in range(100_000):
        deep = [deep]
    assert facts({"Odd": deep, "Env": [deep]}) == [
        "env: (too deep, or no JSON)",
        "",
        "Odd: (too deep, or no JSON)",
    ]


def test_hostile_values_are_harmless_text() -> None:
    assert facts({"Env": ["A=[red]\x1b[2J\n"], "K\x9b": "\u202e"}) == [
        "env: A=[red]\\x1b[2J\\n",
        "",
        'K\\x9b: "\\u202e"',
    ]


def test_too_many_and_too_long_values_are_cut_with_a_note() -> None:
    found = facts({"Env": [f"V{number}=" for number in range(600)]})
    assert found[499:] == ["V499=", "and 100 more", ""]
    assert facts({"Env": ["A=" + "x" * 5000]})[0].endswith("x (1,002 more characters)")
    long = facts({"Labels": {str(number): "x" * 9000 for number in range(400)}})
    assert long[-1] == "The rest is too long to be shown."
    assert sum(map(len, long)) < 1_100_000


def test_what_looks_secret_is_masked_until_asked_for() -> None:
    opened = session({"Env": ["DB_PASSWORD=a", "aws_secret=b", "GPG_KEY=c=d", "MY_CREDENTIALS=e", "HOME=/"]})
    masked = [fact.value for fact in image_facts(opened)]
    assert masked[-6:-1] == [
        "DB_PASSWORD=********",
        "aws_secret=********",
        "GPG_KEY=********",
        "MY_CREDENTIALS=********",
        "HOME=/",
    ]
    assert "GPG_KEY=c=d" in [fact.value for fact in image_facts(opened, unmasked=True)]


# Keys


async def test_secrets_are_shown_and_masked_again_with_m() -> None:
    async with image_of(session(CONFIG)) as (pilot, screen, app):
        assert "hunter2" not in screen_text(app)
        await pilot.press("m")
        assert "API_TOKEN=hunter2" in shown(screen)
        assert "what looks secret is shown" in screen_text(app)
        await pilot.press("m")
        assert "hunter2" not in screen_text(app)


async def test_the_key_for_secrets_is_offered_where_there_are_some() -> None:
    async with image_of(session(CONFIG)) as (_, _screen, app):
        assert "m Show or mask secrets" in screen_text(app)
    async with image_of(session({"Env": ["A=1"]})) as (_, _screen, app):
        assert "secrets" not in screen_text(app)


async def test_a_value_is_copied_as_it_is_shown() -> None:
    async with image_of(session(CONFIG)) as (pilot, screen, app):
        await pilot.press("y")
        assert app.clipboard == "test"
        while not screen.facts.fact.value.startswith("API"):
            await pilot.press("down")
        await pilot.press("y")
        assert app.clipboard == "API_TOKEN=********"
        await pilot.press("m", "y")
        assert app.clipboard == "API_TOKEN=hunter2"


async def test_a_small_and_a_tiny_terminal_show_it_too() -> None:
    async with image_of(session(CONFIG), (80, 24)) as (pilot, screen, app):
        await pilot.press("G")
        assert shown(screen).endswith(" ArgsEscaped  true")
        assert (
            screen_text(app).splitlines()[-1].startswith("m Show or mask secrets y Copy the value esc Close")
        )
    async with image_of(session(CONFIG), (40, 10)) as (pilot, screen, _app):
        await pilot.press("j", "G", "g")
        assert shown(screen).startswith(" reference    test\n tags         app:1")


async def test_the_key_that_opens_it_closes_it() -> None:
    for key in ("I", "q", "escape"):
        async with image_of(session({}), (80, 24)) as (pilot, _screen, app):
            await pilot.press(key)
            assert app.left == [None]
