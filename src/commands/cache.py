"""`layerscope cache`: what is remembered of images, and how to forget it."""

import sys

import click

from ..options import SETTINGS
from ..terminal import cache_path, print_lines


@click.group(
    no_args_is_help=False,
    context_settings=SETTINGS,
    epilog="""\b
Examples:
  layerscope cache info
  layerscope cache clear
  LAYERSCOPE_CACHE_DIR=/var/tmp/layers layerscope image.tar
  layerscope image.tar --no-cache

An image or a file that is really called cache: layerscope docker://cache or layerscope ./cache
""",
)
def cache() -> None:
    """What layerscope remembers of images, so that a second look at one costs nothing.

    That is names, sizes and digests of files, never what is in them. What has not been looked at for
    longest goes first when the room is used up. LAYERSCOPE_CACHE_DIR says where it is kept.
    """


@cache.command()
def info() -> int:
    """Say where it is, and how much is in it."""
    from ..formatting import printable, size
    from ..loader.cache_folder import CacheFolder

    found = CacheFolder(cache_path()).info()
    print_lines(
        [
            f"path     {printable(str(found.path))}",
            f"entries  {found.entries:,}",
            f"size     {size(found.size)}",
            f"limit    {size(found.limit)}",
        ],
        sys.stdout,
    )
    return 0


@cache.command()
def clear() -> int:
    """Forget all of it."""
    from ..formatting import printable, size
    from ..loader.cache_folder import CacheFolder

    gone = CacheFolder(cache_path()).clear()
    entries = "1 entry" if gone.entries == 1 else f"{gone.entries:,} entries"
    line = f"{entries} of {size(gone.size)} removed from {printable(str(gone.path))}"
    print_lines([line], sys.stdout)
    return 0
