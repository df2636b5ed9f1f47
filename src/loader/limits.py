"""What no real image exceeds: the bounds that keep a hostile one from eating memory or time."""

MAX_PATH = 4096
"""Bytes of a path or a link target: Linux' PATH_MAX, beyond which no engine can unpack a layer."""

MAX_SPECIAL = 1 << 20
"""Bytes of a PAX header or a GNU long name, as in Go's archive/tar, which every engine reads with."""

MAX_FILE = 16 << 40
"""Bytes a sparse file may claim to have: 16 TiB, the largest file of ext4."""

MAX_ENTRIES = 10_000_000
"""Entries of one tar, and of all layers of an image together."""

MAX_METADATA = 512 << 20
"""Bytes of PAX headers, long names and sparse maps of one tar, and what is kept of them. A million entries
with times and security labels have a third of it."""

MAX_PADDING = 64 << 20
"""Bytes after a tar's end marker. GNU tar pads to 10 KiB; nobody pads to megabytes."""

MAX_JSON = 16 << 20
"""Bytes of a manifest, index or config. Engines refuse manifests of more than 4 MiB."""

MAX_JSON_TOTAL = 64 << 20
"""Bytes of all documents kept while an archive streams by, before it is known which ones matter."""

MAX_JSON_DEPTH = 100
"""Arrays and objects within each other. A config has four levels; a writer must be able to follow."""

MAX_MANIFESTS = 100_000
"""Manifests and indexes that are looked at before an image is chosen."""

MAX_LISTED = 50
"""Images or platforms that an error lists."""

MAX_INDEX_DEPTH = 8
"""Indexes within indexes."""

MAX_LINKS = 40
"""Symbolic links followed for one path (Linux' MAXSYMLINKS)."""

BOMB_BYTES = 16 << 30
BOMB_RATIO = 1000
"""A blob that gives more than `BOMB_BYTES` and more than `BOMB_RATIO` times its own size is a bomb.
gzip cannot exceed 1,032; an image with 16 GB of nothing but zeros is not one to measure."""

MAX_KEPT = 32 << 20
"""Bytes of small files that are kept of an image. The lists of a desktop's packages have ten million."""

MAX_ANSWER = 64 << 20
"""Bytes of what an engine tells of its images. Ten thousand of them have 10 MB."""
