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
        (b"usr/bin/python3.11", 7_000_000, False),
        (b"", 1, False),
    ],
)
def test_databases_of_packages_and_what_may_hold_secrets_by_its_name(
    name: bytes, size: int, kept: bool
) -> None:
    assert is_kept(name, size) is kept
