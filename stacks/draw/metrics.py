"""How wide text is, on the safe side: as DejaVu Sans sets it, the widest of the fonts that a reader may have."""

FONT = "Inter, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, 'DejaVu Sans', sans-serif"

_REGULAR = (
    "32 40 46 84 64 95 78 27 39 39 50 84 32 36 32 34 64 64 64 64 64 64 64 64 64 64 34 34 84 84 84 53 "
    "100 68 69 70 77 63 58 77 75 29 29 66 56 86 75 79 60 79 69 63 61 73 68 99 69 61 69 39 34 39 84 50 "
    "50 61 63 55 63 62 35 63 63 28 28 58 28 97 63 61 63 63 41 52 39 63 59 82 59 59 52 64 34 64 84"
)
_BOLD = (
    "35 46 52 84 70 100 87 31 46 46 52 84 38 42 38 37 70 70 70 70 70 70 70 70 70 70 40 40 84 84 84 58 "
    "100 77 76 73 83 68 68 82 84 37 37 77 64 100 84 85 73 85 77 72 68 81 77 110 77 72 73 46 37 46 84 50 "
    "50 67 72 59 72 68 44 72 71 34 34 67 34 104 71 69 72 72 49 60 48 71 65 92 65 65 58 71 37 71 84"
)
_FIRST = ord(" ")
_WIDTHS = {
    bold: [int(word) / 100 for word in text.split()] for bold, text in ((False, _REGULAR), (True, _BOLD))
}
_OTHER = 1.1
"""Width of every other letter, in ems: few are wider."""

ELLIPSIS = "…"
UNBROKEN = "\N{NO-BREAK SPACE}"
"""A space at which no line ends."""


def width(text: str, size: float, *, bold: bool = False) -> float:
    """Return the width of a text in pixels, at a font size in pixels."""
    widths = _WIDTHS[bold]
    places = [ord(letter) - _FIRST for letter in text.replace(UNBROKEN, " ")]
    return size * sum(widths[place] if 0 <= place < len(widths) else _OTHER for place in places)


def fitted(text: str, size: float, room: float, *, bold: bool = False) -> str:
    """Return a text cut to a width, with an ellipsis where something is left out."""
    if width(text, size, bold=bold) <= room:
        return text
    while text and width(text + ELLIPSIS, size, bold=bold) > room:
        text = text[:-1]
    return text.rstrip() + ELLIPSIS


def wrapped(text: str, size: float, room: float, most: float) -> list[str]:
    """Return a text in lines of a width; a word that is wider has a line of its own, cut to ``most``."""
    lines: list[str] = []
    for word in text.split(" "):
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and width(longer, size) <= room:
            lines[-1] = longer
        else:
            lines.append(fitted(word, size, most))
    return lines
