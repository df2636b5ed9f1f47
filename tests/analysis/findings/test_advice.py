"""The step of a finding by path, with what it lacks."""

from dataclasses import replace

from layerscope.analysis.analyze import analyze
from layerscope.analysis.findings.catalogue import PATH_RULES
from layerscope.analysis.model import BaseImage

from tests.models import layer

from .examples import BASE, built, find_files, of_files

LISTS = "var/lib/apt/lists/a:5"
ARCHIVES = "var/cache/apt/archives/a.deb:9"
MOUNTED = """\
# or with BuildKit, which keeps the cache out of the image:
RUN --mount=type=cache,target=/var/lib/apt/lists,sharing=locked \\
    --mount=type=cache,target=/var/cache/apt,sharing=locked \\
    """


def fix(identity: str, *steps: tuple[str, tuple[str, ...]]) -> str:
    image = built(*((command, layer(*files)) for command, files in steps))
    (found,) = (one for one in find_files(analyze(image)) if one.id == identity)
    return found.fix


def general(identity: str) -> str:
    return next(rule.fix for rule in PATH_RULES if rule.id == identity)


def test_a_step_cleans_up_in_its_end_or_has_its_cache_mounted() -> None:
    text = fix("apt-cache", ("RUN /bin/sh -c apt-get update && apt-get install -y vim", (LISTS, ARCHIVES)))
    assert text == (
        "RUN apt-get update && apt-get install -y vim \\\n && rm -rf /var/lib/apt/lists/* /var/cache/apt/*\n"
        + MOUNTED
        + "apt-get update && apt-get install -y vim"
    )


def test_a_step_that_only_fetches_the_lists_is_joined_with_the_one_that_needs_them() -> None:
    for update in ("apt-get update", "apt-get -qq update -y", "DEBIAN_FRONTEND=noninteractive apt update"):
        text = fix(
            "apt-cache",
            (f"RUN /bin/sh -c {update}", (LISTS,)),
            ("RUN /bin/sh -c make", ("app:3",)),
            ("RUN /bin/sh -c apt-get install -y vim", (ARCHIVES,)),
        )
        assert text == (
            f"RUN {update} \\\n && apt-get install -y vim \\\n"
            " && rm -rf /var/lib/apt/lists/* /var/cache/apt/*\n"
            f"{MOUNTED}{update} \\\n && apt-get install -y vim"
        )


def test_each_step_that_has_a_part_of_it_is_told() -> None:
    text = fix(
        "pip-cache",
        ("RUN /bin/sh -c pip install a", ("root/.cache/pip/a:500",)),
        ("RUN /bin/sh -c python -m pip install b && pip3 install c", ("root/.cache/pip/b:400",)),
        ("RUN /bin/sh -c pip install d", ("root/.cache/pip/d:9",)),
    )
    assert text == (
        "RUN pip install --no-cache-dir a\n"
        "RUN python -m pip install --no-cache-dir b && pip3 install --no-cache-dir c\n"
        "# or with BuildKit, which keeps the cache out of the image:\n"
        "RUN --mount=type=cache,target=/root/.cache/pip \\\n    pip install a\n"
        "RUN --mount=type=cache,target=/root/.cache/pip \\\n"
        "    python -m pip install b && pip3 install c"
    )


def test_where_the_option_is_there_or_does_not_fit_the_folders_are_removed() -> None:
    assert fix("pip-cache", ("RUN /bin/sh -c ./build", ("srv/.cache/pip/a:5",))).startswith(
        "RUN ./build \\\n && rm -rf /srv/.cache/pip\n"
    )
    both = "apk update && apk add vim"
    assert fix("apk-cache", (f"RUN /bin/sh -c {both}", ("var/cache/apk/a:5",))).startswith(
        f"RUN {both} \\\n && rm -rf /var/cache/apk/*\n"
    )
    assert fix(
        "apk-cache",
        ("RUN /bin/sh -c apk update", ("var/cache/apk/a:5",)),
        ("RUN /bin/sh -c apk add vim", ("usr/bin/vim:5",)),
    ).startswith("RUN apk add --no-cache vim\n# or with")


def test_what_was_copied_is_left_out_of_the_context() -> None:
    assert fix("version-control", ("COPY . /app", ("app/.git/a:5", "app/lib/.hg/a:5"))) == (
        "# in .dockerignore, beside the Dockerfile:\n**/.git\n**/.hg"
    )
    many = tuple(f"app/{n}.swp:5" for n in range(20))
    assert fix("editor-files", ("ADD . /app", many)).splitlines()[1:4] == ["**/.idea", "**/.vscode", "**/.vs"]


def test_a_step_that_only_changes_metadata_is_not_the_one() -> None:
    copied = ("root/.cache/pip/a:5#x",)
    first = ("RUN /bin/sh -c pip install a", copied)
    assert fix("pip-cache", first, ("RUN /bin/sh -c chown -R 7 /root", copied)) == fix("pip-cache", first)
    assert fix("pip-cache", ("RUN /bin/sh -c chown -R 7 /root", copied)) == general("pip-cache")


def test_without_a_step_and_for_what_a_step_cannot_remove_it_is_the_general_text() -> None:
    image = analyze(of_files((LISTS,)))
    assert [one.fix for one in find_files(image)] == [general("apt-cache")]
    pages = ("RUN /bin/sh -c apt-get install -y vim", ("usr/share/man/man1/vim.1:5000000",))
    assert fix("documentation", pages) == general("documentation")


def staged(*steps: tuple[str, tuple[str, ...]], workdir: str = "/", base: str = "") -> str:
    """The fix of headers, from `FROM` on."""
    made = built(*((command, layer(*files)) for command, files in steps))
    image = replace(made, config={"WorkingDir": workdir}, base=BaseImage(base))
    (found,) = (one for one in find_files(analyze(image)) if one.id == "headers")
    return found.fix


HEADERS = ("RUN /bin/sh -c apt-get install -y libc6-dev", ("usr/include/a.h:5000000",))
STAGE = """\
FROM BASE AS build
RUN apt-get install -y libc6-dev
# here the other steps of this Dockerfile that build
# and then, with the packages that the program needs to run and no others:
FROM BASE
"""


def test_what_only_a_build_needs_is_brought_by_the_same_steps_in_a_stage_of_its_own() -> None:
    more = ("RUN /bin/sh -c apt-get install -y libssl-dev", ("usr/include/ssl.h:2000000",))
    assert staged(HEADERS, more) == (
        STAGE.replace("libc6-dev\n", "libc6-dev\nRUN apt-get install -y libssl-dev\n")
        + "# COPY --from=build what the program needs"
    )
    copied = ("COPY include /usr/include", ("usr/include/b.h:5000000",))
    assert staged(copied) == staged(HEADERS, copied) == general("headers")


def test_of_the_stage_those_folders_are_copied_that_its_steps_wrote_to_and_no_others() -> None:
    sources = ("COPY . /srv", ("srv/a.c:5",))
    make = ("RUN /bin/sh -c make install", ("usr/local/bin/program:5", "opt/a/b:5", "var/lib/x:5", "tmp/y:5"))
    assert staged(HEADERS, sources, make) == (
        STAGE + "COPY --from=build /opt /opt\nCOPY --from=build /usr/local /usr/local"
    )
    removed = ("RUN /bin/sh -c rm -rf /opt", (".wh.opt",))
    assert staged(HEADERS, make, removed) == STAGE + "COPY --from=build /usr/local /usr/local"
    before = ("RUN /bin/sh -c true", ("opt/before:5",))
    owned = ("RUN /bin/sh -c chown -R 7 /srv", ("srv/a.c:5#x",))
    assert staged(before, HEADERS, sources, owned) == STAGE + "# COPY --from=build what the program needs"


def test_the_folder_that_the_image_works_in_is_copied_wherever_it_is() -> None:
    build = ("RUN /bin/sh -c make", ("./usr/src/app/a:5", "var/www/b:5"))
    assert staged(HEADERS, build, workdir="/usr/src/app/") == (
        STAGE + "COPY --from=build /usr/src/app /usr/src/app"
    )
    for other in ("/var", "/srv", "/usr/src/application"):
        assert staged(HEADERS, build, workdir=other) == STAGE + "# COPY --from=build what the program needs"


def test_what_is_to_stay_in_the_stage_is_not_copied_with_its_folder() -> None:
    own = ("RUN /bin/sh -c make install", ("usr/local/include/a.h:5000000", "opt/a:5"))
    text = staged(HEADERS, own).partition("# and then")[2]
    assert text.splitlines()[2:] == [
        "COPY --from=build /opt /opt",
        "# COPY --from=build what the program needs, of /usr/local",
    ]


def test_a_base_image_is_called_by_its_name_if_that_is_told() -> None:
    assert staged(HEADERS, base="debian:12").startswith("FROM debian:12 AS build\n")
    assert staged(HEADERS, base="a\nRUN b").startswith("FROM BASE AS build\n")


BYTECODE = "-xdev -type d -name __pycache__ -prune -exec rm -rf {} +"
PIP = "RUN /bin/sh -c pip install a"
STDLIB = "usr/lib/python3.11/__pycache__/os.pyc:900000"
DJANGO = "usr/local/lib/python3.11/dist-packages/django/__pycache__/a.pyc:900000"


def test_each_own_step_searches_the_folders_that_it_wrote_to_however_little_that_is() -> None:
    installed = (STDLIB, "usr/lib/python3/dist-packages/apt/__pycache__/a.pyc:500000")
    text = fix(
        "bytecode",
        ("RUN /bin/sh -c apt-get install -y python3", (*installed, "usr/share/python3/__pycache__/b.pyc:7")),
        (PIP, (DJANGO,)),
        ("RUN /bin/sh -c pip install b", ("usr/local/lib/python3.11/dist-packages/b/__pycache__/a.pyc:9",)),
    )
    assert text == (
        "ENV PYTHONDONTWRITEBYTECODE=1\n"
        "RUN apt-get install -y python3 \\\n"
        f" && find /usr/lib/python3 /usr/lib/python3.11 /usr/share/python3 {BYTECODE}\n"
        f"RUN pip install a \\\n && find /usr/local/lib/python3.11 {BYTECODE}\n"
        f"RUN pip install b \\\n && find /usr/local/lib/python3.11/dist-packages/b {BYTECODE}"
    )


def test_a_search_begins_below_what_was_there_before_or_the_folder_is_named() -> None:
    text = fix(
        "installed-tests",
        ("RUN /bin/sh -c npm install a", ("app/node_modules/a/test/b:910000",)),
        (
            "RUN /bin/sh -c npm install b",
            (
                "app/node_modules/b/lib/test/b:90000",
                "app/node_modules/b/tests/b:9",
                "app/node_modules/test/b:9",
            ),
        ),
        ("RUN /bin/sh -c npm install c", ("srv/a/node_modules/c/test/b:9", "srv/b/node_modules/c/test/b:9")),
    )
    tests = "-xdev -type d '(' -name tests -o -name test -o -name __tests__ ')' -prune -exec rm -rf {} +"
    assert text == (
        f"RUN npm install a \\\n && find /app/node_modules {tests}\n"
        f"RUN npm install b \\\n && find /app/node_modules/b {tests} && rm -rf /app/node_modules/test\n"
        f"RUN npm install c \\\n && find /srv/a/node_modules /srv/b/node_modules {tests}"
    )


def test_what_lies_among_that_of_earlier_own_steps_everywhere_is_searched_with_it_as_they_search_too() -> (
    None
):
    packages = "usr/lib/python3/dist-packages"
    one, two = (
        tuple(f"{packages}/{name}{number}/__pycache__/a.pyc:90000" for number in range(20)) for name in "ab"
    )
    steps = ("RUN /bin/sh -c apt-get install -y a", one), ("RUN /bin/sh -c apt-get install -y b", two)
    assert fix("bytecode", *steps) == (
        "ENV PYTHONDONTWRITEBYTECODE=1\n"
        f"RUN apt-get install -y a \\\n && find /usr/lib/python3 {BYTECODE}\n"
        f"RUN apt-get install -y b \\\n && find /usr/lib/python3 {BYTECODE}"
    )
    base = layer(BASE, *one)
    image = built(("RUN /bin/sh -c apt-get install -y b", layer(*two)))
    (found,) = find_files(analyze(replace(image, layers=(base, *image.layers[1:]))))
    assert found.fix == general("bytecode")


def test_what_a_step_only_gave_another_owner_is_removed_by_the_step_that_wrote_it() -> None:
    maps = tuple(f"app/node_modules/a/{number}.js.map:90000" for number in range(20))
    install = ("RUN /bin/sh -c npm install a", maps)
    owned = ("RUN /bin/sh -c chown -R 7 /app", tuple(f"{one}#x" for one in maps))
    widened = ("RUN /bin/sh -c chmod -R a+r /app", tuple(f"{one}#y" for one in maps))
    alone = "RUN npm install a \\\n && find /app/node_modules -xdev -type f -name '*.map' -delete"
    assert fix("source-maps", install) == fix("source-maps", install, owned, widened) == alone
    assert fix("source-maps", owned) == general("source-maps")


def test_what_was_copied_is_left_out_of_the_context_and_the_steps_come_first() -> None:
    copied = ("COPY . /app", ("app/__pycache__/a.pyc:400000",))
    assert fix("bytecode", copied, (PIP, (DJANGO,))) == (
        "ENV PYTHONDONTWRITEBYTECODE=1\n"
        f"RUN pip install a \\\n && find /usr/local/lib/python3.11 {BYTECODE}\n"
        "# in .dockerignore, beside the Dockerfile:\n**/__pycache__"
    )


def test_a_step_that_is_too_long_to_repeat_is_told_what_it_lacks() -> None:
    long = (f"RUN /bin/sh -c pip install {'a' * 600}", (DJANGO,))
    assert fix("bytecode", (PIP, (STDLIB,)), long).splitlines()[3:] == [
        "# at the end of the RUN of layer 2, which is not repeated here: "
        f"find /usr/local/lib/python3.11 {BYTECODE}"
    ]


def test_of_archives_those_of_the_base_image_stay_where_no_step_can_take_them_out() -> None:
    base = layer(BASE, "usr/local/lib/ruby/gems/cache/rake.gem:9")
    image = built(("RUN /bin/sh -c bundle install", layer("usr/local/bundle/cache/a.gem:9")))
    (found,) = find_files(analyze(replace(image, layers=(base, *image.layers[1:]))))
    assert found.fix == (
        "RUN bundle install \\\n && find /usr/local/bundle/cache -xdev -type f -name '*.gem' -delete"
    )


def test_no_name_that_a_shell_would_read_is_put_into_a_search() -> None:
    odd = ("usr/lib/$(id)/__pycache__/a.pyc:900000", "usr/lib/b c/__pycache__/a.pyc:900000")
    for one in odd:
        files = (one, "usr/lib/python3/__pycache__/a.pyc:900000")
        assert fix("bytecode", (PIP, files)) == general("bytecode")
    assert "find /usr/lib -xdev" in fix("bytecode", (PIP, odd))


def test_the_lines_of_a_long_step_are_broken_where_they_were() -> None:
    text = fix("logs", ("RUN /bin/sh -c make &&     make install && \t make clean", ("var/log/a:5",)))
    assert text == "RUN make \\\n && make install \\\n && make clean \\\n && find /var/log -type f -delete"
