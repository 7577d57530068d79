"""Colours that stay readable: OKLCH arithmetic and WCAG contrast.

Matrices: Björn Ottosson, "A perceptual color space for image processing", 2020.
"""

import math
from typing import NamedTuple

#: The darkest grey but black: between it and white, every background has text of at least 4.5 to 1.
WHITE, INK = "#ffffff", "#050505"


class Oklch(NamedTuple):
    """A colour as people see it: how light, how vivid, which hue (degrees)."""

    lightness: float
    chroma: float
    hue: float


def contrast(one: str, other: str) -> float:
    """Return the WCAG 2 contrast ratio of two hex colours, 1 to 21."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def ink_on(background: str) -> str:
    """Return white or ink, whichever reads better on a background."""
    return max((WHITE, INK), key=lambda colour: contrast(colour, background))


def readable(colour: str, *, on: str, ratio: float = 4.5) -> str:
    """Return the nearest shade of a colour whose contrast with `on` is at least `ratio`; else white or ink."""
    shade = to_oklch(colour)
    step = -0.01 if ink_on(on) == INK else 0.01
    while contrast(to_hex(shade), on) < ratio and 0.0 <= shade.lightness + step <= 1.0:
        shade = shade._replace(lightness=shade.lightness + step)
    found = to_hex(shade)
    return found if contrast(found, on) >= ratio else ink_on(on)


def to_oklch(colour: str) -> Oklch:
    """Convert `#rrggbb`."""
    red, green, blue = (_linear(channel) for channel in _channels(colour))
    long = math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue)
    medium = math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue)
    short = math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue)
    lightness = 0.2104542553 * long + 0.7936177850 * medium - 0.0040720468 * short
    a = 1.9779984951 * long - 2.4285922050 * medium + 0.4505937099 * short
    b = 0.0259040371 * long + 0.7827717662 * medium - 0.8086757660 * short
    return Oklch(lightness, math.hypot(a, b), math.degrees(math.atan2(b, a)) % 360)


def to_hex(colour: Oklch) -> str:
    """Convert to `#rrggbb`, giving up chroma where sRGB has no such colour."""
    chroma = colour.chroma
    rgb = _to_rgb(colour)
    while chroma > 0.001 and not all(-0.001 <= channel <= 1.001 for channel in rgb):
        chroma *= 0.96
        rgb = _to_rgb(colour._replace(chroma=chroma))
    return "#" + "".join(f"{round(255 * _encoded(channel)):02x}" for channel in rgb)


def _to_rgb(colour: Oklch) -> tuple[float, float, float]:
    a = colour.chroma * math.cos(math.radians(colour.hue))
    b = colour.chroma * math.sin(math.radians(colour.hue))
    long = (colour.lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (colour.lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (colour.lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
    )


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(channel) for channel in _channels(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _channels(colour: str) -> tuple[float, float, float]:
    return (int(colour[1:3], 16) / 255, int(colour[3:5], 16) / 255, int(colour[5:7], 16) / 255)


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else float(((channel + 0.055) / 1.055) ** 2.4)


def _encoded(channel: float) -> float:
    bounded = min(max(channel, 0.0), 1.0)
    return 12.92 * bounded if bounded <= 0.0031308 else 1.055 * float(bounded ** (1 / 2.4)) - 0.055
