"""What a container may do with its files: its user, setuid and setgid, who may write."""

from collections.abc import Mapping
from dataclasses import replace

import pytest
from layerscope.analysis.analyze import analyze
from layerscope.analysis.findings.finding import Evidence, Finding, Severity
from layerscope.analysis.findings.security import find_exposures
from layerscope.analysis.model import Entry, Layer

from tests.models import entry, image, layer


def found(*layers: Layer, user: object = "1000", platform: str = "linux/amd64") -> list[Finding]:
    config: Mapping[str, object] = {"User": user}
    return list(find_exposures(analyze(replace(image(*layers), config=config, platform=platform))))


def told(*entries: Entry | str) -> list[tuple[str, Severity, list[str]]]:
    """Id, severity and paths."""
    return [
        (one.id, one.severity, [evidence.path.decode() for evidence in one.evidence])
        for one in found(layer(*entries))
    ]


@pytest.mark.parametrize("user", ["", "root", "0", "0:0", "root:wheel", None, 7])
def test_a_container_without_a_user_runs_as_root(user: object) -> None:
    (one,) = found(layer("a:1"), user=user)
    assert (one.id, one.severity, one.layers, one.evidence, one.saved) == (
        "root-user",
        Severity.LOW,
        (),
        (),
        0,
    )
    assert one.fix.splitlines()[0] == "USER 10001:10001"


@pytest.mark.parametrize("user", ["1000", "65532:65532", "nobody", "me:root", "00"])
def test_another_user_is_none_of_it(user: str) -> None:
    assert found(layer("a:1"), user=user) == []


def test_windows_has_no_root() -> None:
    assert found(layer("a:1"), user="", platform="windows/amd64") == []


def test_setuid_and_setgid_programs() -> None:
    one, two = found(
        layer("opt/"),
        layer(entry("opt/tool:9", mode=0o4755), entry("opt/other:9", mode=0o2711)),
    )
    assert one == Finding(
        "setuid-files",
        "Programs that run as their owner (setuid)",
        Severity.MEDIUM,
        (1,),
        (Evidence(b"opt/tool", 0, 1, 1, "mode 4755"),),
        0,
        0,
        "Whoever starts such a program gets the rights of its owner, root mostly, and a flaw in it hands "
        "them on. A container whose user does not change needs none.",
        "RUN chmod u-s /opt/tool\n# or, when the container starts:\n"
        "# docker run --security-opt no-new-privileges IMAGE",
    )
    assert (two.id, two.severity, two.evidence) == (
        "setgid-files",
        Severity.MEDIUM,
        (Evidence(b"opt/other", 0, 1, 1, "mode 2711"),),
    )


def test_those_of_the_distribution_are_for_information_in_its_folders_only() -> None:
    names = ["usr/bin/su:1", "bin/mount:1", "usr/sbin/unix_chkpwd:1", "usr/lib/openssh/ssh-keysign:1"]
    (one,) = found(layer(*(entry(name, mode=0o4755) for name in names)))
    assert (one.severity, one.title) == (
        Severity.INFO,
        "Programs that run as their owner (setuid), of the distribution",
    )
    others = ["usr/local/bin/su:1", "app/su:1", "su:1", "usr/bin/sush:1"]
    (one,) = found(layer(*(entry(name, mode=0o4755) for name in others)))
    assert (one.severity, len(one.evidence)) == (Severity.MEDIUM, 4)


def test_a_setuid_file_that_nobody_may_run_does_nothing() -> None:
    assert told(entry("data:1", mode=0o4644), entry("share/", mode=0o2775)) == []


def test_files_that_every_user_may_change() -> None:
    assert told(
        entry("app/run.sh:1", mode=0o777),
        entry("app/data:1", mode=0o666),
        entry("app/fine:1", mode=0o664),
        "app/link -> run.sh",
    ) == [("world-writable-files", Severity.MEDIUM, ["app/data", "app/run.sh"])]


def test_directories_without_the_sticky_bit() -> None:
    assert told(
        entry("tmp/", mode=0o1777), entry("srv/", mode=0o777), entry("var/", mode=0o775), "srv/a:1"
    ) == [("world-writable-directories", Severity.MEDIUM, ["srv"])]


def test_only_the_final_filesystem_counts() -> None:
    assert found(
        layer(entry("a:1", mode=0o4755), entry("b:1", mode=0o777), entry("c/", mode=0o777)),
        layer(".wh.a", entry("b:1", mode=0o755), entry("c/", mode=0o755)),
    ) == []  # fmt: skip


def test_a_hard_link_is_a_file_of_its_own_mode() -> None:
    assert told(entry("a:1", mode=0o4755), entry("b => a", mode=0o4755)) == [
        ("setuid-files", Severity.MEDIUM, ["a", "b"])
    ]


def test_a_path_that_is_no_plain_text_is_not_pasted_into_a_command() -> None:
    (one,) = found(layer(entry("a; rm -rf x:1", mode=0o4755)))
    assert one.fix.splitlines()[0] == "RUN chmod u-s PATHS"


def test_many_places_are_counted_and_the_first_are_named() -> None:
    (one,) = found(layer(*(entry(f"f{number:02}:1", mode=0o666) for number in range(60))))
    assert (len(one.evidence), one.more) == (50, 10)
    assert one.fix.splitlines()[1] == ("RUN chmod o-w /f00 /f01 /f02 /f03 /f04 /f05 /f06 /f07 /f08 /f09 ...")
