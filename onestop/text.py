"""Vietnamese text without its accents, so that a search finds "Đặng" by "dang" on every database alike."""

import unicodedata


def without_accents(text: str) -> str:
    """`text` in lower case, accents and the bar of đ removed, runs of white space folded to one space."""
    decomposed = unicodedata.normalize("NFD", text.casefold().replace("đ", "d"))
    return " ".join("".join(letter for letter in decomposed if not unicodedata.combining(letter)).split())
