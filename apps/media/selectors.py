"""Reading images."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet

from apps.media.models import Asset, AssetTranslation, Rendition
from rustok.kernel.access import Actor, restrict
from rustok.kernel.locales import fallback_chain
from rustok.kernel.tenancy import current_tenant
from rustok.kernel.times import iso

__all__ = [
    "asset_document",
    "asset_documents",
    "assets",
    "find_asset",
    "image_docs",
    "image_docs_by_locale",
    "image_urls",
    "known_assets",
]


def assets(actor: Actor) -> QuerySet[Asset]:
    """List the images that the actor may see, newest first."""
    return restrict(actor, Asset.objects.order_by("-id"), "media.list")


def find_asset(actor: Actor, asset_id: UUID) -> Asset | None:
    """Answer an image that the actor may see."""
    return restrict(actor, Asset.objects.filter(pk=asset_id), "media.read").first()


def image_docs(asset_ids: Iterable[UUID], locale: str) -> dict[UUID, dict[str, Any]]:
    """Answer what a page needs to show images: url, alt, size, srcset and renditions; in three queries."""
    return image_docs_by_locale(asset_ids, [locale])[locale]


def image_docs_by_locale(asset_ids: Iterable[UUID], locales: Sequence[str]) -> dict[str, dict[UUID, dict[str, Any]]]:
    """Answer the same in several locales, in three queries; of no images in none."""
    keys = set(asset_ids)
    found = list(Asset.objects.filter(pk__in=keys)) if keys else []
    if not found:
        return {locale: {} for locale in locales}
    copies, words = _renditions(found), _words(found)
    return {locale: {one.pk: _image(one, copies, words, locale) for one in found} for locale in locales}


def image_urls(asset_ids: Iterable[UUID], *, width: int) -> dict[UUID, str]:
    """Answer the address of the copy of each image that is this wide, or as wide as it gets; in one query."""
    rows = Rendition.objects.filter(asset__in=set(asset_ids), width__lte=width).order_by("asset", "width")
    return {asset_id: _url(file) for asset_id, file in rows.values_list("asset_id", "file")}


def known_assets(asset_ids: Iterable[UUID]) -> set[UUID]:
    """Answer those of the ids that are images."""
    return set(Asset.objects.filter(pk__in=set(asset_ids)).values_list("pk", flat=True))


def asset_document(asset: Asset, locale: str) -> dict[str, Any]:
    """Answer the form that the API shows of an image."""
    return asset_documents([asset], locale)[0]


def asset_documents(found: Sequence[Asset], locale: str) -> list[dict[str, Any]]:
    """Answer the form that the API shows of images, in two queries."""
    copies, words = _renditions(found), _words(found)
    return [
        {
            "id": str(one.pk),
            **_image(one, copies, words, locale),
            "alts": words[one.pk],
            "content_type": one.content_type,
            "size": one.size,
            "original_name": one.original_name,
            "focal_x": one.focal_x,
            "focal_y": one.focal_y,
            "created_at": iso(one.created_at),
            "updated_at": iso(one.updated_at),
        }
        for one in found
    ]


def _image(
    asset: Asset,
    copies: Mapping[UUID, list[dict[str, Any]]],
    words: Mapping[UUID, Mapping[str, str]],
    locale: str,
) -> dict[str, Any]:
    renditions = copies.get(asset.pk, [])
    return {
        "url": _url(str(asset.file.name)),
        "alt": _alt(words.get(asset.pk, {}), locale),
        "width": asset.width,
        "height": asset.height,
        "srcset": ", ".join(f"{one['url']} {one['width']}w" for one in renditions),
        "renditions": renditions,
    }


def _renditions(found: Sequence[Asset]) -> dict[UUID, list[dict[str, Any]]]:
    copies: defaultdict[UUID, list[dict[str, Any]]] = defaultdict(list)
    rows = Rendition.objects.filter(asset__in=found).order_by("width")
    for asset_id, file, width, height in rows.values_list("asset_id", "file", "width", "height"):
        copies[asset_id].append({"url": _url(file), "width": width, "height": height})
    return copies


def _words(found: Sequence[Asset]) -> dict[UUID, dict[str, str]]:
    words: defaultdict[UUID, dict[str, str]] = defaultdict(dict)
    rows = AssetTranslation.objects.filter(asset__in=found).order_by("locale")
    for asset_id, locale, alt in rows.values_list("asset_id", "locale", "alt"):
        words[asset_id][locale] = alt
    return words


def _alt(words: Mapping[str, str], locale: str) -> str:
    chain = fallback_chain(locale, current_tenant().default_locale)
    return next((words[one] for one in chain if one in words), next(iter(words.values()), ""))


def _url(name: str) -> str:
    return f"{settings.MEDIA_URL}{name}"
