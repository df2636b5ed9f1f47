"""What a secret looks like: in the text of a command, in a variable's value, in a file's content.

Values are found, so that they can be hidden. Nothing here keeps or shows one: a `Secret` leaves its value out
of its repr. Every pattern takes time linear in the text.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice

from .secret_names import is_placeholder, is_secret

HIDDEN = "***"
"""Stands for a value."""
_LEAST_REPEATED = 6
"""Characters from which on a value is hidden wherever the text has it again; a shorter one is a word."""
_MOST_REPEATED = 200
"""Values that are looked for all over a text."""
_MOST_SECRETS = 200
"""Secrets that are told apart in one text."""


@dataclass(frozen=True, slots=True)
class Secret:
    """A value in a text."""

    kind: str
    """In words of ours, as in `GitHub token`."""
    value: str = field(repr=False)
    start: int = field(repr=False)
    """Where it stands in the text; not shown either, as the two tell how long it is."""
    end: int = field(repr=False)
    name: str = ""
    """Of the variable or option that it was given to; empty if there is none."""
    is_made: bool = False
    """Whether a machine made it, so long and random that nobody guesses it."""

    @property
    def fingerprint(self) -> str:
        """The first 8 hex digits of the SHA-256 of the value, to tell which of one's secrets it is.

        Only of a value that a machine made, and empty for others: a password that people choose could be
        found by trying words until the digits fit. Without a salt, as `printf %s VALUE | sha256sum` has it.
        """
        return self.digest.hex()[:8] if self.is_made else ""

    @property
    def digest(self) -> bytes:
        """The whole SHA-256, which tells equal values and is shown nowhere; contents come as Latin-1."""
        try:
            raw = self.value.encode("latin-1")
        except UnicodeEncodeError:
            raw = self.value.encode("utf-8", "surrogatepass")
        return hashlib.sha256(raw).digest()


_TOKENS = tuple(
    (kind, markers.split(), re.compile(rf"(?<![A-Za-z0-9]){pattern}"))
    for kind, markers, pattern in (
        ("AWS access key", "AKIA ASIA", r"(?:AKIA|ASIA)[A-Z0-9]{16}(?![A-Za-z0-9])"),
        ("GitHub token", "ghp_ gho_ ghu_ ghs_ ghr_", r"gh[pousr]_[A-Za-z0-9]{36,255}"),
        ("GitHub token", "github_pat_", r"github_pat_[A-Za-z0-9_]{22,255}"),
        ("GitLab token", "glpat-", r"glpat-[A-Za-z0-9_-]{20,255}"),
        ("Slack token", "xox", r"xox[abeoprs]-[A-Za-z0-9-]{10,255}"),
        ("Stripe key", "k_live_", r"[sr]k_live_[A-Za-z0-9]{16,255}"),
        ("Google API key", "AIza", r"AIza[A-Za-z0-9_-]{35}(?![A-Za-z0-9_-])"),
        ("npm token", "npm_", r"npm_[A-Za-z0-9]{36}(?![A-Za-z0-9])"),
        ("PyPI token", "pypi-AgE", r"pypi-AgE[A-Za-z0-9_-]{50,1000}"),
        ("Docker Hub token", "dckr_pat_", r"dckr_pat_[A-Za-z0-9_-]{20,255}"),
        ("Hugging Face token", "hf_", r"hf_[A-Za-z0-9]{34}(?![A-Za-z0-9])"),
        ("OpenAI key", "sk-proj-", r"sk-proj-[A-Za-z0-9_-]{20,255}"),
        ("Anthropic key", "sk-ant-", r"sk-ant-[A-Za-z0-9_-]{20,255}"),
        ("SendGrid key", "SG.", r"SG\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}"),
        ("DigitalOcean token", "dop_v1_", r"dop_v1_[a-f0-9]{64}"),
        ("Vault token", "hvs.", r"hvs\.[A-Za-z0-9_-]{24,255}"),
        ("Azure storage key", "AccountKey=", r"AccountKey=[A-Za-z0-9+/]{86}=="),
        (
            "JSON web token",
            "eyJ",
            r"eyJ[A-Za-z0-9_-]{10,4000}\.eyJ[A-Za-z0-9_-]{10,4000}\.[A-Za-z0-9_-]{20,1000}",
        ),
    )
)
"""Formats that tell what they are: the kind, texts of which one is in every such token, and the pattern."""

_KEY = re.compile(r"-----BEGIN ((?:[A-Z0-9]{1,12} ){0,3})PRIVATE KEY(?: BLOCK)?-----")
_HEADER = re.compile(r"[A-Za-z-]{1,20}: [^\n]{0,200}")
_BLANKS = re.compile(r"\\[nr]|[\s\"',+]*\n[\s\"'+]*|\s")
_BASE64 = re.compile(r"[A-Za-z0-9+/=]{40,}")
_OPENSSH, _OPENSSH_OPEN = "b3BlbnNzaC1rZXktdjE", "b3BlbnNzaC1rZXktdjEAAAAABG5vbmU"
"""What keys in OpenSSH's format begin with, and those of them that no passphrase protects."""

_QUOTED = r"\\?\"[^\"\n]{0,4000}\"|\\?'[^'\n]{0,4000}'"
_VALUE = rf"{_QUOTED}|[^\s\"'|&;<>()]{{1,4000}}"
_BARE = r"[\"']?([^\s\"']{1,256})"
_PATTERNS = tuple(
    (kind, marker, re.compile(pattern, re.IGNORECASE))
    for kind, marker, pattern in (
        ("password in a URL", "://", r"://[^\s/:@'\"<>]{0,64}:([^\s/@'\"<>]{1,256})@[\w\[]"),
        (
            "authorization header",
            "",
            r"\b(?:authorization|private-token|job-token|x-api-key|x-auth-token|x-vault-token)\\?[\"']?"
            r"\s{0,4}[:=]\s{0,4}\\?[\"']?(?:(?:bearer|basic|token)\s{1,4})?([^\s\"'\\]{4,4000})",
        ),
        (
            "password of curl",
            "curl",
            r"\s(?:-u|--user)[\s=]{0,4}[\"']?(?![0-9]{1,9}:)[^\s:\"']{1,64}:([^\s\"']{1,256})",
        ),
        (
            "password of a user",
            "chpasswd",
            r"[\w.-]{1,32}:([^\s\"'|:]{1,256})[\"']?\s{0,4}\|[^|\n]{0,20}\bchpasswd",
        ),
        (
            "password of a server",
            "machine",
            r"\bmachine\s{1,9}\S{1,256}\s{1,9}login\s{1,9}\S{1,256}\s{1,9}password\s{1,9}" + _BARE,
        ),
        ("password of sshpass", "sshpass", r"\bsshpass\s{1,4}-p\s{0,4}" + _BARE),
        ("password of MySQL", "mysql", r"\bmysql\w{0,9}\s[^|;&\n]{0,200}?\s-p" + _BARE),
        ("token of npm", "_auth", rf"\b_auth(?:Token)?\s{{1,4}}({_VALUE})"),
    )
)
"""Where a command has one: the kind, a text without which there is none, the value as group 1."""
_ASSIGNED = re.compile(rf"(?<![\w$.])-{{0,2}}([A-Za-z_][\w.-]{{0,99}})=({_VALUE})")
_OPTION = re.compile(rf"(?<!\S)--([A-Za-z][\w-]{{0,60}})\s{{1,4}}(?!-|\S{{0,9}}=)({_VALUE})")
_PAIR = re.compile(rf"(?<![\w.-])([A-Za-z_][\w.-]{{0,99}})\\?[\"']?\s{{0,4}}(?:=>|[:=])\s{{0,4}}({_QUOTED})")

_INSTRUCTION = re.compile(r"(?:/bin/sh -c #\(nop\)\s{1,9})?(?:ENV|ARG|LABEL)\s{1,9}")
_ARGUMENTS = re.compile(r"(?:RUN\s{1,9})?\|[0-9]{1,4}\s")
_SHELL = re.compile(r"\s/bin/\w{0,9}sh\s")
_NAMED = re.compile(r"(?:^|(?<=\s))([A-Za-z_][\w.-]{0,99})=")
_OLD_FORM = re.compile(r"([A-Za-z_][\w.-]{0,99})\s{1,9}(?=[^\s=])")


def find_tokens(text: str) -> Iterator[Secret]:
    """Values that tell by themselves what they are: private keys and tokens of well-known formats."""
    yield from _private_keys(text)
    for kind, markers, pattern in _TOKENS:
        if any(marker in text for marker in markers):
            for match in pattern.finditer(text):
                if not is_placeholder(match[0]):
                    yield Secret(kind, match[0], *match.span(), is_made=True)


def _private_keys(text: str) -> Iterator[Secret]:
    for match in _KEY.finditer(text):
        end = text.find("-----", match.end())
        raw = text[match.end() : end if end >= 0 else len(text)]
        body = _BLANKS.sub("", _HEADER.sub("", raw)).strip("\\\"'")
        if not _BASE64.fullmatch(body):
            continue
        is_protected = (
            "ENCRYPTED" in match[1]
            or "4,ENCRYPTED" in raw
            or (body.startswith(_OPENSSH) and not body.startswith(_OPENSSH_OPEN))
        )
        kind = "private key with a passphrase" if is_protected else "private key"
        yield Secret(kind, body, match.end(), match.end() + len(raw), is_made=True)


def find_in_text(text: str) -> Iterator[Secret]:
    """Secrets in a command, a step of the history or a line of a shell; some may be found twice."""
    yield from find_tokens(text)
    lower = text.lower()
    for kind, marker, pattern in _PATTERNS:
        if marker in lower:
            for match in pattern.finditer(text):
                yield from _valued(kind, match[1], match.start(1))
    yield from _listed(text)
    for pattern in (_ASSIGNED, _OPTION, _PAIR):
        for match in pattern.finditer(text):
            yield from named(match[1], match[2], match.start(2))


def distinct(secrets: Iterable[Secret]) -> tuple[Secret, ...]:
    """The secrets of one text, each once: what is found in it first, and nothing that lies within it."""
    kept: list[Secret] = []
    for secret in islice(secrets, _MOST_SECRETS):
        if all(secret.end <= one.start or one.end <= secret.start for one in kept):
            kept.append(secret)
    return tuple(kept)


def named(name: str, value: str, start: int = 0) -> Iterator[Secret]:
    """The secret that a variable of this name and value holds, if it does."""
    bare = value.strip().removeprefix("\\").strip("\"'").removesuffix("\\")
    if bare and is_secret(name, bare):
        start += value.find(bare)
        yield Secret(f"value of {name}", bare, start, start + len(bare), name)


def _valued(kind: str, value: str, start: int) -> Iterator[Secret]:
    bare = value.strip("\"'")
    if not is_placeholder(bare):
        start += value.find(bare)
        yield Secret(kind, bare, start, start + len(bare))


def _listed(text: str) -> Iterator[Secret]:
    """Of ENV, ARG, LABEL and the arguments of a build, whose values may hold blanks.

    Each goes up to the next name, or to the shell that runs the step.
    """
    match = _INSTRUCTION.match(text) or _ARGUMENTS.match(text)
    if match is None:
        return
    shell = _SHELL.search(text, match.end()) if "|" in match[0] else None
    end = shell.start() if shell else len(text)
    names = list(_NAMED.finditer(text, match.end(), end))
    if not names and (old := _OLD_FORM.match(text, match.end())):
        yield from named(old[1], text[old.end() : end], old.end())
    ends = [*(pair.start() for pair in names[1:]), end]
    for pair, stop in zip(names, ends, strict=False):  # without names there is one end too many
        yield from named(pair[1], text[pair.end() : stop], pair.end())


def mask(text: str, also: Iterable[str] = ()) -> str:
    """A command or other text of an image with `***` for every value of a secret that is found in it.

    A value that is found once is hidden wherever else the text has it, and so are those of `also`, but for
    short ones, which may be words of any text. To mask twice changes nothing.
    """
    spans = [(secret.start, secret.end) for secret in find_in_text(text)]
    values = dict.fromkeys((*(text[start:end] for start, end in spans), *also))
    for value in islice(values, _MOST_REPEATED):
        if len(value) >= _LEAST_REPEATED:
            place = text.find(value)
            while place >= 0:
                spans.append((place, place + len(value)))
                place = text.find(value, place + len(value))
    pieces, position = [], 0
    for start, end in sorted(spans):
        if start >= position:
            pieces += [text[position:start], HIDDEN]
        position = max(position, end)
    return "".join((*pieces, text[position:]))


def mask_value(name: str, value: str) -> str:
    """The value of a variable or label as a report may show it: hidden, or masked as `mask` does."""
    return HIDDEN if any(named(name, value)) else mask(value)
