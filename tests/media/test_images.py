"""Pictures are judged before they are decoded, and nothing of an upload but its pixels is kept."""

import struct
import zlib
from io import BytesIO

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from apps.media.images import MAX_BYTES, BadImage, TooLarge, encode_image
from rustok.kernel.errors import PayloadTooLarge
from tests.media.factories import animation, picture


def shown(encoded):
    """Decode a file again."""
    return Image.open(BytesIO(encoded.content))


@pytest.mark.parametrize(("kind", "extension"), [("JPEG", "jpg"), ("PNG", "png"), ("WEBP", "webp"), ("GIF", "gif")])
def test_the_four_kinds_keep_their_kind(kind, extension):
    kept, *_ = encode_image(picture(kind=kind))
    assert (kept.extension, kept.width, kept.height) == (extension, 320, 200)
    assert shown(kept).format == kind


def test_copies_are_webp_and_never_larger_than_the_picture():
    _, *copies = encode_image(picture(size=(700, 350)))
    assert [(copy.width, copy.height) for copy in copies] == [(160, 80), (480, 240), (700, 350)]
    assert {copy.content_type for copy in copies} == {"image/webp"}
    _, *tiny = encode_image(picture(size=(10, 10)))
    assert [copy.width for copy in tiny] == [10]


def test_a_picture_is_turned_upright_and_its_exif_is_gone():
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010E] = "taken at home"
    kept, *copies = encode_image(picture(kind="JPEG", exif=exif))
    assert (kept.width, kept.height) == (200, 320)
    assert all(copy.height > copy.width for copy in copies)
    for one in (kept, *copies):
        assert b"taken at home" not in one.content
        assert not shown(one).getexif()


def test_comments_and_what_follows_the_picture_are_gone():
    info = PngInfo()
    info.add_text("Comment", "secret words")
    content = picture(pnginfo=info) + b"<script>alert(1)</script>"
    kept, *_ = encode_image(content)
    assert b"secret words" not in kept.content
    assert b"<script>" not in kept.content


def test_transparency_stays():
    kept, *copies = encode_image(picture((0, 0, 0, 0), mode="RGBA"))
    assert all(shown(one).convert("RGBA").getpixel((0, 0))[3] == 0 for one in (kept, *copies))


@pytest.mark.parametrize("mode", ["1", "L", "P", "CMYK", "I;16"])
def test_every_mode_becomes_one_that_browsers_show(mode):
    kind = "JPEG" if mode == "CMYK" else "PNG"
    colour = (0, 0, 0, 0) if mode == "CMYK" else 0
    kept, *_ = encode_image(picture(colour, kind=kind, mode=mode))
    assert shown(kept).mode in ("L", "RGB", "RGBA")


def test_an_animation_keeps_moving():
    kept, *copies = encode_image(animation())
    assert shown(kept).n_frames == 3
    assert all(getattr(shown(copy), "n_frames", 1) == 1 for copy in copies)


def bomb(width, height):
    """Write a PNG of a few bytes whose header claims to be huge."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(b"\0" * 100)), (b"IEND", b"")]
    body = b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    )
    return b"\x89PNG\r\n\x1a\n" + body


@pytest.mark.parametrize("size", [(7_072, 7_072), (60_000, 60_000), (2**31 - 1, 2**31 - 1), (20_000, 10)])
def test_a_huge_picture_is_refused_by_its_header(size, monkeypatch):
    def never(*args):
        raise AssertionError("pixels were decoded")

    monkeypatch.setattr(Image.Image, "convert", never)
    with pytest.raises((TooLarge, BadImage)):
        encode_image(bomb(*size))


def test_an_animation_is_bounded_over_all_its_frames():
    with pytest.raises(TooLarge):
        encode_image(animation(frames=501, size=(8, 8)))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"hello",
        b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
        picture(kind="BMP"),
        picture(kind="TIFF"),
        picture(kind="JPEG")[:200],
        picture(size=(900, 900), colour=(9, 99, 199))[:-60],
        b"GIF89a" + b"\0" * 20,
    ],
    ids=["empty", "text", "svg", "bmp", "tiff", "cut jpeg", "cut png", "bad gif"],
)
def test_what_is_no_whole_picture_is_refused(content):
    with pytest.raises(BadImage):
        encode_image(content)


def test_more_than_twenty_megabytes_are_refused():
    with pytest.raises(PayloadTooLarge):
        encode_image(b"\0" * (MAX_BYTES + 1))
