"""Copies that no container sees, the step they are found at, and what to write instead."""

from layerscope.analysis.analyze import analyze
from layerscope.analysis.findings.finding import Evidence, Finding, Severity
from layerscope.analysis.model import Entry

from tests.models import entry, layer

from .examples import built, find_files

COPY_APP = "COPY app/ /app/"
BUILD = "RUN /bin/sh -c make -C /src"


def found(*steps: tuple[str, tuple[str, ...]]) -> list[Finding]:
    """The findings of steps and their files; `name@mode` and `name@mode@uid` are files with these."""
    return list(
        find_files(analyze(built(*((command, layer(*map(_item, files))) for command, files in steps))))
    )


def _item(file: str) -> str | Entry:
    name, *rest = file.split("@")
    return entry(name, int(rest[0], 8), *map(int, rest[1:])) if rest else file


def told(one: Finding) -> tuple[str, str, int, tuple[int, ...], str]:
    return one.id, one.title, one.saved, one.layers, one.fix


def test_what_is_deleted_is_told_by_the_folder_that_the_step_removes() -> None:
    (one,) = found(
        (BUILD, ("src/a.o:5000000", "src/sub/b.o:2000000")),
        ("RUN /bin/sh -c rm -rf /src", (".wh.src",)),
    )
    assert told(one) == (
        "deleted-later",
        "Deleted in a later step",
        7_000_000,
        (2, 1),
        "RUN make -C /src \\\n && rm -rf /src\n# and without: RUN rm -rf /src",
    )
    assert (one.evidence, one.more) == ((Evidence(b"src", 7_000_000, 2, 1),), 0)
    assert one.severity is Severity.MEDIUM


def test_what_is_copied_and_deleted_is_left_out_of_the_context() -> None:
    (one,) = found(
        (COPY_APP, ("app/secret/a:2000000",)), ("RUN /bin/sh -c rm -rf /app/secret", ("app/.wh.secret",))
    )
    assert one.fix == (
        "# in .dockerignore, beside the Dockerfile:\n**/secret\n# and without: RUN rm -rf /app/secret"
    )


def test_what_another_step_moves_or_uninstalls_wants_one_step() -> None:
    (one,) = found(
        ("RUN /bin/sh -c apt-get install -y gcc", ("usr/bin/tool:2000000",)),
        (BUILD, ("app/a:5",)),
        ("RUN /bin/sh -c apt-get purge -y gcc", ("usr/bin/.wh.tool",)),
    )
    assert one.fix == (
        "# one step instead of several:\nRUN apt-get install -y gcc \\\n && apt-get purge -y gcc\n"
        "# with what needs it between them"
    )
    (one,) = found((BUILD, ("src/a:2000000",)), ("RUN /bin/sh -c mv /src/a /a", ("src/.wh.a", "a:2000000")))
    assert one.fix == "# one step instead of several:\nRUN make -C /src \\\n && mv /src/a /a"


def test_an_opaque_directory_removes_all_in_it() -> None:
    (one,) = found((BUILD, ("src/a:2000000",)), ("COPY x /src", ("src/.wh..wh..opq", "src/x:1")))
    assert (one.id, one.evidence) == ("deleted-later", (Evidence(b"src", 2_000_000, 1, 1),))


def test_what_was_written_again_and_then_deleted_is_all_of_the_deletion() -> None:
    (one,) = found((BUILD, ("a:2000000",)), (BUILD, ("a:2000001",)), ("RUN /bin/sh -c rm /a", (".wh.a",)))
    assert (one.id, one.saved, one.layers) == ("deleted-later", 4_000_001, (3, 2, 1))


def test_what_is_still_there_is_not_deleted() -> None:
    assert found((BUILD, ("a:2000000",)), ("RUN /bin/sh -c rm /b", (".wh.b",))) == []


def test_files_of_the_base_image_that_are_deleted_want_another_one() -> None:
    (one,) = found(("RUN /bin/sh -c rm -rf /bin/program", ("bin/.wh.program",)))
    assert one.fix == (
        "# in the Dockerfile of the base image:\n"
        "FROM BASE AS full\nRUN rm -rf /bin/program\nFROM scratch\nCOPY --from=full / /\n"
        "# and without: RUN rm -rf /bin/program"
    )


def test_of_a_removal_of_several_commands_each_has_to_succeed() -> None:
    later = "find / -name '*.pyc' -delete; rm -rf /src"
    (one,) = found((BUILD, ("src/a:2000000",)), (f"RUN /bin/sh -c {later}", (".wh.src",)))
    assert one.fix == f"# one step instead of several:\nRUN make -C /src \\\n && {{ {later}; }}"


def test_a_chown_of_what_was_copied_is_an_option_of_the_copy() -> None:
    (one,) = found(
        (COPY_APP, ("app/a:2000000",)),
        ("RUN /bin/sh -c chown -R 1000:1000 /app", ("app/a:2000000@644@1000",)),
    )
    assert told(one) == (
        "copied-for-metadata",
        "Copied to change owner",
        2_000_000,
        (2, 1),
        "COPY --chown=1000:1000 app/ /app/\n# and without: RUN chown -R 1000:1000 /app",
    )


def test_a_chmod_belongs_to_the_step_that_wrote_the_files() -> None:
    (one,) = found((BUILD, ("app/a:2000000",)), ("RUN /bin/sh -c chmod 0755 /app/a", ("app/a:2000000@755",)))
    assert told(one)[1] == "Copied to change mode"
    assert one.fix == "RUN make -C /src \\\n && chmod 0755 /app/a\n# and without: RUN chmod 0755 /app/a"


def test_of_several_steps_each_is_told_and_changes_only_what_it_has_to() -> None:
    (one,) = found(
        (COPY_APP, ("app/a:2000000",)),
        (BUILD, ("app/b:3000000",)),
        ("RUN /bin/sh -c chown -R 7:8 /app", ("app/a:2000000@644@7", "app/b:3000000@644@7")),
    )
    assert one.fix == (
        "COPY --chown=7:8 app/ /app/\n"
        "RUN make -C /src \\\n && find /app ! -user 7 -exec chown -h 7:8 {} +\n"
        "# and without: RUN chown -R 7:8 /app"
    )


def test_a_mode_that_copy_cannot_set_is_set_before() -> None:
    (one,) = found(
        (COPY_APP, ("app/a:2000000",)), ("RUN /bin/sh -c chmod -R a+x /app", ("app/a:2000000@755",))
    )
    assert one.fix == (
        "# in the folder that is built from, as COPY keeps the mode: chmod a+x\n"
        "# and without: RUN chmod -R a+x /app"
    )


def test_what_had_the_metadata_already_is_told_with_what_had_not() -> None:
    (one,) = found(
        (BUILD, ("app/a:3000000", "app/b:2000000@644@7")),
        ("RUN /bin/sh -c chown -R 7 /app", ("app/a:3000000@644@7", "app/b:2000000@644@7")),
    )
    assert (one.id, one.saved) == ("copied-for-metadata", 5_000_000)


def test_what_changes_nothing_can_be_left_out() -> None:
    (one,) = found((BUILD, ("a:2000000",)), ("RUN /bin/sh -c chmod -R a+rX /a", ("a:2000000",)))
    assert told(one) == (
        "rewritten",
        "Written again with nothing new",
        2_000_000,
        (2, 1),
        "# it changes nothing, and can be left out; or:\n"
        "RUN find /a ! -type l '(' -type d -o ! -perm -a+r ')' -exec chmod a+rX {} +",
    )
    (one,) = found((BUILD, ("a:2000000",)), ("RUN /bin/sh -c pip install -I x", ("a:2000000",)))
    assert one.fix == "# the files are there already; without: RUN pip install -I x"


def test_what_two_steps_write_wants_one() -> None:
    (one,) = found((BUILD, ("a:2000000",)), ("RUN /bin/sh -c patch /a", ("a:2000009",)))
    assert told(one) == (
        "overwritten",
        "Overwritten by a later step",
        2_000_000,
        (2, 1),
        "# one step instead of several:\nRUN make -C /src \\\n && patch /a",
    )


def test_what_the_base_image_has_of_it_no_step_can_spare() -> None:
    note = "# of the base image: another one, or the change where the container starts"
    (one,) = found(("RUN /bin/sh -c patch /bin/*", ("bin/program:5",)))
    assert (one.saved, one.layers, one.fix) == (100_000_000, (1, 0), note)
    (one,) = found((BUILD, ("a:9000000",)), ("RUN /bin/sh -c patch /a", ("a:2000009", "bin/program:5")))
    assert one.layers == (2, 0, 1)
    assert one.fix == f"{note}\n# one step instead of several:\nRUN make -C /src \\\n && patch /a"


def test_little_of_it_is_for_information() -> None:
    (one,) = found((BUILD, ("a:999999",)), ("RUN /bin/sh -c patch /a", ("a:1",)))
    assert one.severity is Severity.INFO


def test_a_path_that_is_twice_in_one_layer_is_the_builders() -> None:
    (one,) = found((BUILD, ("a:2000000", "a:5")))
    assert (one.id, one.saved, one.layers) == ("twice-in-one-layer", 2_000_000, (1,))


def test_a_command_is_repeated_only_if_it_can_be_written_so() -> None:
    for command in (
        "RUN <<EOF\nmake\nEOF",
        "RUN /bin/sh -c make \x1b[1m",
        "RUN --network=none x",
        "RUN sleep 9 &",
    ):
        (one,) = found((command, ("a:2000000",)), ("RUN /bin/sh -c rm /a", (".wh.a",)))
        assert one.fix == "RUN COMMAND \\\n && rm -rf PATHS\n# and without: RUN rm -rf PATHS", command


def test_a_path_that_is_none_for_a_shell_is_not_written() -> None:
    (one,) = found((BUILD, ("$(reboot):2000000", "a b:5000000")), (BUILD, (".wh.$(reboot)", ".wh.a b")))
    assert "reboot" not in one.fix
    (one,) = found((BUILD, ("$(reboot):2000000",)), ("RUN /bin/sh -c rm -rf /$*", (".wh.$(reboot)",)))
    assert one.fix == "RUN make -C /src \\\n && rm -rf /$*\n# and without: RUN rm -rf /$*"


def test_thousands_of_files_are_told_by_their_directories() -> None:
    files = tuple(f"app/lib/{n % 60}/{n}:1000" for n in range(3000))
    (one,) = found((BUILD, files), ("RUN /bin/sh -c chmod -R u+w /app", files))
    assert one.evidence == (Evidence(b"app/lib", 3_000_000, 3000, 1),)
    assert one.more == 0
