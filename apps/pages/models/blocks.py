"""Block types: one definition each, which validates for every edge and says what its fields are.

Unknown types, unknown fields, wrong types and values beyond a bound are refused with the path of the field.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any, ClassVar, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from rustok.kernel.errors import FieldError, Invalid

__all__ = ["TYPES", "BlockInvalid", "Blocks", "TooManyBlocks", "asset_ids", "check_blocks"]

#: (type, data) in order, as they are stored.
Blocks = Sequence[tuple[str, dict[str, Any]]]

Line = Annotated[str, Meta(max_length=200)]
Paragraph = Annotated[str, Meta(max_length=1_000)]
Label = Annotated[str, Meta(max_length=60)]
#: A place on this site, elsewhere by http(s), or an address to write to or call; nothing that runs.
Link = Annotated[
    str, Meta(max_length=500, pattern=r"^(|/(?![/\\])[^\s]*|#[\w-]*|https?://[^\s]+|mailto:[^\s]+|tel:[^\s]+)$")
]
Handle = Annotated[str, Meta(max_length=120, pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
Path = Annotated[str, Meta(max_length=200, pattern=r"^(|[a-z0-9]+(-[a-z0-9]+)*(/[a-z0-9]+(-[a-z0-9]+)*)*)$")]


class BlockInvalid(Invalid):
    """A block is not as its type wants it."""

    code = "invalid_block"


class TooManyBlocks(Invalid):
    """A page has too many blocks."""

    code = "too_many_blocks"


class BlockType(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """The data of one type of block."""

    #: Fields that name an image.
    images: ClassVar[tuple[str, ...]] = ()


class Hero(BlockType):
    """The opening of a page: a title, some words, an image, one thing to do."""

    images: ClassVar[tuple[str, ...]] = ("image_id",)

    title: Annotated[str, Meta(min_length=1, max_length=200)]
    text: Paragraph = ""
    image_id: UUID | None = None
    cta_label: Label = ""
    cta_url: Link = ""


class Text(BlockType):
    """Running text, in Markdown."""

    body: Annotated[str, Meta(min_length=1, max_length=50_000)]


class Image(BlockType):
    """An image with a caption."""

    images: ClassVar[tuple[str, ...]] = ("image_id",)

    image_id: UUID
    caption: Paragraph = ""
    width: Literal["narrow", "wide", "full"] = "wide"


class ProductGrid(BlockType):
    """Products: named ones, or those of a collection, category or tag."""

    title: Line = ""
    handles: Annotated[list[Handle], Meta(max_length=24)] = []
    collection: Annotated[str, Meta(max_length=120, pattern=r"^(|[a-z0-9]+(-[a-z0-9]+)*)$")] = ""
    category: Path = ""
    tag: Annotated[str, Meta(max_length=80, pattern=r"^(|[a-z0-9]+(-[a-z0-9]+)*)$")] = ""
    limit: Annotated[int, Meta(ge=1, le=24)] = 8


TYPES: dict[str, type[BlockType]] = {"hero": Hero, "text": Text, "image": Image, "product_grid": ProductGrid}


def check_blocks(blocks: Iterable[Any], *, maximum: int, field: str) -> Blocks:
    """Answer blocks as they are stored, or refuse them all, naming what is wrong with each.

    :raises TooManyBlocks: if there are more than `maximum`
    :raises BlockInvalid: with one entry per block that is wrong
    """
    given = list(blocks)
    if len(given) > maximum:
        raise TooManyBlocks(f"{len(given)} blocks; a page has at most {maximum}", field=field)
    clean: list[tuple[str, dict[str, Any]]] = []
    errors: list[FieldError] = []
    for index, block in enumerate(given):
        try:
            clean.append(_check(block))
        except msgspec.ValidationError as error:
            where, message = _explain(str(error))
            errors.append(FieldError(".".join(filter(None, (field, str(index), where))), BlockInvalid.code, message))
    if errors:
        raise BlockInvalid(f"{errors[0].field}: {errors[0].message}", errors=tuple(errors))
    return clean


def _check(block: Any) -> tuple[str, dict[str, Any]]:
    if not isinstance(block, Mapping) or not isinstance(block.get("type"), str):
        raise msgspec.ValidationError("expected {type, data}")
    unknown = set(block) - {"type", "data", "id", "position"}
    if unknown:
        raise msgspec.ValidationError(f"Object contains unknown field `{sorted(map(str, unknown))[0][:64]}`")
    kind = TYPES.get(block["type"])
    if kind is None:
        raise msgspec.ValidationError(f"unknown type {block['type'][:32]!r}: one of {', '.join(TYPES)} - at `$.type`")
    try:
        data = msgspec.convert(block.get("data", {}), kind)
    except msgspec.ValidationError as error:
        where, message = _explain(str(error))
        raise msgspec.ValidationError(f"{message} - at `$.{'.'.join(filter(None, ('data', where)))}`") from None
    return block["type"], msgspec.to_builtins(data)


_PLACE = re.compile(r" - at `\$\.?(.*)`$")
_MISSING = re.compile(r"^Object missing required field `(\w+)`")
_UNKNOWN = re.compile(r"^Object contains unknown field `(.+)`")
#: What msgspec says, and what we say.
_SAID = (
    (re.compile(r"matching regex.*", re.DOTALL), "not in the right form: a link begins with / or https://, a handle is "
     "lower case letters, digits and hyphens"),
    (re.compile(r"^Expected `str` of length >= 1$"), "this is needed"),
    (re.compile(r"^Expected `(?:str|array)` of length <= (\d+)$"), r"at most \1 are allowed"),
    (re.compile(r"^Expected `int` >= (\d+)$"), r"at least \1"),
    (re.compile(r"^Expected `int` <= (\d+)$"), r"at most \1"),
)  # fmt: skip


def _explain(message: str) -> tuple[str, str]:
    """Split msgspec's message into the path of the field and a sentence for people."""
    place = _PLACE.search(message)
    where = re.sub(r"\[(\d+|\.\.\.)\]", r".\1", place.group(1)) if place else ""
    words = _PLACE.sub("", message)
    for pattern, said in ((_MISSING, "this is needed"), (_UNKNOWN, "there is no such field")):
        if found := pattern.match(words):
            return ".".join(filter(None, (where, found.group(1)))), said
    for pattern, said in _SAID:
        if found := pattern.search(words):
            return where, found.expand(said)
    return where, words


def asset_ids(blocks: Iterable[tuple[str, Mapping[str, Any]]]) -> set[UUID]:
    """Collect the images that blocks show."""
    return {
        UUID(str(data[name]))
        for kind, data in blocks if kind in TYPES
        for name in TYPES[kind].images if data.get(name)
    }  # fmt: skip
