"""A small vector canvas on Pillow: antialiased shapes with gradients, shading and soft shadows."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageFont

from rustok.demo.art.colour import Ink, Linear, Paint, dark, light, rgb
from rustok.demo.art.geometry import Outline, Points

_SAMPLES = 3

Box: TypeAlias = tuple[int, int, int, int]
Pen: TypeAlias = Callable[[ImageDraw.ImageDraw, "Place"], None]


@dataclass(frozen=True)
class Place:
    """Where drawing units land in pixels."""

    scale: float = 1
    dx: float = 0
    dy: float = 0

    def put(self, points: Outline) -> Points:
        """Turn drawing units into pixels."""
        return [(x * self.scale + self.dx, y * self.scale + self.dy) for x, y in points]


@dataclass(frozen=True)
class Clip:
    """A mask and the box it covers; nothing is painted outside."""

    mask: Image.Image
    box: Box

    @property
    def empty(self) -> bool:
        """Tell whether it lies outside the picture."""
        return self.box[0] >= self.box[2] or self.box[1] >= self.box[3]

    def whole(self, size: tuple[int, int]) -> Image.Image:
        """Answer the mask in a picture of that size."""
        whole = Image.new("L", size)
        whole.paste(self.mask, self.box[:2])
        return whole

    def cut(self, mask: Image.Image, box: Box) -> Image.Image:
        """Answer what of a mask lies inside."""
        x, y = self.box[0], self.box[1]
        own = self.mask.crop((box[0] - x, box[1] - y, box[2] - x, box[3] - y))
        return ImageChops.multiply(mask, own)


class Canvas:
    """Draws in units of 1000 to the picture's height."""

    def __init__(self, width: int, height: int, ground: Ink = "#ffffff") -> None:
        self.image = Image.new("RGB", (width, height), rgb(ground))
        self.place = Place(height / 1000)
        self.right = width / height * 1000

    @contextmanager
    def at(self, x: float, y: float, scale: float) -> Iterator[None]:
        """Draw with the origin moved to (x, y) and everything scaled."""
        before = self.place
        self.place = Place(before.scale * scale, before.dx + x * before.scale, before.dy + y * before.scale)
        try:
            yield
        finally:
            self.place = before

    def fill(
        self,
        points: Outline,
        paint: Paint,
        *,
        alpha: float = 1,
        blur: float = 0,
        clip: Clip | None = None,
        holes: Sequence[Outline] = (),
    ) -> None:
        """Paint a shape."""
        self._paint(_filled(points, holes, alpha), points, 0, paint, blur, clip)

    def line(
        self,
        points: Outline,
        width: float,
        ink: Paint,
        *,
        alpha: float = 1,
        blur: float = 0,
        clip: Clip | None = None,
    ) -> None:
        """Stroke a path with round ends."""
        self._paint(_stroked(points, width, alpha), points, width / 2, ink, blur, clip)

    def clip(self, points: Outline, inside: Clip | None = None) -> Clip:
        """Make a mask of a shape."""
        box = self._box(points, 0)
        mask = self._mask(_filled(points, (), 1), box, 1, _SAMPLES)
        return Clip(inside.cut(mask, box) if inside else mask, box)

    def shadow(self, points: Outline, *, dx: float = 0, dy: float = 14, blur: float = 16, alpha: float = 0.3) -> None:
        """Drop a soft shadow below a shape that is drawn next."""
        self.fill([(x + dx, y + dy) for x, y in points], "#141a30", alpha=alpha, blur=blur)

    def body(
        self, points: Outline, ink: Ink, *, angle: float = 65, depth: float = 1, inside: Clip | None = None
    ) -> Clip:
        """Paint a solid with light from the top left, and answer its clip for details."""
        clip = self.clip(points, inside)
        if clip.empty:
            return clip
        self._tint(clip, Linear((light(ink, 0.16 * depth), ink, dark(ink, 0.16 * depth)), angle))
        reach = min(clip.mask.size) * 0.16
        self._rim(clip, -reach, -reach * 0.8, reach * 0.9, dark(ink, 0.65), 0.5 * depth)
        self._rim(clip, reach * 0.5, reach * 0.4, reach * 0.5, light(ink, 0.9), 0.38 * depth)
        return clip

    def text(
        self,
        x: float,
        y: float,
        words: str,
        size: float,
        ink: Ink,
        *,
        anchor: str = "mm",
        bold: float = 0,
        spread: float = 0,
    ) -> None:
        """Write one line, without accents, which the face lacks.

        `bold` thickens by a part of the size, `spread` adds space between letters.
        """
        words = plain(words)
        [(px, py)] = self.place.put([(x, y)])
        pixels = size * self.place.scale
        face = font(pixels)
        pen = ImageDraw.Draw(self.image)
        if not spread:
            pen.text((px, py), words, rgb(ink), face, anchor, stroke_width=bold * pixels)
            return
        gap = spread * pixels
        widths = [face.getlength(letter) + gap for letter in words]
        total = sum(widths) - gap
        left = px - {"l": 0.0, "m": total / 2, "r": total}[anchor[0]]
        for letter, width in zip(words, widths, strict=True):
            pen.text((left, py), letter, rgb(ink), face, "l" + anchor[1], stroke_width=bold * pixels)
            left += width

    def measure(self, words: str, size: float) -> float:
        """Answer how wide a line of text is, in drawing units."""
        return font(size * self.place.scale).getlength(plain(words)) / self.place.scale

    def _paint(self, pen: Pen, points: Outline, margin: float, paint: Paint, blur: float, clip: Clip | None) -> None:
        soft = blur * self.place.scale
        box = self._box(points, margin * self.place.scale + soft * 2.5)
        if clip:
            box = _overlap(box, clip.box)
        if box[0] >= box[2] or box[1] >= box[3]:
            return
        mask = self._soft_mask(pen, box, soft) if soft >= 1 else self._mask(pen, box, 1, _SAMPLES)
        if clip:
            mask = clip.cut(mask, box)
        self._tint(Clip(mask, box), paint)

    def _tint(self, clip: Clip, paint: Paint) -> None:
        if isinstance(paint, (str, tuple)):
            self.image.paste(rgb(paint), clip.box, clip.mask)
        elif clip.mask.size[0] and clip.mask.size[1]:
            self.image.paste(paint.fill(clip.mask.size), clip.box, clip.mask)

    def _rim(self, clip: Clip, dx: float, dy: float, blur: float, ink: Ink, alpha: float) -> None:
        """Shade the inner edge that an offset copy of the shape leaves free."""
        if blur < 1 or min(clip.mask.size) < 4:
            return
        step = max(1, int(blur / 3))
        pad = 6
        small = clip.mask.reduce(step) if step > 1 else clip.mask
        field = Image.new("L", (small.width + 2 * pad, small.height + 2 * pad))
        field.paste(small, (pad + round(dx / step), pad + round(dy / step)))
        field = field.filter(ImageFilter.GaussianBlur(blur / step)).crop(
            (pad, pad, pad + small.width, pad + small.height)
        )
        shade = Image.blend(Image.new("L", field.size), ImageChops.invert(field), alpha)
        mask = ImageChops.multiply(shade.resize(clip.mask.size, Image.Resampling.BILINEAR), clip.mask)
        self.image.paste(rgb(ink), clip.box, mask)

    def _box(self, points: Outline, margin: float) -> Box:
        put = self.place.put(points)
        xs, ys = [x for x, _ in put], [y for _, y in put]
        return _overlap(
            (
                int(min(xs) - margin) - 1,
                int(min(ys) - margin) - 1,
                int(max(xs) + margin) + 2,
                int(max(ys) + margin) + 2,
            ),
            (0, 0, *self.image.size),
        )

    def _mask(self, pen: Pen, box: Box, shrink: int, samples: int) -> Image.Image:
        width, height = (box[2] - box[0] + shrink - 1) // shrink, (box[3] - box[1] + shrink - 1) // shrink
        zoom = samples / shrink
        mask = Image.new("L", (max(width, 1) * samples, max(height, 1) * samples))
        pen(
            ImageDraw.Draw(mask),
            Place(self.place.scale * zoom, (self.place.dx - box[0]) * zoom, (self.place.dy - box[1]) * zoom),
        )
        return mask.reduce(samples) if samples > 1 else mask

    def _soft_mask(self, pen: Pen, box: Box, blur: float) -> Image.Image:
        shrink = max(1, int(blur / 2.5))
        mask = self._mask(pen, box, shrink, 2).filter(ImageFilter.GaussianBlur(blur / shrink))
        size = (mask.width * shrink, mask.height * shrink)
        whole = mask.resize(size, Image.Resampling.BILINEAR) if shrink > 1 else mask
        return whole.crop((0, 0, box[2] - box[0], box[3] - box[1]))


def plain(words: str) -> str:
    """Leave out what the face cannot show."""
    return unicodedata.normalize("NFKD", words).encode("ascii", "ignore").decode()


@lru_cache(maxsize=64)
def font(pixels: float) -> ImageFont.FreeTypeFont:
    """Load the scalable face that Pillow carries."""
    face = ImageFont.load_default(max(pixels, 4))
    assert isinstance(face, ImageFont.FreeTypeFont), "Pillow was built without FreeType"
    return face


def _filled(points: Outline, holes: Sequence[Outline], alpha: float) -> Pen:
    def pen(draw: ImageDraw.ImageDraw, place: Place) -> None:
        draw.polygon(place.put(points), fill=round(255 * alpha))
        for hole in holes:
            draw.polygon(place.put(hole), fill=0)

    return pen


def _stroked(points: Outline, width: float, alpha: float) -> Pen:
    def pen(draw: ImageDraw.ImageDraw, place: Place) -> None:
        put, level = place.put(points), round(255 * alpha)
        thick = max(1.0, width * place.scale)
        draw.line(put, fill=level, width=round(thick), joint="curve")
        for x, y in (put[0], put[-1]):
            draw.ellipse((x - thick / 2, y - thick / 2, x + thick / 2, y + thick / 2), fill=level)

    return pen


def _overlap(a: Box, b: Box) -> Box:
    return max(a[0], b[0]), max(a[1], b[1]), min(a[2], b[2]), min(a[3], b[3])
