"""What a rule is about and how it is kept, as Markdown: the first paragraph is one plain sentence."""

from typing import Final

_SAVE_WASTE = """\
Bytes that no container can see are pulled and stored all the same. The largest are listed by `layerscope
IMAGE`, and each of the `waste-…` notes names the step to change. Mostly it is one of these:

- remove files in the `RUN` that makes them, with `&&`: a later `RUN rm` hides them and saves nothing;
- copy with the right owner and mode, `COPY --chown=app:app --chmod=755`, and not `RUN chown -R` afterwards;
- keep caches out of layers: `RUN --mount=type=cache,target=/root/.npm npm ci`;
- build in one stage, and `COPY --from=build` what is needed into another."""

_REMOVE = """\
Remove them in the same `RUN` that makes them:

```dockerfile
RUN apt-get update \\
 && apt-get install -y --no-install-recommends curl \\
 && rm -rf /var/lib/apt/lists/*
```

What is only needed to build belongs into a stage of its own, or into `RUN --mount=type=cache` and
`RUN --mount=type=bind`. What `COPY` brought and nobody wants belongs into `.dockerignore`."""

_OVERWRITE = """\
Write the final content once: put the steps that write the same files into one `RUN`, copy a file only after
the last step that would replace it, or build it in another stage and `COPY --from=build` the result. Package
managers rewrite their databases with every call: call them once."""

_METADATA = """\
To change an owner, a mode or a time stores the whole file again. Set it where the file is written:

```dockerfile
COPY --chown=app:app --chmod=755 dist/ /opt/app/
```

A `RUN` sets owner and mode of what it makes itself, before it ends; or create the user first and make the
files as that user."""

_REWRITE = """\
The same bytes with the same metadata are stored twice. Take one of the two steps away: a second `COPY` of
the same files, a `chmod -R` or `chown -R` over what is right already, or an install that is repeated."""

_SHADOW = """\
One layer holds the same path more than once, which only the tool that wrote the layer can change: a script
that appends to a tar, or a builder that adds a file twice. Build the layer anew, or list the file once."""

_SLIM = """\
- Choose a smaller base image (`-slim`, `distroless`, `alpine`, `scratch`).
- Build in one stage and `COPY --from=build` only the result into the last.
- Leave out what is not needed at run time: `--no-install-recommends`, `npm ci --omit=dev`,
  `pip install --no-cache-dir`, a `.dockerignore`.

Where the bytes are is shown by `layerscope IMAGE`."""

_GROWTH = """\
The rule compares with a baseline, and the report lists the steps and paths that made the difference. If they
are meant, save a new baseline; if not, take them out:

```console
layerscope IMAGE --json baseline.json --entries
```"""

_FORBIDDEN = """\
Keep it out of the build with `.dockerignore`, give secrets with `RUN --mount=type=secret`, and leave what
only the build needs in another stage. What is meant to be there can be accepted, with a reason, in
`layerscope.toml`:

```toml
[[accept]]
rules = ["{rule}"]
paths = ["/opt/app/tests"]
reason = "the smoke test runs in the container"
```"""

_PRIVILEGES = """\
Whoever runs it gets the rights of its {whose}. Take the bit away in the `RUN` that installs it, or leave the
package out:

```dockerfile
RUN apt-get install -y --no-install-recommends util-linux && chmod {mode} /usr/bin/mount
```

What needs it can be accepted, with a reason, in `layerscope.toml`."""

_ACCEPTS = """\
An entry of `[[accept]]` hides what breaks a rule, so it should be there only as long as it is needed."""

RULE_HELP: Final = {
    rule: f"{about}\n\n{fix}"
    for rule, about, fix in (
        # dive's
        ("lowestEfficiency", "Too few of the stored bytes can be seen, by dive's figures.", _SAVE_WASTE),
        ("highestWastedBytes", "Too many bytes are stored in vain, by dive's figures.", _SAVE_WASTE),
        (
            "highestUserWastedPercent",
            "Too much of what was added to the base image is stored in vain, by dive's figures.",
            _SAVE_WASTE,
        ),
        # waste
        ("min-efficiency", "Too few of the stored bytes can be seen in a container.", _SAVE_WASTE),
        ("max-wasted-bytes", "Too many bytes are stored that no container can see.", _SAVE_WASTE),
        ("max-wasted-percent", "Too much of what is stored cannot be seen in a container.", _SAVE_WASTE),
        ("max-removed-bytes", "Too many bytes are stored in files that a later step removes.", _REMOVE),
        ("max-overwritten-bytes", "Too many bytes are stored in files that are replaced later.", _OVERWRITE),
        (
            "max-metadata-only-bytes",
            "Too many bytes are stored again for a mode, an owner, a time or an attribute.",
            _METADATA,
        ),
        ("max-rewritten-bytes", "Too many bytes are stored again without any change.", _REWRITE),
        ("max-shadowed-in-layer-bytes", "Too many bytes are stored twice in one layer.", _SHADOW),
        # size
        ("max-stored-bytes", "The image stores too many bytes.", _SLIM),
        ("max-compressed-bytes", "The image takes too many bytes to pull.", _SLIM),
        (
            "max-layer-bytes",
            "A layer stores too many bytes.",
            f"With every change it is pulled as a whole: what changes often belongs into its own.\n\n{_SLIM}",
        ),
        (
            "max-layers",
            "The image has too many layers.",
            "Put `RUN` steps that belong together into one, with `&&` or a heredoc, copy several files with "
            "one `COPY`, or choose a base image with fewer layers.",
        ),
        # contents
        (
            "forbidden-paths",
            "A container can see a path that must not be there.",
            _FORBIDDEN.format(rule="forbidden-paths"),
        ),
        (
            "forbidden-paths-ever",
            "A layer holds a path that must not be there, even if a later one removes it.",
            "Who has the image can read it out of its layer. If it is a secret, it is no longer one: replace "
            "it.\n\n" + _FORBIDDEN.format(rule="forbidden-paths-ever"),
        ),
        (
            "no-setuid",
            "A file runs with the rights of its owner.",
            _PRIVILEGES.format(whose="owner", mode="u-s"),
        ),
        (
            "no-setgid",
            "A file runs with the rights of its group.",
            _PRIVILEGES.format(whose="group", mode="g-s"),
        ),
        (
            "no-root-user",
            "The container starts as root.",
            "Make a user, and name it at the end of the Dockerfile, best by number, as Kubernetes checks "
            "numbers only:\n\n```dockerfile\nRUN useradd --uid 10001 app\nUSER 10001\n```",
        ),
        (
            "no-secrets",
            "The image holds keys, tokens or passwords, in a layer, a setting or a step.",
            "Whoever has the image has them, also if a later step deletes the file. Hand them to the build "
            "alone, and call back those that were shipped:\n\n```dockerfile\n"
            "RUN --mount=type=secret,id=npmrc,target=/root/.npmrc npm ci\n```",
        ),
        # growth
        ("max-stored-growth", "The image stores too much more than its baseline.", _GROWTH),
        ("max-wasted-growth", "The image wastes too much more than its baseline.", _GROWTH),
        ("max-compressed-growth", "The image takes too much more to pull than its baseline.", _GROWTH),
        # the list of what is accepted
        (
            "expired-accepts",
            "The time is over for which something was accepted.",
            f"{_ACCEPTS} Mend what it is about and delete the entry, or set another day.",
        ),
        (
            "unused-accepts",
            "Something is accepted that is no longer there.",
            f"{_ACCEPTS} Delete the entry.",
        ),
        # notes
        ("waste-removed", "A step removes files of an earlier one, which are shipped all the same.", _REMOVE),
        ("waste-overwritten", "A step replaces files of an earlier one, which are shipped too.", _OVERWRITE),
        (
            "waste-metadata-only",
            "A step stores files again only to change a mode, an owner, a time or an attribute.",
            _METADATA,
        ),
        (
            "waste-rewritten",
            "A step stores files again that an earlier one has stored as they are.",
            _REWRITE,
        ),
        ("waste-shadowed-in-layer", "A layer holds files more than once.", _SHADOW),
    )
}
"""By the name of the rule; those of dive, ours, and of the notes on waste."""


def help_of(rule: str) -> str:
    """The help of a rule or of a finding, as Markdown; empty where there is none."""
    if rule in RULE_HELP:
        return RULE_HELP[rule]
    from ...analysis.findings.catalogue import FAMILIES

    for family in FAMILIES:
        for member in family.members:
            if member.id == rule:
                return f"{member.title}.\n\n{member.reason}\n\n```dockerfile\n{member.fix}\n```"
    return ""


def sentence(rule: str) -> str:
    """The first paragraph of a rule's help; for a rule without help its name."""
    return help_of(rule).partition("\n\n")[0] or rule
