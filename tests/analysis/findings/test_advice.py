"""The step of a finding by path, with what it lacks."""

from layerscope.analysis.analyze import analyze
from layerscope.analysis.findings.catalogue import PATH_RULES

from tests.models import layer

from .examples import built, find_files, of_files

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


def test_what_only_a_build_needs_is_brought_by_the_same_steps_in_a_stage_of_its_own() -> None:
    headers = ("RUN /bin/sh -c apt-get install -y libc6-dev", ("usr/include/a.h:3000000",))
    more = ("RUN /bin/sh -c apt-get install -y libssl-dev", ("usr/include/ssl.h:2000000",))
    assert fix("headers", headers, more) == (
        "FROM BASE AS build\nRUN apt-get install -y libc6-dev\nRUN apt-get install -y libssl-dev\nRUN BUILD\n"
        "# with the packages that the result needs to run, and no others:\nFROM BASE\n"
        "COPY --from=build RESULT RESULT"
    )
    copied = ("COPY include /usr/include", ("usr/include/b.h:5000000",))
    assert fix("headers", copied) == fix("headers", headers, copied) == general("headers")


def test_the_lines_of_a_long_step_are_broken_where_they_were() -> None:
    text = fix("logs", ("RUN /bin/sh -c make &&     make install && \t make clean", ("var/log/a:5",)))
    assert text == "RUN make \\\n && make install \\\n && make clean \\\n && find /var/log -type f -delete"
