"""Slugs: lower case ASCII words and single hyphens, out of names in any script that we can spell."""

from __future__ import annotations

import re
import unicodedata

__all__ = ["SLUG", "numbered", "slugify"]

#: What a slug, a handle and a step of a category path look like.
SLUG = r"^[a-z0-9]+(-[a-z0-9]+)*$"

_CYRILLIC = dict(zip("абвгдеёжзийклмнопрстуфхцчшщъыьэюяіїєґў", [
    "a", "b", "v", "g", "d", "e", "e", "zh", "z", "i", "y", "k", "l", "m", "n", "o", "p", "r", "s", "t", "u", "f", "kh",
    "ts", "ch", "sh", "shch", "", "y", "", "e", "yu", "ya", "i", "yi", "ye", "g", "u",
], strict=True))  # fmt: skip
_GREEK = dict(zip("αβγδεζηθικλμνξοπρσςτυφχψω", [
    "a", "v", "g", "d", "e", "z", "i", "th", "i", "k", "l", "m", "n", "x", "o", "p", "r", "s", "s", "t", "y", "f", "ch",
    "ps", "o",
], strict=True))  # fmt: skip
_LATIN = {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "æ": "ae", "ø": "o", "œ": "oe", "đ": "d", "ł": "l", "þ": "th"}
_SPELLED = str.maketrans({**_CYRILLIC, **_GREEK, **_LATIN, "&": " and ", "'": "", "’": ""})
_BETWEEN = re.compile(r"[^a-z0-9]+")


def slugify(text: str, *, max_length: int = 80) -> str:
    """Answer the slug of a text; empty if it has no letter or digit that we can spell."""
    spelled = unicodedata.normalize("NFC", text[:1_000]).lower().translate(_SPELLED)
    plain = unicodedata.normalize("NFKD", spelled).translate(_SPELLED).encode("ascii", "ignore").decode()
    return _BETWEEN.sub("-", plain).strip("-")[:max_length].rstrip("-")


def numbered(slug: str, number: int, *, max_length: int = 80) -> str:
    """Answer a slug with a number after it, for a name that is taken."""
    tail = f"-{number}"
    return slug[: max_length - len(tail)].rstrip("-") + tail
