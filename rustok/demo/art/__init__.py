"""Draws the demo's pictures with Pillow alone; the same picture gives the same bytes."""

from __future__ import annotations

import io
import random
from dataclasses import dataclass
from hashlib import blake2b

from PIL import Image

from rustok.demo.art import backdrop, books, brewing, camp, carry, coffee, feet, kitchen, scenes, tools, wear
from rustok.demo.art.canvas import Canvas
from rustok.demo.art.look import SUBJECTS, Look, Picture

__all__ = ["Drawing", "Picture", "draw"]

#: Whose import registers what they draw.
_DRAWERS = (books, brewing, camp, carry, coffee, feet, kitchen, tools, wear)
_SIDE = 720
_WIDE = (1600, 900)
_MARK = 512
_QUALITY = {"scene": 74}
_FINE = 84
_STANDING = {"studio": backdrop.studio, "warm": backdrop.warm, "desk": backdrop.desk}


@dataclass(frozen=True)
class Drawing:
    """A finished image file."""

    name: str
    content: bytes
    content_type: str
    width: int
    height: int


def draw(picture: Picture) -> Drawing:
    """Draw a picture: a product (square), a `scene` (wide) or a `mark` (small).

    :raises KeyError: if nobody draws such a subject
    """
    dice = random.Random(_key(picture))
    look = Look(picture.colour, picture.accent, picture.style, picture.title, picture.byline, dice)
    if picture.subject == "scene":
        return _encode(_scene(look, picture.backdrop), picture)
    if picture.subject == "mark":
        return _encode(_mark(look), picture, "PNG")
    return _encode(_product(look, picture), picture)


def _scene(look: Look, mood: str) -> Image.Image:
    art = Canvas(*_WIDE)
    scenes.COMPOSERS[look.style](art, look, mood)
    return art.image


def _mark(look: Look) -> Image.Image:
    art = Canvas(_MARK, _MARK)
    scenes.mark(art, look)
    art.image.putalpha(art.clip(scenes.TILE).whole(art.image.size))
    return art.image


def _product(look: Look, picture: Picture) -> Image.Image:
    standing = _STANDING.get(picture.backdrop)
    behind = Canvas(_SIDE // 2, _SIDE // 2)
    if standing:
        standing(behind, look)
    else:
        backdrop.scene(behind, look, picture.backdrop)
    art = Canvas(_SIDE, _SIDE)
    art.image.paste(behind.image.resize(art.image.size, Image.Resampling.BICUBIC))
    x, y, scale = (0, 0, 1) if standing else (140, 230, 0.72)
    with art.at(x, y, scale):
        SUBJECTS[picture.subject](art, look)
    return art.image


def _key(picture: Picture) -> str:
    return blake2b(repr(picture).encode(), digest_size=6).hexdigest()


def _encode(image: Image.Image, picture: Picture, kind: str = "JPEG") -> Drawing:
    file = io.BytesIO()
    image.save(file, kind, quality=_QUALITY.get(picture.subject, _FINE), progressive=True)
    suffix = {"JPEG": "jpg", "PNG": "png"}[kind]
    name = f"{picture.seed or picture.subject}-{_key(picture)}.{suffix}"
    return Drawing(name, file.getvalue(), f"image/{kind.lower()}", *image.size)
