"""Long text broken into lines: at blanks where there are some, within words where there are none."""

from rich.cells import get_character_cell_size


def wrap(text: str, width: int) -> list[str]:
    """Lines of at most `width` columns, one at least; the blank a line is broken at is left out.

    The text is safe to show and without line breaks. A character wider than the width stands on a line of
    its own. Takes time linear in the text, whatever is in it.
    """
    width = max(width, 1)
    found = []
    start = 0
    while True:
        end = _reach(text, start, width)
        if end >= len(text):
            found.append(text[start:])
            return found
        blank = text.rfind(" ", start, end + 1)
        if blank > start:
            found.append(text[start:blank])
            start = blank + 1
        else:
            found.append(text[start:end])
            start = end


def _reach(text: str, start: int, width: int) -> int:
    """Where a line that begins at `start` has to end; behind it at least."""
    if text[start : start + width].isascii():
        return start + width
    taken = 0
    for index in range(start, len(text)):
        taken += get_character_cell_size(text[index])
        if taken > width and index > start:
            return index
    return len(text)
