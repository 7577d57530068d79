"""The drawings: deterministic, valid, different."""

import io

import pytest
from PIL import Image

from rustok.demo.art import Picture, draw
from rustok.demo.art.books import COVERS
from rustok.demo.art.look import SUBJECTS
from rustok.demo.art.scenes import COMPOSERS


@pytest.mark.parametrize(
    "picture",
    [
        Picture("tent", "#3f6b52", "#e2a04a"),
        Picture("tent", "#3f6b52", "#e2a04a", backdrop="dusk"),
        Picture("book", "#1f3d5c", "#e9a23b", style="bauhaus", title="Salt Maps", byline="Ilya Varnov"),
        Picture("scene", "#3f6b52", "#e2a04a", style="camp", backdrop="night"),
        Picture("mark", "#3f6b52", "#e2a04a", style="mountain"),
    ],
)
def test_a_picture_is_the_same_bytes_every_time(picture: Picture) -> None:
    assert draw(picture) == draw(picture)


def test_another_colour_is_another_picture() -> None:
    assert draw(Picture("boot", "#7a5236")).content != draw(Picture("boot", "#2f5d8a")).content


@pytest.mark.parametrize("name", sorted(SUBJECTS))
def test_every_subject_is_drawn(name: str) -> None:
    drawing = draw(Picture(name, "#2f5d8a", "#e2a04a", title="Title", byline="By line"))
    image = Image.open(io.BytesIO(drawing.content))
    image.load()
    assert image.size == (drawing.width, drawing.height)
    assert drawing.content_type == "image/jpeg"
    assert len(image.resize((40, 40)).getcolors(1600) or []) > 100


@pytest.mark.parametrize("style", sorted(COVERS))
def test_every_cover_is_drawn(style: str) -> None:
    assert draw(Picture("book", "#e8d9b8", "#b5443a", style=style, title="A Room of Letters")).content


@pytest.mark.parametrize("style", sorted(COMPOSERS))
def test_every_scene_is_wide(style: str) -> None:
    drawing = draw(Picture("scene", "#22384a", "#d98f3e", style=style, backdrop="dawn"))
    assert (drawing.width, drawing.height) == (1600, 900)


def test_a_mark_has_transparent_corners() -> None:
    image = Image.open(io.BytesIO(draw(Picture("mark", "#3f6b52", "#e2a04a", style="book")).content))
    assert image.mode == "RGBA"
    assert image.getpixel((0, 0))[3] == 0
    assert image.getpixel((256, 256))[3] == 255


def test_an_unknown_subject_is_an_error() -> None:
    with pytest.raises(KeyError):
        draw(Picture("unicorn"))
