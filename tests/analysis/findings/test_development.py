"""What Node.js projects have for development: by npm's lock in bytes, and in no other finding."""

import json
from collections.abc import Mapping, Sequence

import pytest
from layerscope.analysis.analyze import Analysis
from layerscope.analysis.findings import development_files
from layerscope.analysis.findings.development import DEVELOPMENT
from layerscope.analysis.findings.development_files import take_development
from layerscope.analysis.findings.finding import Evidence, Finding, Saving, Severity
from layerscope.analysis.findings.search import find_all
from layerscope.analysis.findings.unpacking import FREE
from layerscope.analysis.findings.what_if import what_if
from layerscope.analysis.model import Layer

from tests.models import layer

from .held import Files, held, measured
from .test_node_lock import lock, manifest, needs

BASE = layer("bin/sh:100000000")
INSTALL = "RUN npm install"
PACKAGES: Mapping[str, object] = {
    "react": needs("shared"),
    "shared": needs(),
    "webpack": needs("acorn", "shared"),
    "acorn": needs("shared"),
    "acorn/node_modules/shared": needs(),
}
WANTED = manifest("react", "webpack")
SIZES = {
    "react/index.js": 1_000_000,
    "shared/index.js": 400_000,
    "webpack/lib/index.js": 3_000_000,
    "webpack/lib/index.js.map": 2_000_000,
    "acorn/index.js": 500_000,
    "acorn/node_modules/shared/index.js": 70_000,
}
UNNEEDED = 5_570_000


def project(
    packages: Mapping[str, object] = PACKAGES,
    beside: bytes | None = WANTED,
    sizes: Mapping[str, int] = SIZES,
    *,
    at: str = "app",
) -> dict[str, bytes]:
    """What npm leaves in the folder of a project; all files are different."""
    files = {f"{at}/node_modules/.package-lock.json": lock(packages)}
    if beside is not None:
        files[f"{at}/package.json"] = beside
    return files | {
        path: path.encode().ljust(size, b".")
        for path, size in ((f"{at}/node_modules/{name}", size) for name, size in sizes.items())
    }


def installed(
    *layers: Layer,
    steps: Sequence[str] = (INSTALL,),
    base: Layer = BASE,
    config: Mapping[str, object] | None = None,
) -> Analysis:
    return measured(base, *layers, steps=("ADD rootfs.tar /", *steps), config=config)


def told(analysis: Analysis) -> list[Finding]:
    return [one for one in find_all(analysis) if one.id == "development-dependencies"]


def only(analysis: Analysis) -> Finding:
    (one,) = told(analysis)
    return one


def saved(*layers: Layer, base: Layer = BASE) -> list[int]:
    return [one.saved for one in told(installed(*layers, base=base))]


def test_the_bytes_are_those_of_the_folders_that_only_tools_lead_to() -> None:
    one = only(installed(held(project())))
    assert (one.saved, one.layers, one.severity, one.more) == (UNNEEDED, (1,), Severity.MEDIUM, 0)
    assert one.savings == (Saving(1, UNNEEDED, UNNEEDED),)
    assert one.evidence == (
        Evidence(b"app/node_modules/webpack", 5_000_000, 2, 1),
        Evidence(b"app/node_modules/acorn", 500_000, 1, 1, "for webpack"),
        Evidence(b"app/node_modules/acorn/node_modules/shared", 70_000, 1, 1, "for webpack"),
    )
    assert one.reason == DEVELOPMENT.reason


def test_a_project_that_was_installed_without_has_no_finding_whatever_its_packages_are_called() -> None:
    packages = {"react": needs("@babel/core", "typescript"), "@babel/core": needs(), "typescript": needs()}
    sizes = {"react/a.js": 1_000_000, "@babel/core/a.js": 2_000_000, "typescript/a.js": 3_000_000}
    assert saved(held(project(packages, manifest("react"), sizes))) == []


def test_marks_are_enough_and_a_project_may_lie_at_the_root() -> None:
    packages = {**PACKAGES, "react": needs(dev=True)}
    files = {path.removeprefix("app/"): text for path, text in project(packages, None).items()}
    assert only(installed(held(files))).evidence == (Evidence(b"node_modules/react", 1_000_000, 1, 1),)


def test_no_other_finding_has_one_of_these_bytes() -> None:
    found = {one.id: one.saved for one in find_all(installed(held(project())))}
    assert "source-maps" not in found
    found = {one.id: one.saved for one in find_all(installed(held(project(beside=manifest("webpack")))))}
    assert "source-maps" not in found
    needed = find_all(installed(held(project(beside=manifest("react", a="b") + b" "))))
    assert {one.id: one.saved for one in needed}["source-maps"] == 2_000_000


def test_copies_out_of_reach_are_for_others_and_the_sums_agree() -> None:
    again = held({path: text for path, text in project().items() if "webpack" in path})
    analysis = installed(held(project()), again, steps=(INSTALL, "RUN touch /app/node_modules/webpack"))
    one = only(analysis)
    assert one.savings == (Saving(2, 5_000_000, 5_000_000), Saving(1, 570_000, 570_000))
    found = find_all(analysis)
    assert sum(one.saved - sum(part.live for part in one.savings) for one in found) == analysis.totals.wasted
    after = what_if(analysis, found)
    assert after.saved == sum(one.saved for one in found)
    assert min(*after.after, after.minimum) >= 0


def test_what_was_taken_before_is_taken_once() -> None:
    analysis = installed(held(project()))
    paths = [entry.name for entry in analysis.layers[1].layer.entries]
    webpack = paths.index(b"app/node_modules/webpack/lib/index.js")
    found = take_development(analysis, {1: {webpack}})
    assert [one.pile.size for one in found.projects] == [UNNEEDED - 3_000_000]
    assert webpack not in found.taken[1]


def test_each_project_is_told_for_itself_and_little_is_not_worth_a_word() -> None:
    few = {"react/index.js": 1, "webpack/index.js": 99_999}
    files = project() | project(at="srv/other") | project(at="srv/small", sizes=few)
    first, second = told(installed(held(files)))
    assert (first.evidence[0].path, second.evidence[0].path) == (
        b"app/node_modules/webpack",
        b"srv/other/node_modules/webpack",
    )
    few["webpack/index.js"] += 1
    assert saved(held(project(at="srv/small", sizes=few))) == [100_000]


def test_a_file_with_a_name_elsewhere_would_stay() -> None:
    path = "app/node_modules/webpack/lib/index.js"
    assert saved(held(project(), f"srv/a.js => {path}")) == [UNNEEDED - 3_000_000]
    assert saved(held(project(), f"app/node_modules/webpack/a.js => {path}")) == [UNNEEDED]


NAMED = 5_000_000
"""Bytes of the folder of webpack alone."""
BROKEN = {"app/node_modules/.package-lock.json": b"[" * 100_000}
GONE = {"app/node_modules/.package-lock.json": lock({"eslint": needs()})}


@pytest.mark.parametrize(
    "made",
    [
        held({path: text for path, text in project().items() if ".package-lock" not in path}),
        held({path: text for path, text in project().items() if not path.endswith("package.json")}),
        held(project() | BROKEN),
        held(project() | GONE),
        held({f"{path}/x" if "lock" in path else path: text for path, text in project().items()}),
        held(project(), packed=0),
        held(project(), packed=FREE * 3),
    ],
    ids=["no-lock", "no-manifest", "hostile", "of-another-time", "a-directory", "gone-by", "packed"],
)
def test_without_a_lock_the_folders_of_tools_are_told_by_their_names(made: Layer) -> None:
    one = only(installed(made, base=held({"bin/sh": "1"})))
    assert (one.saved, one.fix) == (NAMED, DEVELOPMENT.fix)
    assert one.evidence == (Evidence(b"app/node_modules/webpack", NAMED, 2, 1),)
    assert one.reason.endswith("is not counted, as npm's lock is not there to tell it.")


def test_names_go_by_scopes_too_and_by_every_folder_of_modules() -> None:
    store = "app/node_modules/.pnpm/typescript@5/node_modules/typescript"
    files: Files = {
        "app/node_modules/@types/node/index.d.ts": b"1" * 50_000,
        "app/node_modules/@babel/runtime/index.js": b"2" * 50_000,
        f"{store}/lib/tsc.js": b"3" * 60_000,
        f"{store}/node_modules/typescript/a.js": b"4" * 7,
        "app/typescript/a.js": b"5" * 900_000,
        "app/node_modules/express/index.js": b"6" * 900_000,
        "app/node_modules/webpack": b"7" * 900_000,
    }
    assert only(installed(held(files))).evidence == (
        Evidence(store.encode(), 60_007, 2, 1),
        Evidence(b"app/node_modules/@types/node", 50_000, 1, 1),
    )


def test_what_a_lock_tells_of_does_not_go_by_names_too() -> None:
    nested = {"react/index.js": 1_000_000, "react/node_modules/typescript/a.js": 2_000_000}
    assert saved(held(project(sizes=nested))) == []
    inner = lock({"typescript": needs(dev=True)})
    files = project(sizes=nested) | {"app/node_modules/react/node_modules/.package-lock.json": inner}
    assert saved(held(files)) == []
    workspace = {**PACKAGES, "packages/a/node_modules/typescript/": needs()}
    files = project(workspace) | {"app/packages/a/node_modules/typescript/a.js": b"." * 900_000}
    assert saved(held(files)) == [UNNEEDED]


def test_paths_of_a_lock_stay_in_the_project() -> None:
    odd = "../../srv/node_modules/a/", "/srv/node_modules/a/", "node_modules/../a/", "src/", "node_modules/"
    packages = {**PACKAGES, **{path: needs(dev=True) for path in odd}, "\ud800": needs(dev=True)}
    files = project(packages) | {"srv/node_modules/lone/a.js": b"." * 900_000, "app/src/a.js": b"-" * 900_000}
    assert saved(held(files)) == [UNNEEDED]
    linked = {path: text for path, text in project().items() if "webpack" not in path}
    assert saved(held(linked, "app/node_modules/webpack -> /")) == [570_000]


def test_locks_of_many_projects_are_not_all_read(monkeypatch: pytest.MonkeyPatch) -> None:
    files = project() | project({**PACKAGES, "more": needs()}, at="srv")
    monkeypatch.setattr(development_files, "MAX_PROJECTS", 1)
    assert saved(held(files)) == [UNNEEDED, NAMED]
    monkeypatch.setattr(development_files, "_MOST", 100)
    assert saved(held(files)) == [2 * NAMED]


def test_what_was_kept_of_a_layer_that_has_gone_by_is_enough() -> None:
    files = project()
    kept = [number for number, path in enumerate(files) if path.endswith(".json")]
    made = held(files, packed=0, kept=kept)
    assert saved(made, base=held({"bin/sh": "1"}, packed=0)) == [UNNEEDED]


MOVED = (
    "# once, in the folder of package.json and package-lock.json (which the image has in /app):\n"
    "#   npm install --package-lock-only --save-dev webpack@1.2.3\n"
)
INSTALLED = "COPY package.json package-lock.json ./\nRUN npm ci --omit=dev"
MARKED = {**PACKAGES, "webpack": needs(dev=True)}


@pytest.mark.parametrize(
    ("packages", "steps", "fix"),
    [
        (
            PACKAGES,
            ["RUN npm init -y && npm install webpack react"],
            f"{MOVED}WORKDIR /app\n{INSTALLED}\n# and without: RUN npm init -y && npm install webpack react",
        ),
        (PACKAGES, ["RUN npm install"], f"{MOVED}RUN npm install --omit=dev"),
        (PACKAGES, ["RUN npm ci --omit=dev"], f"{MOVED}RUN npm ci --omit=dev"),
        (MARKED, ["RUN npm ci"], "RUN npm ci --omit=dev"),
        (
            MARKED,
            ["RUN cd /app &&  npm i --no-audit && rm -rf /tmp/*"],
            "RUN cd /app \\\n && npm i --no-audit --omit=dev && rm -rf /tmp/*",
        ),
        (MARKED, ["RUN npm ci && npm run build"], "RUN npm ci && npm run build \\\n && npm prune --omit=dev"),
        (
            MARKED,
            ["RUN npm ci", "RUN npm run build"],
            "# and what builds with them in a stage of its own:\nRUN npm ci --omit=dev",
        ),
        (
            MARKED,
            ["COPY /src /app # buildkit"],
            "# with node_modules in .dockerignore; or in the stage it is copied from, behind the build:\n"
            f"# RUN npm prune --omit=dev\nWORKDIR /app\n{INSTALLED}",
        ),
        (MARKED, ["RUN make"], f"WORKDIR /app\n{INSTALLED}\n# and without: RUN make"),
        (MARKED, [""], f"WORKDIR /app\n{INSTALLED}"),
    ],
)
def test_the_fix_is_the_step_that_installs_without_them(
    packages: Mapping[str, object], steps: list[str], fix: str
) -> None:
    layers = [held(project(packages)), *(layer(f"dist{n}:1") for n in range(len(steps) - 1))]
    assert only(installed(*layers, steps=steps)).fix == fix


def test_the_fix_is_for_the_step_that_wrote_the_lock_and_not_for_one_that_copied_it() -> None:
    made = held(project(MARKED))
    analysis = installed(made, made, steps=("RUN npm ci", "RUN chown -R 9 /app"))
    assert (only(analysis).layers, only(analysis).fix) == ((2,), "RUN npm ci --omit=dev")


def test_the_folder_is_named_where_the_image_does_not_start_in_it() -> None:
    made = held(project(MARKED))
    assert only(installed(made, steps=["RUN make"], config={"WorkingDir": "/app/"})).fix == (
        f"{INSTALLED}\n# and without: RUN make"
    )
    elsewhere = only(installed(made, steps=["RUN make"], config={"WorkingDir": []}))
    assert elsewhere.fix.startswith("WORKDIR /app\n")
    hostile = held(project(MARKED, at="app\nRUN reboot"))
    assert "reboot" not in only(installed(hostile, steps=["RUN make"])).fix


def test_of_a_base_image_it_is_the_base_images_to_change() -> None:
    assert only(installed(layer("a:1"), base=held(project(MARKED)))).fix.startswith(
        "# in the Dockerfile of the base image:\n"
    )


def test_a_tool_of_another_kind_than_a_version_is_moved_by_hand() -> None:
    beside = json.dumps({"dependencies": {"webpack": "github:a/b", "react": "1"}}).encode()
    assert only(installed(held(project(beside=beside)))).fix == (
        "# once, in package.json: all tools moved from dependencies to devDependencies; and then\n"
        "#   npm install --package-lock-only\nRUN npm install --omit=dev"
    )
