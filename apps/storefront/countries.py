"""Countries to deliver to, by the names that readers know them by."""

from functools import lru_cache

from babel import Locale

#: What Babel lists beside countries: groups of them, made-up codes, places where nobody has an address.
NOT_COUNTRIES = frozenset(
    ("AC", "AQ", "BV", "CP", "CQ", "DG", "EA", "EU", "EZ", "HM", "IC", "QO", "TA", "TF", "UM", "UN", "XA", "XB", "ZZ")
)
CODES = tuple(
    code for code in sorted(Locale("en").territories) if len(code) == 2 and code.isalpha() and code not in NOT_COUNTRIES
)


@lru_cache(maxsize=32)
def country_choices(locale: str) -> tuple[tuple[str, str], ...]:
    """List (code, name) pairs, sorted by name."""
    names = Locale.parse(locale, sep="-").territories
    return tuple(sorted(((code, names[code]) for code in CODES), key=lambda pair: pair[1].casefold()))


def country_guess(locale: str) -> str:
    """Return the country that a locale suggests, or nothing: de → DE, en → "", en-GB → GB."""
    suggested = locale.rpartition("-")[2].upper()
    return suggested if suggested in CODES else ""
