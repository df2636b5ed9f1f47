"""Everything that can keep layerscope from giving an answer.

    LayerscopeError          exit code 2, a sentence and a hint
    ├── SourceError          the bytes cannot be had: no such file, no permission, a device
    ├── NotAnImageError      the bytes are no container image
    ├── ChoiceError          several images or platforms fit, and none was named
    ├── UnsupportedError     an image, but of a kind that is not read (squashfs, encrypted layers)
    ├── DamagedError         an image, but bytes are missing or wrong
    ├── LimitError           a size or a count that no real image has
    ├── OutputError          the answer cannot be written
    ├── SettingsError        the file of settings says something that means nothing
    └── ServeError           the explorer cannot be shown in a browser

Messages may hold names and texts from an image, unescaped: whoever shows one sends it through
`formatting.printable`. Only the command line catches these, prints them and exits.
"""

from collections.abc import Sequence


class LayerscopeError(Exception):
    """One clear sentence, what to try next and among what to choose, and the exit code of the process.

    Each is shown on a line of its own, so a line break in one of them is part of a name and gets escaped.
    """

    exit_code = 2

    def __init__(self, message: str, hint: str = "", choices: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.choices = tuple(choices)


class SourceError(LayerscopeError):
    """The bytes cannot be had."""


class NotAnImageError(LayerscopeError):
    """The bytes are there, but they are no container image."""


class ChoiceError(LayerscopeError):
    """Several images or platforms fit, or the one that was named is not there."""


class UnsupportedError(LayerscopeError):
    """An image that holds something this program does not read."""


class DamagedError(LayerscopeError):
    """Bytes of the image are missing, cut off or not what their digest says."""


class LimitError(LayerscopeError):
    """A size, length or count beyond what any real image has."""


class OutputError(LayerscopeError):
    """The answer could not be written where it was asked for."""


class SettingsError(LayerscopeError):
    """The file of settings says something that means nothing."""


class ServeError(LayerscopeError):
    """The explorer cannot be shown in a browser: a library is missing, a port is taken."""
