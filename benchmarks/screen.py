"""What a program has painted on a terminal, read from the bytes it wrote: text by row, no colours."""

import codecs
import re

from layerscope.formatting import columns

_TOKEN = re.compile(
    r"\x1b\[(?P<numbers>[0-?]*)[ -/]*(?P<final>[@-~])"  # CSI: the cursor, what to clear, colours, modes
    r"|\x1b[]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)"  # OSC, DCS and the like: titles, clipboard
    r"|\x1b[ -/]+[0-~]|\x1b[0-OQ-WYZ\\`-~]"  # character sets, keypad
    r"|(?P<text>[^\x00-\x1f\x7f\x1b]+)"
    r"|(?P<control>[\x00-\x1a\x1c-\x1f\x7f])"
)
"""ECMA-48, as far as full-screen programs use it. A sequence that is cut off does not match yet."""


class Screen:
    """The cells of a terminal; takes what dive (tcell) and Textual write, in pieces of any size."""

    def __init__(self, width: int, height: int) -> None:
        self.width = width
        self.height = height
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._rest = ""
        self._row = self._column = 0
        self._clear()

    @property
    def rows(self) -> list[str]:
        """The text of each row, blanks at its end left out."""
        return ["".join(cells).rstrip() for cells in self._cells]

    @property
    def text(self) -> str:
        """All rows."""
        return "\n".join(self.rows)

    def feed(self, data: bytes) -> None:
        """Paint what the program wrote."""
        written = self._rest + self._decoder.decode(data)
        at = 0
        while token := _TOKEN.match(written, at):
            at = token.end()
            if text := token["text"]:
                self._put(text)
            elif token["control"]:
                self._control(token["control"])
            elif token["final"]:
                self._command(token["final"], token["numbers"])
        self._rest = written[at:]

    def _clear(self) -> None:
        self._cells = [[" "] * self.width for _ in range(self.height)]

    def _put(self, text: str) -> None:
        row = self._cells[self._row]
        for char in text:
            taken = columns(char)
            if taken and self._column + taken <= self.width:
                row[self._column : self._column + taken] = [char] + [""] * (taken - 1)
            self._column = min(self._column + taken, self.width)

    def _control(self, char: str) -> None:
        if char == "\r":
            self._column = 0
        elif char == "\n":
            self._row = min(self._row + 1, self.height - 1)
        elif char == "\b":
            self._column = max(self._column - 1, 0)

    def _command(self, final: str, told: str) -> None:
        numbers = [int(number) if number.isdigit() else 0 for number in told.split(";")]
        count = numbers[0] or 1
        if final in "Hf":
            self._go(count - 1, (numbers[1] or 1) - 1 if len(numbers) > 1 else 0)
        elif final in "ABCD":
            down, right = {"A": (-1, 0), "B": (1, 0), "C": (0, 1), "D": (0, -1)}[final]
            self._go(self._row + down * count, self._column + right * count)
        elif final == "G":
            self._go(self._row, count - 1)
        elif final == "d":
            self._go(count - 1, self._column)
        elif final == "J":
            self._clear()
        elif final == "K":
            self._cells[self._row][self._column :] = [" "] * (self.width - self._column)

    def _go(self, row: int, column: int) -> None:
        self._row = max(0, min(row, self.height - 1))
        self._column = max(0, min(column, self.width - 1))
