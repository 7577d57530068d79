"""A tenant's brand: a few facts it sets, every colour and typeface that follow from them."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import lru_cache

from django.templatetags.static import static

from rustok.kernel.colour import INK, Oklch, contrast, ink_on, readable, to_hex, to_oklch

TYPEFACES = {
    "plain": 'system-ui, "Segoe UI", Roboto, "Noto Sans", "Helvetica Neue", Arial, sans-serif',
    "signage": 'Bahnschrift, "DIN Alternate", "Roboto Condensed", "Liberation Sans Narrow",'
    ' "Arial Narrow", "Noto Sans", sans-serif',
    "bookish": '"Iowan Old Style", "Palatino Linotype", Palatino, "Noto Serif", Georgia, serif',
}
WEIGHTS = {"plain": 700, "signage": 700, "bookish": 600}
CORNERS = {"sharp": "2px", "soft": "8px", "round": "16px"}
PATTERNS = ("contours", "shelf")
HEX = re.compile(r"#[0-9a-fA-F]{6}")


@dataclass(frozen=True, slots=True)
class Theme:
    """What a tenant's `theme` may say; anything missing or malformed has a default."""

    name: str = ""
    letter: str = ""
    tagline: str = ""
    announcement: str = ""
    accent: str = "#3451b2"
    ground: str = ""
    typeface: str = "plain"
    corners: str = "soft"
    pattern: str = ""

    @property
    def digest(self) -> str:
        """What changes when anything of the theme does."""
        return hashlib.sha256(repr(self).encode()).hexdigest()[:12]

    @property
    def on_accent(self) -> str:
        """The colour of text on the accent."""
        return ink_on(self.accent)


def theme_of(settings: Mapping[str, object], *, name: str) -> Theme:
    """Read a theme leniently: a wrong value falls back, because a shop must never fail over its colours."""
    known = {field.name for field in fields(Theme)}
    said = {key: str(value)[:200] for key, value in settings.items() if key in known and value}
    for key in ("accent", "ground"):
        if not HEX.fullmatch(said.get(key, "")):
            said.pop(key, None)
    for key, allowed in (("typeface", TYPEFACES), ("corners", CORNERS), ("pattern", PATTERNS)):
        if said.get(key) not in allowed:
            said.pop(key, None)
    said.setdefault("name", name)
    said["letter"] = (said.get("letter") or said["name"])[:1].upper()
    return Theme(**said)


@lru_cache(maxsize=512)
def stylesheet(theme: Theme) -> str:
    """Return the CSS custom properties of a theme; every text pair reaches WCAG AA."""
    ground = theme.ground or _deep(theme.accent)
    dark_ground = _deep(ground)
    neutral = min((theme.accent, ground), key=lambda colour: to_oklch(colour).lightness)
    paper, night = "#f7f7f7", "#1b1b1b"
    accent, dark_accent = readable(theme.accent, on=paper), readable(theme.accent, on=night, ratio=5.5)
    on_dark_ground = _text_on(dark_ground, theme.accent)
    if ink_on(ground) == INK:
        on_dark_ground = readable(ground, on=dark_ground, ratio=7)
    pairs = {
        "accent": (accent, dark_accent),
        "on-accent": (ink_on(accent), ink_on(dark_accent)),
        "ground": (ground, dark_ground),
        "on-ground": (_text_on(ground, theme.accent), on_dark_ground),
        "motif": (_motif(ground), _motif(dark_ground)),
        "pop": (_pop(theme.accent, ground), _pop(theme.accent, dark_ground)),
        "on-pop": (ink_on(_pop(theme.accent, ground)), ink_on(_pop(theme.accent, dark_ground))),
    }
    lines = [f"--{key}: light-dark({light}, {dark});" for key, (light, dark) in pairs.items()]
    lines += [
        f"--hue: {to_oklch(neutral).hue:.0f};",
        f"--radius: {CORNERS[theme.corners]};",
        f"--display: {TYPEFACES[theme.typeface]};",
        f"--display-weight: {WEIGHTS[theme.typeface]};",
    ]
    if theme.pattern:
        lines.append(f'--pattern: url("{static(f"storefront/patterns/{theme.pattern}.svg")}");')
    return ":root {\n  " + "\n  ".join(lines) + "\n}\n"


def _deep(colour: str) -> str:
    """Return the night shade of a colour: dark enough for light text; yellows turn brown, not olive."""
    shade = to_oklch(colour)
    hue = 55.0 if 65 < shade.hue < 115 else shade.hue
    return to_hex(Oklch(min(shade.lightness, 0.29), min(shade.chroma, 0.05), hue))


def _text_on(ground: str, accent: str) -> str:
    """Return the accent darkened when the ground is light, a pale tint of the ground when it is dark."""
    if ink_on(ground) == INK:
        return readable(accent, on=ground, ratio=6)
    pale = to_oklch(ground)._replace(lightness=0.96)
    return readable(to_hex(pale._replace(chroma=min(pale.chroma, 0.025))), on=ground)


def _motif(ground: str) -> str:
    """Return the shade that a pattern is drawn in: near enough to the ground for text to stand on both."""
    shade = to_oklch(ground)
    return to_hex(shade._replace(lightness=shade.lightness + (-0.055 if ink_on(ground) == INK else 0.08)))


def _pop(accent: str, ground: str) -> str:
    """Return the colour of a button that stands on the ground."""
    return accent if contrast(accent, ground) >= 3 else readable(accent, on=ground, ratio=4.5)
