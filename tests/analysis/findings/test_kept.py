"""Which files the findings ask a loader to keep."""

import pytest
from layerscope.analysis.findings.kept import is_kept


@pytest.mark.parametrize(
    ("name", "size", "kept"),
    [
        (b"var/lib/dpkg/status", 4_000_000, True),
        (b"./var/lib/dpkg/status", 4_000_000, True),
        (b"var/lib/dpkg/diversions", 100, True),
        (b"var/lib/apt/extended_states", 100, True),
        (b"lib/apk/db/installed", 100_000, True),
        (b"var/lib/dpkg/info/libc6:amd64.list", 10_000, True),
        (b"var/lib/dpkg/status", 9_000_000, False),
        (b"var/lib/dpkg/info/libc6:amd64.md5sums", 10_000, False),
        (b"var/lib/dpkg/status-old", 100, False),
        (b"srv/status", 100, False),
        (b"etc/apt/sources.list", 100, False),
        (b"app/.env", 20, True),
        (b".npmrc", 20, True),
        (b"root/.ssh/config", 20, True),
        (b"etc/ssl/private/any.name", 20, True),
        (b"srv/tls.key", 20, True),
        (b"etc/ssh/ssh_host_rsa_key.pub", 400, False),
        (b"app/.env", 300_000, False),
        (b"app/node_modules/.package-lock.json", 8_000_000, True),
        (b"./node_modules/.package-lock.json", 100, True),
        (b"app/package.json", 1000, True),
        (b"package.json", 1000, True),
        (b"app/node_modules/.package-lock.json", 9_000_000, False),
        (b"app/.package-lock.json", 100, False),
        (b"app/node_modules/a/node_modules/.package-lock.json", 100, False),
        (b"app/node_modules/a/package.json", 1000, False),
        (b"usr/share/nodejs/a/package.json", 1000, False),
        (b"app/package.json", 300_000, False),
        (b"usr/bin/python3.11", 7_000_000, False),
        (b"", 1, False),
    ],
)
def test_databases_of_packages_locks_of_projects_and_what_may_hold_secrets_by_its_name(
    name: bytes, size: int, kept: bool
) -> None:
    assert is_kept(name, size) is kept
