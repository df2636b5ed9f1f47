"""Which variables hold secrets by their names, and which values are none: placeholders, paths, references."""

import re

_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_SURE = (
    "PASSWORD",
    "PASSWD",
    "PASSPHRASE",
    "SECRET",
    "TOKEN",
    "APIKEY",
    "SECRETKEY",
    "ACCESSKEY",
    "PRIVATEKEY",
)
"""What ends the last word of a name whose value is a secret, whatever it is: `DBPASSWORD`, `NPM_TOKEN`."""
_SURE_WORDS = frozenset(("PASSWORDS", "SECRETS", "CREDENTIAL", "CREDENTIALS"))
_PASSWORDS = frozenset(("PASS", "PWD"))
"""Words that mean a password behind another one; alone they are a directory."""
_PUBLIC = frozenset(
    ("PUBLIC", "PUB", "GPG", "PGP", "PRIMARY", "FOREIGN", "SORT", "CACHE", "PARTITION", "HOST", "SITE")
)
"""Words of a name that ends with KEY and holds none."""
_ABOUT = frozenset(
    (
        *("FILE", "PATH", "DIR", "URL", "URI", "ENDPOINT", "HOST", "PORT", "NAME", "ID", "LENGTH", "SIZE"),
        *("TTL", "EXPIRY", "EXPIRATION", "EXPIRES", "ENABLED", "TYPE", "ALGORITHM", "POLICY", "HEADER"),
        *("FIELD", "TIMEOUT", "LIFETIME", "AGE", "COUNT", "LIMIT", "PREFIX", "VERSION", "METHOD", "PROVIDER"),
    )
)  # fmt: skip
"""Last words of names that tell about a secret and hold none."""

_WORDS_OF_NOBODY = frozenset(
    (
        *("true", "false", "yes", "no", "on", "off", "null", "none", "nil", "undefined", "unset", "default"),
        *("required", "optional", "secret", "password", "passwd", "pass", "token", "dummy", "fake", "string"),
        *("foobar", "empty", "disabled", "enabled", "auto", "inherit", "env", "file", "keychain"),
    )
)  # fmt: skip
_PLACEHOLDER = re.compile(
    r"change[-_ ]?(?:me|this|it).{0,40}|your[-_ ].*|my[-_ ]?(?:secret|password|token|key)|x{3,}|[*._-]+"
    r"|(?:not[-_ ]?set|redacted|todo|insert|replace|placeholder|put)[-_ ]?.{0,60}|.*example.*|.*placeholder.*"
    r"|<.*>|\[.*\]|\{.*|%\(.*|%\w+%|@\w+@|.*\$[({].*|\$[a-z_]\w*\b.*|`.*|enc[\[(].*|!.*"
    r"|(?:~|\.{0,2})/[\w./@-]*|[a-z][a-z0-9+.-]{0,20}://[^@]*|(?:arn|vault|op|ssm|secretsmanager|file|env):.*"
    r"|eyjhbgcioijiuzi1niisinr5cci6ikpxvcj9\.eyjzdwiioiixmjm0nty3odkw.*",
    re.IGNORECASE | re.DOTALL,
)
"""Values that stand for another one: `changeme`, `${TOKEN}`, `<token>`, `/run/secrets/x`, `vault:a/b`; and
the token of jwt.io, which manuals have."""
_LEAST = 3
_LEAST_RANDOM = 16


def is_secret(name: str, value: str) -> bool:
    """Whether a variable of this name and value holds a secret."""
    words = [word.upper() for word in _WORDS.findall(name[:200])]
    if not words or words[-1] in _ABOUT or is_placeholder(value):
        return False
    last = words[-1]
    if last.endswith(("PASSWORD", "PASSWD")) or (last in _PASSWORDS and len(words) > 1):
        return True
    if last.endswith(_SURE) or last in _SURE_WORDS or words[-2:] in (["API", "KEY"], ["ACCESS", "KEY"]):
        return not value.isdigit()
    if last in ("KEY", "AUTH") or (last.isdigit() and {"PASSWORD", "SECRET", "TOKEN"} & set(words)):
        return _PUBLIC.isdisjoint(words) and is_random(value)
    return False


def is_placeholder(value: str) -> bool:
    """Whether a value only stands where a secret would be, or says where it is."""
    return len(value) < _LEAST or value.lower() in _WORDS_OF_NOBODY or bool(_PLACEHOLDER.fullmatch(value))


def is_random(value: str) -> bool:
    """Whether a value looks as if a machine had made it: long, of one piece, letters and digits."""
    return (
        len(value) >= _LEAST_RANDOM
        and not any(map(str.isspace, value))
        and any(map(str.isdigit, value))
        and any(map(str.isalpha, value))
        and len(set(value)) >= _LEAST_RANDOM // 2
    )
