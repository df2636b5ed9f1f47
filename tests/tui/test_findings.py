"""The findings view: what to change, why, and where; and what the main screen says of it."""

import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from typing import Any

import pytest
from layerscope.analysis.analyze import Analysis, analyze
from layerscope.analysis.findings.finding import Evidence, Finding, Saving, Severity
from layerscope.analysis.findings.outline import Outline
from layerscope.analysis.model import HistoryStep
from layerscope.analysis.view import Scope
from layerscope.errors import DamagedError, SettingsError
from layerscope.gate.accept import Accept, Accepts
from layerscope.loader import open_image
from layerscope.tui.app import Explorer
from layerscope.tui.display import Display
from layerscope.tui.explorer import ExplorerScreen
from layerscope.tui.findings import FindingsScreen
from layerscope.tui.findings_details import FindingDetails
from layerscope.tui.findings_lines import FindingLines
from layerscope.tui.key_line import KeyLine
from layerscope.tui.session import Jump, Session
from textual.app import App
from textual.pilot import Pilot
from textual.widgets import Static

from tests.models import image, layer
from tests.tui.conftest import DEMO
from tests.tui.driving import idle, press, resize, settle
from tests.tui.files import saved_without_entries, with_findings
from tests.tui.screens import Host, lines_text, screen_text

BUILD = image(
    layer("usr/lib/python3/abc.py:20000000"),
    layer(
        "var/lib/apt/lists/main:50000000", "var/cache/apt/archives/git.deb:30000000", "usr/bin/git:9000000"
    ),
    layer("app/main:9000000", "app/notes:600"),
    layer("app/.wh.notes"),
    history=(
        HistoryStep(created_by="COPY python /usr/lib # buildkit"),
        HistoryStep(created_by="RUN /bin/sh -c apt-get update && apt-get install -y git"),
        HistoryStep(created_by="COPY app /app # buildkit"),
        HistoryStep(created_by="RUN /bin/sh -c rm /app/notes"),
    ),
)
LISTS = Finding(
    "apt-lists",
    "Package lists of APT",
    Severity.MEDIUM,
    (1, 0),
    (
        Evidence(b"var/lib/apt/lists", 50_000_000, 1_234, 1),
        Evidence(b"var/cache/apt/archives", 30_000_000, 1, 1, "what was unpacked"),
    ),
    3,
    80_000_000,
    "APT asks for them when it installs. Nothing does afterwards.",
    "RUN apt-get update \\\n && apt-get install -y git \\\n && rm -rf /var/lib/apt/lists/*",
    (Saving(1, 80_000_000, 80_000_000),),
)
ROOT = Finding(
    "root-user",
    "It runs as root",
    Severity.HIGH,
    (),
    (Evidence(b"", 0, 0, None, "no USER"),),
    0,
    0,
    "A user of its own costs a line. It saves a night.",
    "USER 1000",
)
STEPS = Finding(
    "many-steps",
    "Many small steps",
    Severity.LOW,
    (2, 3),
    (Evidence(b"", 600, 1, 2),),
    0,
    0,
    "Why. So.",
    "RUN x",
)
NOTES = Finding(
    "deleted", "Deleted in a later step", Severity.INFO, (2,), (Evidence(b"app/notes", 600, 1, 2),), 0, 600,
    "It is shipped. It cannot be seen.", "# in .dockerignore:\napp/notes", (Saving(2, 600, 0),),
)  # fmt: skip
BARE = Finding("order", "The order of steps", Severity.LOW, (3, 1), (), 0, 0, "Why. So.", "")
ALL = (LISTS, ROOT, STEPS, NOTES)
NASTY = "[red]x[/foo]\x1b]0;PWNED\x07\u202e\x9b2J\n[@click=app.bell]y"
HOSTILE = Finding(
    NASTY, NASTY * 99, Severity.HIGH, (0,), (Evidence(NASTY.encode() * 50, 9, 2, 0, NASTY),), 1, 9,
    NASTY * 99, NASTY + "\n\tRUN " + "x" * 300,
)  # fmt: skip


def session(*findings: Finding, look: Display | None = None, opened: Analysis | None = None) -> Session:
    return Session(with_findings(opened or analyze(BUILD), *findings), look or Display())


@asynccontextmanager
async def findings_of(
    opened: Session, size: tuple[int, int] = (80, 24), keys: str = ""
) -> AsyncIterator[tuple[Pilot[Any], FindingsScreen, list[Jump | None]]]:
    """The view with its findings there, after some keys."""
    screen = FindingsScreen(opened)
    app = Host(screen)
    async with app.run_test(size=size, notifications=True) as pilot:
        await settle(pilot)
        await press(pilot, *keys.split())
        yield pilot, screen, app.left


def rows(screen: FindingsScreen) -> list[str]:
    return lines_text(screen.query_one(FindingLines)).splitlines()


def details(screen: FindingsScreen) -> list[str]:
    """What is in sight of them."""
    found = screen.query_one(FindingDetails)
    height = found.scrollable_content_region.height
    return "\n".join(found.render_line(y).text.rstrip() for y in range(height)).rstrip().splitlines()


def amount(screen: FindingsScreen) -> str:
    return str(screen.query_one("#amount", Static).content)


# What it shows


async def test_findings_with_what_they_save_how_much_they_matter_and_the_step() -> None:
    async with findings_of(session(*ALL)) as (pilot, _, _):
        assert screen_text(pilot.app) == (
            " test  118 MB  eff 99.99 %  wasted 600 B\n"
            " 80.0 MB of 118 MB can go, in 3 findings and 1 smaller thing; minimum 38.0 MB\n"
            "    saves       what                     step\n"
            "  80.0 MB  !!   Package lists of APT       1 RUN apt-get update && apt-get inst…\n"
            "        -  !!!  It runs as root\n"
            "        -  !    Many small steps           2 COPY app /app\n"
            " smaller things\n"
            "    600 B       Deleted in a later step    2 COPY app /app\n"
            "\n\n\n"
            "╭─ Package lists of APT ───────────────────────────────────────────────────────╮\n"
            "│ saves    80.0 MB, 67.80 % of the image; medium, apt-lists                    │\n"
            "│ why      APT asks for them when it installs. Nothing does afterwards.        │\n"
            "│ step     layer 1  RUN apt-get update && apt-get install -y git               │\n"
            "│ also in  layer 0                                                             │\n"
            "│ instead  RUN apt-get update \\                                                │\n"
            "│           && apt-get install -y git \\                                        │\n"
            "│           && rm -rf /var/lib/apt/lists/*                                     │\n"
            "│ where     50.0 MB  layer 1    /var/lib/apt/lists  1,234 files                │\n"
            "│           30.0 MB  layer 1    /var/cache/apt/archives  what was unpacked     │\n"
            "│                    and 3 other places                                        │\n"
            "╰──────────────────────────────────────────────────────────────────────────────╯\n"
            "⏎ Go to the files tab Pane space Choose W What if c Copy fix esc Back"
        )


async def test_details_follow_the_cursor_which_passes_over_the_heading() -> None:
    async with findings_of(session(*ALL)) as (pilot, screen, _):
        titles = []
        for _ in range(5):
            titles.append(str(screen.query_one(FindingDetails).border_title))
            await press(pilot, "down")
        assert titles == [
            "Package lists of APT",
            "It runs as root",
            "Many small steps",
            "Deleted in a later step",
            "Deleted in a later step",
        ]
        await press(pilot, "up")
        assert screen.listed.finding is STEPS


async def test_a_finding_without_bytes_layers_or_path() -> None:
    async with findings_of(session(ROOT)) as (_, screen, _):
        assert amount(screen) == " 0 B of 118 MB can go, in 1 finding; minimum 118 MB"
        assert details(screen) == [
            " saves    no bytes; high, root-user",
            " why      A user of its own costs a line. It saves a night.",
            " instead  USER 1000",
            " where           -  no USER",
        ]


async def test_a_finding_with_neither_places_nor_a_fix() -> None:
    async with findings_of(session(BARE)) as (_, screen, _):
        assert details(screen) == [
            " saves    no bytes; low, order",
            " why      Why. So.",
            " step     layer 3  RUN rm /app/notes",
            " also in  layer 1",
        ]


async def test_smaller_things_alone_stand_below_their_heading() -> None:
    async with findings_of(session(NOTES)) as (_, screen, _):
        assert rows(screen)[0] == " smaller things"
        assert (amount(screen), screen.listed.finding) == (
            " 600 B of 118 MB can go, in 1 smaller thing; minimum 118 MB",
            NOTES,
        )


async def test_a_wide_screen_has_the_whole_step() -> None:
    async with findings_of(session(*ALL), size=(160, 48)) as (_, screen, _):
        assert rows(screen)[0].endswith("  1 RUN apt-get update && apt-get install -y git")


async def test_a_narrow_screen_has_no_step() -> None:
    async with findings_of(session(*ALL), size=(40, 10)) as (_, screen, _):
        assert rows(screen)[:2] == ["  80.0 MB  !!   Package lists of APT", "        -  !!!  It runs as root"]
        assert screen.listed.titles.split() == ["saves", "what"]


async def test_a_long_title_is_cut_for_the_step() -> None:
    async with findings_of(session(LISTS._replace(title="Long " * 20))) as (_, screen, _):
        assert (
            rows(screen)[0]
            == "  80.0 MB  !!   Long Long Long Long Long Long Long Lo…    1 RUN apt-get update …"
        )


async def test_a_long_step_is_told_in_three_lines() -> None:
    long = image(layer("a:1"), history=(HistoryStep(created_by="RUN " + "word " * 200),))
    async with findings_of(session(BARE._replace(layers=(0,)), opened=analyze(long))) as (_, screen, _):
        step = details(screen)[2:]
        assert [line[:9] for line in step] == [" step    ", "         ", "         "]
        assert step[-1].endswith("…")


async def test_the_width_of_a_terminal_may_change() -> None:
    async with findings_of(session(*ALL), keys="tab end up") as (pilot, screen, _):
        place = screen.details.place
        assert place == LISTS.evidence[1]
        for size in ((40, 10), (160, 48), (80, 24)):
            await resize(pilot, *size)
            assert screen.details.place == place


# When there is nothing to show


async def test_an_image_with_nothing_to_change_is_told_so() -> None:
    async with findings_of(session(), keys="enter c tab down enter") as (_, screen, left):
        assert (amount(screen), details(screen), left) == (
            " Nothing to change",
            [" Nothing was found that should be changed."],
            [],
        )
        assert "Copy" not in str(screen.query_one(KeyLine).content)


async def test_a_report_saved_without_entries_says_why_it_has_none() -> None:
    async with findings_of(Session(saved_without_entries(BUILD)), keys="enter") as (_, screen, left):
        assert (amount(screen), details(screen), left) == (
            " No findings",
            [
                " This report tells of none. It was saved without entries, so there is",
                " nothing to look at.",
            ],
            [],
        )


class Slow(Session):
    """Findings that take until they are released, and what comes of them then."""

    error: Exception | None = None

    def find(self) -> Outline:
        assert released.wait(10)
        if self.error is not None:
            raise self.error
        return super().find()


released = threading.Event()


@pytest.fixture
def slow() -> Slow:
    released.clear()
    return Slow(with_findings(analyze(BUILD), *ALL))


async def test_a_line_says_that_they_are_looked_for_until_they_are_there(slow: Slow) -> None:
    screen = FindingsScreen(slow)
    async with Host(screen).run_test(size=(80, 24)) as pilot:
        await press(pilot, "enter", "down", "c", "tab")
        assert (amount(screen), rows(screen), details(screen)) == (" looking for what to change…", [], [])
        released.set()
        await settle(pilot)
        assert (len(rows(screen)), screen.listed.finding) == (5, LISTS)


async def test_one_can_leave_while_they_are_looked_for(slow: Slow) -> None:
    app = Host(FindingsScreen(slow))
    async with app.run_test(size=(80, 24)) as pilot:
        await press(pilot, "escape")
        assert app.left == [None]
        released.set()


async def test_findings_that_cannot_be_told_are_told_why(slow: Slow) -> None:
    slow.error = DamagedError("layer 0 is not what it was", "Fetch [it] again")
    released.set()
    screen = FindingsScreen(slow)
    async with Host(screen).run_test(size=(80, 24)) as pilot:
        await idle(pilot)
        assert (amount(screen), details(screen)) == (
            " The findings cannot be told",
            [" layer 0 is not what it was. Fetch [it] again"],
        )


async def test_two_that_ask_at_once_get_one_answer() -> None:
    opened = session(*ALL)
    asking = [threading.Thread(target=opened.find) for _ in range(4)]
    for one in asking:
        one.start()
    for one in asking:
        one.join()
    assert opened.found is opened.find()


# Leaving


@pytest.mark.parametrize("key", ["escape", "F", "q"])
async def test_it_closes(key: str) -> None:
    async with findings_of(session(*ALL), keys=key) as (_, _, left):
        assert left == [None]


@pytest.mark.parametrize(
    ("keys", "to"),
    [
        ("enter", Jump(1, b"var/lib/apt/lists", Scope.CHANGES)),
        ("tab enter", Jump(1, b"var/lib/apt/lists", Scope.CHANGES)),
        ("tab end up enter", Jump(1, b"var/cache/apt/archives", Scope.CHANGES)),
        ("tab end up tab enter", Jump(1, b"var/lib/apt/lists", Scope.CHANGES)),
        ("end enter", Jump(2, b"app/notes", Scope.CHANGES)),
        ("down down enter", Jump(2, b"", Scope.CHANGES)),
    ],
    ids=["the largest", "no place", "that place", "the list again", "another", "a step"],
)
async def test_enter_goes_to_a_place_in_the_layer_that_stores_it(keys: str, to: Jump) -> None:
    async with findings_of(session(*ALL), keys=keys) as (_, _, left):
        assert left == [to]


async def test_a_finding_without_places_leads_to_the_layer_whose_step_is_to_be_changed() -> None:
    async with findings_of(session(BARE), keys="enter") as (_, _, left):
        assert left == [Jump(3, b"", Scope.CHANGES)]


async def test_what_is_in_no_layer_leads_nowhere() -> None:
    async with findings_of(session(ROOT), keys="enter") as (pilot, _, left):
        await idle(pilot)
        assert left == []
        assert "No layer holds this" in screen_text(pilot.app)


async def test_without_entries_there_is_no_tree_to_go_to_but_there_are_layers() -> None:
    opened = session(LISTS, STEPS, opened=saved_without_entries(BUILD))
    async with findings_of(opened, keys="enter") as (pilot, _, left):
        await idle(pilot)
        assert left == []
        assert "This report was saved" in screen_text(pilot.app)
        await press(pilot, "down", "enter")
        assert left == [Jump(2, b"", Scope.CHANGES)]


async def test_a_click_goes_to_a_line_and_a_second_one_to_its_place() -> None:
    async with findings_of(session(*ALL)) as (pilot, screen, left):
        await pilot.click(FindingLines, offset=(20, 4))
        assert (screen.listed.finding, left) == (NOTES, [])
        await pilot.click(FindingLines, offset=(20, 0))
        await pilot.click(FindingDetails, offset=(30, 9))
        assert (screen.details.has_focus, left) == (True, [])
        await pilot.click(FindingDetails, offset=(30, 9))
        assert left == [Jump(1, b"var/cache/apt/archives", Scope.CHANGES)]


# Copying


async def test_the_fix_is_copied_with_its_lines() -> None:
    async with findings_of(session(*ALL), keys="c") as (pilot, _, _):
        assert pilot.app.clipboard == LISTS.fix
        await idle(pilot)
        assert "Copied: RUN apt-get update" in screen_text(pilot.app)


async def test_it_is_copied_from_the_details_too() -> None:
    async with findings_of(session(*ALL), keys="end tab c") as (pilot, _, _):
        assert pilot.app.clipboard == "# in .dockerignore:\napp/notes"


# What is accepted


def accepting(*entries: Accept) -> Session:
    opened = session(*ALL)
    opened.accepts = lambda _analysis: Accepts(entries)
    return opened


async def test_what_is_accepted_stands_last_saves_nothing_and_cannot_be_chosen() -> None:
    entry = Accept((), "it must bind port 80", expires=date(2027, 1, 31), findings=frozenset({"root-user"}))
    lists = Accept((), "small", findings=frozenset({"apt-lists"}))
    async with findings_of(accepting(entry, lists), keys="down down") as (pilot, screen, _):
        assert (
            amount(screen)
            == " 600 B of 118 MB can go, in 1 finding and 1 smaller thing; 2 accepted; minimum 118 MB"
        )
        assert [line.strip() for line in rows(screen)[3:]] == [
            "accepted",
            "80.0 MB  !!   Package lists of APT       1 RUN apt-get update && apt-get inst…",
            "-  !!!  It runs as root",
        ]
        await press(pilot, "down", "space")
        assert screen.listed.finding is ROOT
        assert not screen.listed.chosen
        assert details(screen)[1] == " accepted it must bind port 80, until 2027-01-31"
        await press(pilot, "A")
        assert screen.listed.chosen == (STEPS, NOTES)


async def test_where_all_is_accepted_nothing_is_to_be_changed() -> None:
    entry = Accept((), "known", findings=frozenset(one.id for one in ALL))
    async with findings_of(accepting(entry)) as (_, screen, _):
        assert amount(screen) == " Nothing to change; 4 accepted"
        assert screen.listed.finding is LISTS


async def test_a_file_of_rules_that_means_nothing_is_told() -> None:
    opened = session(*ALL)

    def refuse(_analysis: Analysis) -> Accepts:
        raise SettingsError("layerscope.toml: there is no key 'rule'", "Did you mean rules?")

    opened.accepts = refuse
    async with findings_of(opened) as (_, screen, _):
        assert amount(screen) == " The findings cannot be told"
        assert details(screen) == [" layerscope.toml: there is no key 'rule'. Did you mean rules?"]


# Choosing: what the image would be


async def test_the_chosen_ones_are_marked_and_what_they_come_to_stands_above() -> None:
    async with findings_of(session(*ALL), keys="space") as (pilot, screen, _):
        assert amount(screen) == " 1 chosen: saves 80.0 MB of 118 MB, leaves 38.0 MB"
        assert [line[:9] for line in rows(screen)] == [
            "✓ 80.0 MB", "        -", "        -", " smaller ", "    600 B",
        ]  # fmt: skip
        await press(pilot, "end", "space")
        assert amount(screen) == " 2 chosen: saves 80.0 MB of 118 MB, leaves 38.0 MB"
        assert screen.listed.chosen == (LISTS, NOTES)
        await press(pilot, "home", "space")
        assert amount(screen) == " 1 chosen: saves 600 B of 118 MB, leaves 118 MB"
        await press(pilot, "end", "space")
        assert amount(screen).startswith(" 80.0 MB of 118 MB can go")
        assert not screen.listed.chosen


async def test_what_saves_nothing_can_be_chosen_too() -> None:
    async with findings_of(session(*ALL), keys="down space") as (_, screen, _):
        assert amount(screen) == " 1 chosen: saves no bytes, leaves 118 MB"


async def test_all_are_chosen_at_once_and_none() -> None:
    async with findings_of(session(*ALL), keys="down space A") as (pilot, screen, _):
        assert screen.listed.chosen == ALL
        assert rows(screen)[3] == " smaller things"
        await press(pilot, "A")
        assert not screen.listed.chosen


async def test_equal_findings_are_chosen_one_by_one() -> None:
    async with findings_of(session(ROOT, ROOT), keys="end space") as (_, screen, _):
        assert (screen.listed.chosen, [line[0] for line in rows(screen)]) == ((ROOT,), [" ", "✓"])


async def test_nothing_can_be_chosen_where_nothing_is() -> None:
    async with findings_of(session(), keys="space A W") as (pilot, screen, _):
        assert (amount(screen), pilot.app.screen) == (" Nothing to change", screen)
        assert "Choose" not in str(screen.query_one(KeyLine).content)


def told(pilot: Pilot[Any]) -> list[str]:
    """What the panel says."""
    return str(pilot.app.screen.query_one("#layers-after", Static).content).splitlines()


async def test_every_layer_with_the_chosen_advice_taken() -> None:
    async with findings_of(session(*ALL), keys="space W") as (pilot, screen, _):
        assert told(pilot) == [
            "With the advice of 1 of 4 findings taken",
            "",
            "   118 MB  now",
            "  80.0 MB  saved",
            "  38.0 MB  after",
            "  38.0 MB  minimum: what a perfect rebuild would ship",
            "",
            "      now     after  layer",
            "  20.0 MB      same    0 COPY python /usr/lib",
            "  89.0 MB   9.00 MB    1 RUN apt-get update && apt-get install -y…",
            "  9.00 MB      same    2 COPY app /app",
            "      0 B      same    3 RUN rm /app/notes",
        ]
        await press(pilot, "W")
        assert pilot.app.screen is screen


@pytest.mark.parametrize(
    ("found", "words"),
    [(ALL, "all 4 findings"), ((LISTS,), "1 finding")],
    ids=["several", "one"],
)
async def test_if_none_is_chosen_all_are_meant(found: tuple[Finding, ...], words: str) -> None:
    async with findings_of(session(*found), keys="W") as (pilot, _, _):
        assert told(pilot)[0] == f"With the advice of {words} taken"


async def test_a_report_without_entries_knows_its_layers() -> None:
    async with findings_of(session(LISTS, opened=saved_without_entries(BUILD)), keys="W") as (pilot, _, _):
        assert told(pilot)[9].startswith("  89.0 MB   9.00 MB    1 RUN apt-get update")


async def test_the_panel_shows_hostile_steps_as_harmless_text_and_fits_a_small_screen() -> None:
    history = tuple(HistoryStep(created_by=f"RUN {NASTY}{'x' * 9_000}") for _ in range(600))
    many = image(*(layer(f"a{number}:9") for number in range(600)), history=history)
    async with findings_of(session(ROOT, opened=analyze(many)), size=(40, 10), keys="W end") as (
        pilot,
        _,
        _,
    ):
        shown = told(pilot)
        assert shown[-1] == "and 100 more"
        assert shown[8].startswith("      9 B      same    0 ")
        assert all(len(line) <= 40 and line.isprintable() for line in shown)
        assert all(char.isprintable() or char == "\n" for char in screen_text(pilot.app))
        await resize(pilot, 160, 48)
        assert r"RUN [red]x[/foo]\x1b]0;PWNED" in told(pilot)[8]


# Looks


async def test_texts_of_a_finding_are_shown_and_copied_as_harmless_text() -> None:
    shown = r"[red]x[/foo]\x1b]0;PWNED\x07\u202e\x9b2J\n[@click=app.bell]y"
    async with findings_of(session(HOSTILE)) as (pilot, screen, _):
        assert r"[red]x[/foo]\x1b]0;PWNED" in rows(screen)[0]
        for key in ("tab", "end", "home"):
            await press(pilot, key)
            assert all(char.isprintable() or char == "\n" for char in screen_text(pilot.app))
        await press(pilot, "c")
        first, second, *rest = pilot.app.clipboard.split("\n")
        assert (first + r"\n" + second, len(rest)) == (shown, 1)


async def test_plain_ascii_is_enough() -> None:
    look = Display(binary_units=True, ascii_only=True)
    async with findings_of(session(*ALL, look=look)) as (_, screen, _):
        assert (
            rows(screen)[0]
            == " 76.3 MiB  !!   Package lists of APT       1 RUN apt-get update && apt-get in..."
        )
        assert all(line.isascii() for line in rows(screen) + details(screen))


async def test_what_the_footer_shows_fits() -> None:
    async with findings_of(session(*ALL)) as (pilot, screen, _):
        assert len(str(screen.query_one(KeyLine).content)) <= 80
        await press(pilot, "tab")
        assert len(str(screen.query_one(KeyLine).content)) <= 80


async def test_shown_again_it_stands_where_it_was_left_in_the_units_of_now() -> None:
    screen = FindingsScreen(session(*ALL))
    app = App[None]()
    async with app.run_test(size=(80, 24)) as pilot:
        app.install_screen(screen, "findings")
        await app.push_screen("findings")
        await settle(pilot)
        await press(pilot, "down", "down", "enter")
        screen.session.display.binary_units = True
        await app.push_screen("findings")
        await idle(pilot)
        assert screen.listed.finding is STEPS
        assert amount(screen).startswith(" 76.3 MiB of 113 MiB")
        assert rows(screen)[-1].split()[:2] == ["600", "B"]


# On the main screen


@asynccontextmanager
async def main(opened: Analysis, size: tuple[int, int] = (160, 48)) -> AsyncIterator[tuple[Pilot[Any], Any]]:
    app = Explorer(opened)
    async with app.run_test(size=size, notifications=True) as pilot:
        await idle(pilot)
        await settle(pilot)
        assert isinstance(app.screen, ExplorerScreen)
        yield pilot, app.screen


async def test_layers_that_findings_name_first_are_marked_unless_it_is_a_smaller_thing() -> None:
    opened = analyze(BUILD, keep_past=True)
    async with main(with_findings(opened, LISTS, NOTES, BARE)) as (_, screen):
        marked = [line[:5] for line in lines_text(screen.layer_list).splitlines()]
        assert marked == [" base", "   0 ", " your", "▶  1!", "   2 ", "   3!"]


async def test_the_details_of_a_layer_list_its_findings() -> None:
    opened = analyze(BUILD, keep_past=True)
    async with main(with_findings(opened, LISTS, STEPS, NOTES)) as (pilot, screen):
        await press(pilot, "down")
        told = str(screen.query_one("#facts", Static).content).splitlines()
        at = next(number for number, line in enumerate(told) if line.startswith("findings"))
        assert told[at : at + 2] == [
            "findings   !          -  Many small steps",
            "                  600 B  Deleted in a later step",
        ]
        await press(pilot, "home")
        assert "findings" not in str(screen.query_one("#facts", Static).content)


async def test_findings_of_a_layer_are_counted_where_they_are_too_many() -> None:
    opened = analyze(BUILD, keep_past=True)
    async with main(with_findings(opened, *[LISTS] * 25)) as (_, screen):
        assert "and 5 more" in str(screen.query_one("#facts", Static).content)


async def test_hostile_titles_in_the_details_of_a_layer() -> None:
    async with main(with_findings(analyze(BUILD, keep_past=True), HOSTILE)) as (pilot, screen):
        await press(pilot, "home")
        assert r"[red]x[/foo]\x1b]0;PWNED" in str(screen.query_one("#facts", Static).content)


@pytest.mark.parametrize("error", [DamagedError("no", ""), RuntimeError("no")])
async def test_layers_are_there_even_if_the_findings_cannot_be_told(
    monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def find(_session: Session) -> Outline:
        raise error

    monkeypatch.setattr(Session, "find", find)
    app = Explorer(analyze(BUILD, keep_past=True))
    async with app.run_test(size=(80, 24)) as pilot:
        await idle(pilot)
        screens = [type(one) for one in app.screen_stack[1:]]
        await press(pilot, "F")
    assert screens == [ExplorerScreen]
    assert app.return_value is (None if isinstance(error, DamagedError) else error)


async def test_enter_leads_from_the_list_to_the_tree_and_the_view_stays_as_it_was() -> None:
    async with main(with_findings(analyze(BUILD, keep_past=True), *ALL), (80, 24)) as (pilot, screen):
        await press(pilot, "F")
        await settle(pilot)
        await press(pilot, "end", "enter")
        assert len(pilot.app.screen_stack) == 2
        path = screen.session.timeline.name(screen.files.path)
        assert (screen.layer_index, path, screen.pane) == (2, b"app/notes", "files")
        await press(pilot, "F")
        view = pilot.app.screen_stack[-1]
        assert isinstance(view, FindingsScreen)
        assert view.listed.finding is NOTES


async def test_every_finding_of_a_real_image_has_a_line() -> None:
    with open_image(str(DEMO)) as opened:
        analysis = analyze(opened, keep_past=True)
        async with findings_of(Session(analysis), size=(160, 160)) as (pilot, screen, _):
            for finding in sorted(analysis.findings, key=lambda one: one.severity == Severity.INFO):
                assert screen.listed.finding == finding
                assert details(screen)[0].startswith(" saves")
                await press(pilot, "down")
