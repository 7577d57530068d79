"""Taking images in, describing them, throwing them away.

A row is committed after its files are in place, so that a kill at any moment leaves at most a file without a row; such
files are swept.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import IO, TypedDict, Unpack
from uuid import UUID

from django.db import InterfaceError, OperationalError, transaction
from django.db.models import ProtectedError, Sum

from apps.media import files
from apps.media.events import MediaDeleted, MediaUpdated, MediaUploaded
from apps.media.images import MAX_BYTES, Encoded, encode_image
from apps.media.models import Asset, AssetTranslation, Rendition
from apps.media.orphans import find_orphans
from rustok.kernel import audit
from rustok.kernel.access import Actor, authorize
from rustok.kernel.errors import Conflict, NotFound, PayloadTooLarge, PreconditionFailed
from rustok.kernel.events import publish
from rustok.kernel.ids import new_id
from rustok.kernel.locales import UnknownLocale
from rustok.kernel.tenancy import current_tenant

__all__ = ["AssetChanges", "Swept", "delete_asset", "store_image", "sweep_files", "update_asset"]


class NoSuchAsset(NotFound):
    """There is no such image."""

    code = "no_such_asset"


class AssetInUse(Conflict):
    """Something still shows this image."""

    code = "asset_in_use"


class StorageFull(Conflict):
    """The shop has as many images as it may keep; delete some, or ask the platform for more room."""

    code = "storage_full"


class AssetChanges(TypedDict, total=False):
    """What may change in an image; an alternative text of None is taken away."""

    alt: Mapping[str, str | None]
    focal_x: int
    focal_y: int


def store_image(
    *, actor: Actor, content: bytes | IO[bytes], filename: str = "", alt: Mapping[str, str] | None = None
) -> UUID:
    """Keep an image and answer its id; the same bytes again are the same image, with the new words added.

    :raises BadImage: if it is none
    :raises TooLarge: above 50 million pixels
    :raises PayloadTooLarge: above 20 MB, or what the tenant may upload at once
    :raises StorageFull: if the tenant's images would be more than it may keep
    """
    authorize(actor, "media.create")
    words = _checked(alt or {})
    raw = content if isinstance(content, bytes) else content.read(MAX_BYTES + 1)
    _check_size(len(raw))
    digest = sha256(raw).hexdigest()
    known = Asset.objects.filter(sha256=digest).first()
    if known is not None:
        _add_words(known, words)
        return known.pk
    _check_room(len(raw))
    return _take_in(actor, raw, digest, filename, words).pk


def _check_size(size: int) -> None:
    most = current_tenant().limits.get("upload_bytes")
    if most is not None and size > most:
        raise PayloadTooLarge(f"an upload has at most {most} bytes here")


def _check_room(size: int) -> None:
    """Refuse what the tenant has no room for; uploads at the same moment may go above it by one each."""
    most = current_tenant().limits.get("media_bytes")
    if most is not None and size + (Asset.objects.aggregate(sum=Sum("size"))["sum"] or 0) > most:
        raise StorageFull(f"the images of this shop have at most {most} bytes")


def _take_in(actor: Actor, raw: bytes, digest: str, filename: str, words: Mapping[str, str | None]) -> Asset:
    original, *smaller = encode_image(raw)
    asset_id = new_id()
    encoded = {files.file_name(asset_id, one.extension, one.spec): one for one in (original, *smaller)}
    paths = [files.absolute(name) for name in encoded]
    try:
        for name, one in encoded.items():
            files.write(name, one.content)
        asset = _record(actor, asset_id, digest, filename, encoded, words)
    except (OperationalError, InterfaceError):
        raise  # whether the row was committed is not known, so its files stay
    except Exception:
        files.discard(paths)
        raise
    if asset.pk != asset_id:
        files.discard(paths)
    return asset


@transaction.atomic
def _record(
    actor: Actor,
    asset_id: UUID,
    digest: str,
    filename: str,
    encoded: Mapping[str, Encoded],
    words: Mapping[str, str | None],
) -> Asset:
    """Write the rows; if somebody uploaded the same bytes meanwhile, theirs are the ones."""
    authorize(actor, "media.create")  # once more: only in a transaction is looked at what the permission reaches
    (name, original), *smaller = encoded.items()
    row = Asset(
        id=asset_id,
        file=name,
        content_type=original.content_type,
        width=original.width,
        height=original.height,
        size=len(original.content),
        sha256=digest,
        original_name="".join(char for char in filename if char.isprintable())[:200],
    )
    Asset.objects.bulk_create([row], ignore_conflicts=True)
    asset = Asset.objects.get(sha256=digest)
    if asset.pk != asset_id:
        _add_words(asset, words)
        return asset
    Rendition.objects.bulk_create(
        Rendition(asset=asset, spec=one.spec, file=name, width=one.width, height=one.height) for name, one in smaller
    )
    _write_words(asset, words)
    publish(MediaUploaded(asset_id=asset.pk), aggregate=asset)
    return asset


@transaction.atomic
def _add_words(asset: Asset, words: Mapping[str, str | None]) -> None:
    """Say it in the locales that have no words yet; what is said already stays."""
    standing = set(asset.translations.values_list("locale", flat=True)) if words else set()
    missing = {locale: text for locale, text in words.items() if text and locale not in standing}
    if missing:
        _write_words(asset, missing)
        publish(MediaUpdated(asset_id=asset.pk), aggregate=asset)


def _write_words(asset: Asset, words: Mapping[str, str | None]) -> None:
    gone = [locale for locale, text in words.items() if not text]
    if gone:
        asset.translations.filter(locale__in=gone).delete()
    AssetTranslation.objects.bulk_create(
        [AssetTranslation(asset=asset, locale=locale, alt=text) for locale, text in words.items() if text],
        update_conflicts=True,
        unique_fields=["asset", "locale"],
        update_fields=["alt", "updated_at"],
    )


@transaction.atomic
def update_asset(
    *, actor: Actor, asset_id: UUID, expected_version: int | None = None, **changes: Unpack[AssetChanges]
) -> Asset:
    """Change what an image says and where its middle is.

    :raises PreconditionFailed: if its version is not the expected one
    """
    asset = _lock(asset_id)
    authorize(actor, "media.update", asset)
    _check_version(asset, expected_version)
    asset.focal_x = changes.get("focal_x", asset.focal_x)
    asset.focal_y = changes.get("focal_y", asset.focal_y)
    asset.version += 1
    asset.save(update_fields=["focal_x", "focal_y", "version", "updated_at"])
    _write_words(asset, _checked(changes.get("alt", {})))
    publish(MediaUpdated(asset_id=asset.pk), aggregate=asset)
    return asset


@transaction.atomic
def delete_asset(*, actor: Actor, asset_id: UUID, expected_version: int | None = None) -> None:
    """Throw an image away; its files go once that is committed.

    :raises AssetInUse: if something shows it
    """
    asset = _lock(asset_id)
    authorize(actor, "media.delete", asset)
    _check_version(asset, expected_version)
    names = [asset.file.name, *asset.renditions.values_list("file", flat=True)]
    publish(MediaDeleted(asset_id=asset.pk), aggregate=asset)
    try:
        asset.delete()
    except ProtectedError:
        raise AssetInUse(asset_id) from None
    paths = [files.absolute(name) for name in names]
    transaction.on_commit(lambda: files.discard(paths))


@dataclass(frozen=True, slots=True)
class Swept:
    """What came of a look for files that no row names."""

    looked_at: int
    orphans: int
    bytes: int
    deleted: int
    #: Whether so many were found that nothing was deleted.
    is_held: bool
    #: Whether all folders were looked through.
    is_all: bool


def sweep_files(
    *, actor: Actor, folders: Sequence[str], now: datetime, seconds: float, dry_run: bool = False, force: bool = False
) -> Swept:
    """Delete the files of the current tenant that no row names and that are older than a day; only those of our names.

    Where more than a hundred are more than half of all files, it is rather the rows that are missing, as after a
    restore: nothing is deleted then, unless by `force`.
    """
    authorize(actor, "media.delete")
    found = find_orphans(folders, now=now, seconds=seconds)
    is_held = found.are_suspect and not force
    deleted = 0 if dry_run or is_held else len(found.paths)
    if deleted:
        files.discard(found.paths)
        audit.record("media.swept", actor=actor, files=deleted, bytes=found.bytes)
    return Swept(found.looked_at, len(found.paths), found.bytes, deleted, is_held, found.is_all)


def _lock(asset_id: UUID) -> Asset:
    asset = Asset.objects.select_for_update().filter(pk=asset_id).first()
    if asset is None:
        raise NoSuchAsset()
    return asset


def _check_version(asset: Asset, expected: int | None) -> None:
    if expected is not None and expected != asset.version:
        raise PreconditionFailed(f"this is version {asset.version}, not {expected}")


def _checked(alt: Mapping[str, str | None]) -> dict[str, str | None]:
    offered = current_tenant().locales
    for locale in alt:
        if locale not in offered:
            raise UnknownLocale(f"{locale} is not one of {', '.join(offered)}", field=f"alt.{locale}")
    return {locale: text.strip()[:300] if text else None for locale, text in alt.items()}
