"""Countries to deliver to, by the names that readers know them by."""

from functools import lru_cache

from babel import Locale

#: ISO 3166-1 alpha-2 codes; Babel's list also holds regions and continents.
CODES = ["AD", "AE", "AL", "AM", "AR", "AT", "AU", "AZ", "BA", "BE", "BG", "BR", "BY", "CA", "CH", "CL", "CN", "CO", "CR", "CY", "CZ", "DE", "DK", "DO", "EC", "EE", "EG", "ES", "FI", "FR", "GB", "GE", "GR", "HK", "HR", "HU", "ID", "IE", "IL", "IN", "IS", "IT", "JP", "KE", "KG", "KR", "KW", "KZ", "LI", "LT", "LU", "LV", "MA", "MC", "MD", "ME", "MK", "MT", "MX", "MY", "NG", "NL", "NO", "NZ", "PE", "PH", "PL", "PT", "QA", "RO", "RS", "RU", "SA", "SE", "SG", "SI", "SK", "SM", "TH", "TN", "TR", "TW", "UA", "US", "UY", "UZ", "VN", "ZA"]


@lru_cache(maxsize=32)
def country_choices(locale: str) -> tuple[tuple[str, str], ...]:
    """List (code, name) pairs, sorted by name."""
    names = Locale.parse(locale, sep="-").territories
    return tuple(sorted(((code, names[code]) for code in CODES), key=lambda pair: pair[1].casefold()))


def country_guess(locale: str) -> str:
    """Return the country that a locale suggests, or nothing: de → DE, en → "", en-GB → GB."""
    suggested = locale.rpartition("-")[2].upper()
    return suggested if suggested in CODES else ""
