"""Pictures that we draw ourselves, and images made of them."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import factory
from PIL import Image

from apps.media import services
from apps.media.models import Asset
from rustok.kernel.access import Actor

SYSTEM = Actor.system("tests")


def picture(
    colour: Any = "red", size: tuple[int, int] = (320, 200), kind: str = "PNG", mode: str = "RGB", **options: Any
) -> bytes:
    """Draw a plain picture."""
    out = BytesIO()
    Image.new(mode, size, colour).save(out, kind, **options)
    return out.getvalue()


def animation(frames: int = 3, size: tuple[int, int] = (40, 30), kind: str = "GIF") -> bytes:
    """Draw an animation of plain frames, each of another colour."""
    out = BytesIO()
    first, *others = (Image.new("RGB", size, (n * 40 % 256, 80, 0)) for n in range(frames))
    first.save(out, kind, save_all=True, append_images=others, duration=80)
    return out.getvalue()


class AssetFactory(factory.Factory):
    """An image; each of another colour."""

    class Meta:
        model = Asset

    colour = factory.Sequence(lambda n: (n % 256, n // 256 % 256, 7))
    size = (320, 200)
    content = factory.LazyAttribute(lambda self: picture(self.colour, self.size))
    filename = "picture.png"
    alt = None

    @classmethod
    def _create(cls, model_class: Any, *args: Any, **kwargs: Any) -> Asset:
        kwargs.pop("colour")
        kwargs.pop("size")
        return Asset.objects.get(pk=services.store_image(actor=SYSTEM, **kwargs))
