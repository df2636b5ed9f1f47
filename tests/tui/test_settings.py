import re
from pathlib import Path

import pytest
from layerscope.errors import SettingsError
from layerscope.tui import keymap
from layerscope.tui.settings import Settings, default_file, read_settings, settings_path


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "settings.toml"


def wrong(file: Path, text: str) -> tuple[str, str]:
    """The sentence and the hint; the file's path is left out."""
    file.write_text(text)
    with pytest.raises(SettingsError) as error:
        read_settings(file)
    assert error.value.exit_code == 2
    assert str(file) in error.value.message
    return error.value.message.replace(str(file), "FILE"), error.value.hint


def test_without_a_file_everything_is_as_most_people_want_it(file: Path) -> None:
    assert read_settings(None) == read_settings(file) == Settings()
    assert Settings() == Settings("textual-dark", False, False, (), {})


def test_an_empty_file_says_nothing(file: Path) -> None:
    file.write_text("")
    assert read_settings(file) == Settings()


def test_the_file_lies_in_the_platforms_folder_for_configuration(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", "/home/me/.config")
    assert (settings_path().parent.name, settings_path().name) == ("layerscope", "settings.toml")


def test_every_setting_can_be_said(file: Path) -> None:
    file.write_text(
        """
        theme = "ansi-light"
        units = "binary"
        ascii = true
        pager = "less -R '+/a b'"
        [keys]
        filter = "Z"
        up = ["z", "ctrl+t", ";"]
        collapse_all = "ctrl+space"
        """
    )
    assert read_settings(file) == Settings(
        "ansi-light",
        True,
        True,
        ("less", "-R", "+/a b"),
        {"filter": "Z", "up": "z,ctrl+t,semicolon", "collapse_all": "ctrl+@,ctrl+space"},
    )


@pytest.mark.parametrize(("text", "needed", "is_ascii"), [
    ("", False, False), ("", True, True), ("ascii = false", True, False), ("ascii = true", False, True),
])  # fmt: skip
def test_a_plain_terminal_gets_ascii_unless_the_file_knows_better(
    file: Path, text: str, needed: bool, is_ascii: bool
) -> None:
    assert read_settings(None, ascii_only=needed).ascii_only is needed
    file.write_text(text)
    assert read_settings(file, ascii_only=needed).ascii_only is is_ascii


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ('theme = "drak"', 'FILE: theme = "drak" means nothing', r"Allowed: .*ansi-dark.*textual-light.*\."),
        ("theme = 1", "FILE: theme = 1 means nothing", "Allowed: .*"),
        ('units = "si"', 'FILE: units = "si" means nothing', 'Allowed: "decimal" or "binary"\\.'),
        ("units = []", "FILE: units = [] means nothing", "Allowed: .*"),
        ('ascii = "yes"', 'FILE: ascii = "yes" means nothing', r"Allowed: true or false\."),
        ("ascii = 1", "FILE: ascii = 1 means nothing", "Allowed: .*"),
        ("pager = true", "FILE: pager = true means nothing", r"Allowed: a command, such as .*\$PAGER\."),
        ("pager = \"less '\"", 'FILE: pager = "less \'" means nothing', r".*\(No closing quotation\)\."),
        ("keys = 1", "FILE: keys = 1 means nothing", r"Allowed: a table: \[keys\].*"),
        ("them = 1", "FILE: there is no setting 'them'", r"Did you mean theme\? There are theme, .*\."),
        ("[colors]\na = 1", "FILE: there is no setting 'colors'", r"There are theme, .*\."),
        ("keys.filter = 1", "FILE: keys.filter = 1 means nothing", "Allowed: a key, or a list of keys.*"),
        ("keys.filter = []", "FILE: keys.filter = [] means nothing", "Allowed: .*"),
        ("keys.filter = [1]", "FILE: keys.filter = [1] means nothing", "Allowed: .*"),
        ('keys.filter = "crtl+f"', "FILE: keys.filter: 'crtl+f' is no key", "Allowed: a character .*"),
        ('keys.filtr = "f"', "FILE: [keys]: there is no binding 'filtr'", r"Allowed: did you mean filter.*"),
        ('keys.filter = "w"', "FILE: [keys]: filter: 'w' is the key of waste too, on ExplorerScreen",
         r"Allowed: another key for one of them.*"),
    ],
)  # fmt: skip
def test_a_mistake_names_file_key_value_and_what_is_allowed(
    file: Path, text: str, message: str, hint: str
) -> None:
    found = wrong(file, text)
    assert found[0] == message
    assert re.fullmatch(hint, found[1])


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"theme = dark", "FILE is not TOML: .*line 1.*"),
        (b'theme = "\xff"', "FILE is not UTF-8: invalid start byte at byte 9"),
        (b"a = " + b"[" * 20_000, "FILE is not TOML: .*"),
        (b"#" * 65_537, "FILE has more than 65,536 bytes"),
    ],
)
def test_what_is_no_toml_is_one_sentence(file: Path, data: bytes, message: str) -> None:
    file.write_bytes(data)
    with pytest.raises(SettingsError) as error:
        read_settings(file)
    assert re.fullmatch(message, error.value.message.replace(str(file), "FILE"))


def test_a_folder_in_the_files_place_is_one_sentence(file: Path) -> None:
    file.mkdir()
    with pytest.raises(SettingsError, match="is not a file"):
        read_settings(file)


def test_the_default_file_changes_nothing(file: Path) -> None:
    file.write_text(default_file())
    assert read_settings(file) == Settings()


def test_the_default_file_says_how_everything_is_by_itself(file: Path) -> None:
    text = re.sub(r"^# (?=[a-z_]+ = )", "", default_file(), flags=re.MULTILINE)
    file.write_text(text)
    settings = read_settings(file)
    assert (settings.theme, settings.binary_units, settings.ascii_only, settings.pager) == (
        "textual-dark",
        False,
        False,
        (),
    )
    assert settings.keys.keys() == keymap.ids()
    assert settings.keys["filter"] == "slash,ctrl+f"
    assert 'filter = ["/", "ctrl+f"]' in text
