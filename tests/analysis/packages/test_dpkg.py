"""Packages of dpkg: what is installed, which paths are theirs, and where these are in the tree."""

from collections.abc import Mapping

from tests.analysis.packages.trees import Content, HardLink, listed, owned

HOME = "var/lib/dpkg"


def package(name: str, *more: str, version: str = "1.0", status: str = "install ok installed") -> bytes:
    lines = [f"Package: {name}", f"Status: {status}", "Architecture: amd64", f"Version: {version}", *more]
    return "\n".join([*lines, "Description: short", " long: text", ""]).encode()


def database(status: list[bytes], lists: Mapping[str, list[str]], **more: bytes) -> dict[str, Content]:
    """`/.` stands first in every list."""
    return {
        f"{HOME}/status": b"\n".join(status),
        **{
            f"{HOME}/info/{name}.list": "\n".join(["/.", *paths, ""]).encode()
            for name, paths in lists.items()
        },
        **{f"{HOME}/{name}": content for name, content in more.items()},
    }


def dpkg_only(found: dict[str, list[str]]) -> dict[str, list[str]]:
    return {name: paths for name, paths in found.items() if name.startswith("dpkg")}


def test_a_package_owns_the_files_of_its_list_that_are_there() -> None:
    files: dict[str, Content] = {"usr/bin/a": b"12345", "usr/share/a/b": b"12", "usr/lib/c": "a.so"}
    paths = ["/usr", "/usr/bin", "/usr/bin/a", "/usr/lib/c", "/usr/share/a", "/usr/share/a/b", "/usr/gone"]
    found = listed(files, database([package("a", "Installed-Size: 3")], {"a": paths}))
    assert found.packages[0]._asdict() == {
        "manager": "dpkg",
        "name": "a",
        "version": "1.0",
        "copies": 1,
        "files": 3,
        "size": 7,
        "layer": 0,
        "by_layer": ((0, 7),),
        "installed_size": 3072,
    }
    assert found.notes == ()


def test_files_are_counted_in_the_layer_that_stores_them_now() -> None:
    base = {"usr/a": b"12345", "usr/b": b"123", **database([package("p")], {"p": ["/usr/a", "/usr/b"]})}
    (one,) = listed(base, {"other": b""}, {"usr/a": b"1234567"}).packages
    assert (one.size, one.by_layer, one.layer) == (10, ((0, 3), (2, 7)), 2)
    (one,) = listed(base, {"usr/a": b"123"}).packages
    assert (one.by_layer, one.layer) == (((0, 3), (1, 3)), 1)


def test_a_package_whose_files_have_been_deleted_is_still_a_package() -> None:
    base = {"usr/a": b"12345", **database([package("p", "Installed-Size: 1")], {"p": ["/usr", "/usr/a"]})}
    (one,) = listed(base, {"usr/.wh.a": b""}).packages
    assert (one.files, one.size, one.layer, one.by_layer, one.installed_size) == (0, 0, None, (), 1024)


def test_paths_lead_through_the_links_of_a_merged_usr() -> None:
    tree: dict[str, Content] = {"bin": "usr/bin", "lib64": "/usr/lib64", "usr/bin/sh": b"1"}
    tree |= {"usr/lib64/ld.so": b"12"}
    lists = {"dash": ["/bin", "/bin/sh"], "libc6": ["/lib64", "/lib64/ld.so"]}
    found = owned(tree, database([package("dash"), package("libc6")], lists))
    assert found == {"dpkg libc6 1.0": ["usr/lib64/ld.so"], "dpkg dash 1.0": ["usr/bin/sh"]}


def test_a_link_belongs_to_the_package_that_brings_it_and_what_it_leads_to_does_not() -> None:
    tree: dict[str, Content] = {"usr/share/doc/a": "b", "usr/share/doc/b/copyright": b"1"}
    found = owned(tree, database([package("a")], {"a": ["/usr", "/usr/share/doc/a"]}))
    assert found == {"dpkg a 1.0": ["usr/share/doc/a"]}


def test_a_diverted_path_belongs_to_the_package_that_diverts_it() -> None:
    tree = {"bin/sh": b"1", "bin/sh.distrib": b"12", "bin/vi": b"123", "bin/vi.real": b"1234"}
    diversions = b"/bin/sh\n/bin/sh.distrib\ndash\n/bin/vi\n/bin/vi.real\n:\n"
    lists = {"dash": ["/bin/sh"], "bash": ["/bin/sh"], "vim": ["/bin/vi"]}
    status = [package("dash"), package("bash"), package("vim")]
    found = owned(tree, database(status, lists, diversions=diversions))
    assert found == {
        "dpkg dash 1.0": ["bin/sh"],
        "dpkg bash 1.0": ["bin/sh.distrib"],
        "dpkg vim 1.0": ["bin/vi.real"],
    }


def test_the_lists_of_several_architectures_are_told_apart() -> None:
    tree = {"lib/x86_64/z": b"123", "lib/i386/z": b"12"}
    other = package("z", "Multi-Arch: same").replace(b"amd64", b"i386")
    lists = {"z:amd64": ["/lib/x86_64/z"], "z:i386": ["/lib/i386/z"]}
    (one,) = listed(tree, database([package("z", "Multi-Arch: same"), other], lists)).packages
    assert (one.name, one.copies, one.files, one.size) == ("z", 2, 2, 5)


def test_a_removed_package_keeps_its_configuration_and_no_installed_size() -> None:
    removed = package("gone", "Installed-Size: 9", status="deinstall ok config-files")
    never = package("never", "Installed-Size: 9", status="purge ok not-installed")
    (one,) = listed(
        {"etc/gone.conf": b"12"}, database([removed, never], {"gone": ["/etc/gone.conf"]})
    ).packages
    assert (one.name, one.files, one.size, one.installed_size) == ("gone", 1, 2, None)
    assert listed(database([removed], {"gone": ["/etc/gone.conf"]})).packages == ()


def test_a_package_without_files_is_a_package() -> None:
    (one,) = listed(database([package("meta", "Installed-Size: 12")], {"meta": []})).packages
    assert (one.name, one.files, one.installed_size) == ("meta", 0, 12288)


def test_the_names_of_one_file_count_once() -> None:
    tree: dict[str, Content] = {"usr/bin/perl": b"12345", "usr/bin/perl5.36": HardLink("usr/bin/perl")}
    (one,) = listed(tree, database([package("p")], {"p": ["/usr/bin/perl", "/usr/bin/perl5.36"]})).packages
    assert (one.files, one.size) == (2, 5)


def test_a_file_that_two_packages_list_belongs_to_the_first() -> None:
    lists = {"b": ["/x"], "a": ["/x"]}
    assert owned({"x": b"1"}, database([package("b"), package("a")], lists))["dpkg b 1.0"] == ["x"]


def test_sums_stand_in_for_a_list_that_is_missing() -> None:
    database_ = database([package("a")], {}) | {f"{HOME}/info/a.md5sums": b"d41d8c  usr/bin/a b\n"}
    assert owned({"usr/bin/a b": b"1"}, database_) == {"dpkg a 1.0": ["usr/bin/a b"]}


def test_distroless_images_have_a_file_for_each_package() -> None:
    tree = {
        "usr/lib/libc.so.6": b"123",
        "usr/share/zoneinfo/UTC": b"1",
        f"{HOME}/status.d/libc6": b"Package: libc6\nVersion: 2.36\nInstalled-Size: 13000\n",
        f"{HOME}/status.d/libc6.md5sums": b"0123  usr/lib/libc.so.6\n",
        f"{HOME}/status.d/tzdata": b"Package: tzdata\nVersion: 2025a\n",
        f"{HOME}/status.d/tzdata.md5sums": b"0123  usr/share/zoneinfo/UTC\n",
    }
    assert owned(tree) == {
        "dpkg libc6 2.36": ["usr/lib/libc.so.6"],
        "dpkg tzdata 2025a": ["usr/share/zoneinfo/UTC"],
    }


def test_names_that_lead_out_of_the_root_stay_inside() -> None:
    tree: dict[str, Content] = {"etc/passwd": b"1", "out": "../../.."}
    paths = ["/../../etc/passwd", "/out/etc/passwd", "/etc/passwd/x", "/.", "//", "", "/etc/..", "/\udcff"]
    status = database([package("a")], {})
    listing = "\n".join(paths).encode("utf-8", "surrogateescape")
    assert owned(tree, status | {f"{HOME}/info/a.list": listing}) == {"dpkg a 1.0": ["etc/passwd"]}


def test_what_makes_no_sense_in_the_status_is_passed_over() -> None:
    odd = b"\n\n\n: x\nPackage\n\nPackage: \n\nVersion: 1\n\nPackage: a\nInstalled-Size: 1e3\nPackage: b\n"
    (one,) = listed({f"{HOME}/status": odd, f"{HOME}/info/a.list": b"/x\n", "x": b"12"}).packages
    assert (one.name, one.version, one.size, one.installed_size) == ("a", "", 2, None)


def test_a_database_made_of_directories_and_links_is_none() -> None:
    tree: dict[str, Content] = {f"{HOME}/status/x": b"1", f"{HOME}/info": "/", f"{HOME}/diversions/y": b"1"}
    assert listed(tree).packages == ()
    assert listed({"var/lib/dpkg": b"a file"}).packages == ()
    assert listed({"var": "var"}).packages == ()
