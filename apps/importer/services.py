"""Bringing drafts into the catalogue: one transaction per product, safe to run again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

import msgspec
from django.db import transaction

from apps.importer.drafts import ProductDraft, Reading, Remark, VariantDraft
from apps.importer.images import Fetcher, ImageNotFetched
from apps.importer.models import ImportRecord
from apps.inventory import public as inventory
from apps.media.public import store_image
from apps.pricing.public import set_prices
from apps.product import public as catalogue
from apps.taxonomy.public import ensure_category
from rustok.kernel.access import Actor, authorize
from rustok.kernel.errors import DomainError
from rustok.kernel.money import Money

__all__ = ["Report", "import_products"]

Progress = Callable[[int, int], None]


@dataclass(slots=True)
class Report:
    """What came of an import."""

    rows: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    remarks: list[Remark] = field(default_factory=list)

    @property
    def skipped(self) -> int:
        """Rows of which nothing was imported."""
        return len({remark.row for remark in self.remarks if remark.whole})


@dataclass(frozen=True, slots=True)
class _Job:
    """What holds for every product of one import."""

    actor: Actor
    source: str
    locale: str
    currency: str
    now: datetime
    fetcher: Fetcher


def import_products(
    *,
    actor: Actor,
    source: str,
    reading: Reading,
    locale: str,
    currency: str,
    now: datetime,
    fetcher: Fetcher,
    progress: Progress = lambda done, total: None,
) -> Report:
    """Import everything that was read; a product that fails is a remark and leaves nothing half done.

    Groups come last, because their members must be there. A product whose rows are the same as at its last import
    is left alone.
    """
    authorize(actor, "products.import")
    job = _Job(actor, source, locale, currency, now, fetcher)
    report = Report(rows=reading.rows, remarks=list(reading.remarks))
    drafts = sorted(reading.products, key=lambda draft: draft.kind == "grouped")
    for done, draft in enumerate(drafts, start=1):
        try:
            _bring_in(job, draft, report)
        except DomainError as error:
            report.remarks.append(Remark(draft.row, _key(draft), error.detail, whole=True))
        progress(done, len(drafts))
    report.remarks.sort(key=lambda remark: remark.row)
    return report


def _bring_in(job: _Job, draft: ProductDraft, report: Report) -> None:
    known = ImportRecord.objects.filter(source=job.source, external_id=draft.external_id).first()
    digest = _digest(job, draft)
    if known is not None and known.digest == digest:
        report.unchanged += 1
        record = known
    else:
        with transaction.atomic():
            record = _write(job, draft, known, digest, report)
        report.updated += known is not None
        report.created += known is None
    if draft.image_urls and not record.has_images:
        _add_images(job, draft, record, report)


def _digest(job: _Job, draft: ProductDraft) -> str:
    """Hash what the product is made of; its place in the file does not count."""
    content = asdict(draft) | {"row": 0, "locale": job.locale, "currency": job.currency}
    return sha256(msgspec.json.encode(content)).hexdigest()


def _write(job: _Job, draft: ProductDraft, known: ImportRecord | None, digest: str, report: Report) -> ImportRecord:
    if known is None:
        _refuse_foreign_skus(draft)
        product_id = _create(job, draft, report)
        record = ImportRecord(source=job.source, external_id=draft.external_id, product_id=product_id)
    else:
        record, product_id = known, known.product_id
        _update(job, draft, product_id, report)
    _set_prices_and_stock(job, draft)
    _publish(job, draft, product_id)
    if draft.featured:
        featured = catalogue.ensure_collection(
            actor=job.actor, handle="featured", translations={job.locale: {"title": "Featured"}}
        )
        catalogue.add_to_collection(actor=job.actor, collection_id=featured, products=[product_id])
    record.digest = digest
    record.save()
    return record


class SkuTaken(DomainError):
    """The SKU belongs to a product that was not imported from here."""

    code = "sku_taken"
    status = 409


def _refuse_foreign_skus(draft: ProductDraft) -> None:
    taken = catalogue.find_by_skus([variant.sku for variant in draft.variants])
    if taken:
        raise SkuTaken(f"the SKU {min(taken)!r} belongs to another product here")


def _common(job: _Job, draft: ProductDraft, report: Report) -> dict[str, Any]:
    """Say what creating and updating have in common."""
    return {
        "kind": draft.kind,
        "category_id": ensure_category(actor=job.actor, path=draft.category, locale=job.locale)
        if draft.category
        else None,
        "tags": draft.tags[:50],
        "external_url": draft.external_url,
        "button_text": draft.button_text,
        "members": _members(draft, report),
        "translations": {job.locale: _words(draft)},
    }


def _words(draft: ProductDraft) -> dict[str, str]:
    return {"title": draft.title[:200], "subtitle": draft.subtitle[:300], "description": draft.description[:100_000]}


def _members(draft: ProductDraft, report: Report) -> list[UUID]:
    """Find the products of a group by the SKUs of their variants."""
    found = catalogue.find_by_skus(draft.members)
    missing = [sku for sku in draft.members if sku not in found]
    if missing:
        reason = f"its members {', '.join(missing)[:200]} are not in the catalogue"
        report.remarks.append(Remark(draft.row, _key(draft), reason))
    return list(dict.fromkeys(found[sku].product_id for sku in draft.members if sku in found))


def _create(job: _Job, draft: ProductDraft, report: Report) -> UUID:
    created = catalogue.create_product(
        actor=job.actor,
        now=job.now,
        handle="" if catalogue.find_by_handle(draft.handle) else draft.handle,
        options=_options(draft),
        variants=[_variant(variant) for variant in draft.variants],
        **_common(job, draft, report),
    )
    return created.id


def _update(job: _Job, draft: ProductDraft, product_id: UUID, report: Report) -> None:
    catalogue.update_product(actor=job.actor, product_id=product_id, now=job.now, **_common(job, draft, report))
    standing = catalogue.find_by_skus([variant.sku for variant in draft.variants])
    for variant in draft.variants:
        found = standing.get(variant.sku)
        if found is None:
            catalogue.add_variant(actor=job.actor, product_id=product_id, **_variant(variant))
        elif found.product_id != product_id:
            raise SkuTaken(f"the SKU {variant.sku!r} belongs to another product here")
        else:
            catalogue.update_variant(actor=job.actor, variant_id=found.id, **_variant(variant))


def _options(draft: ProductDraft) -> list[Any]:
    return [{"name": name, "values": values} for name, values in draft.options.items()]


def _variant(variant: VariantDraft) -> Any:
    given: dict[str, Any] = {
        "sku": variant.sku, "weight_g": variant.weight_g, "requires_shipping": variant.requires_shipping,
        "barcode": variant.barcode,
    }  # fmt: skip
    return given | ({"options": variant.options} if variant.options else {})


def _set_prices_and_stock(job: _Job, draft: ProductDraft) -> None:
    ids = {sku: ref.id for sku, ref in catalogue.find_by_skus([v.sku for v in draft.variants]).items()}
    prices: Sequence[tuple[UUID, Money, Money | None]] = [
        (ids[v.sku], Money(v.price, job.currency), Money(v.compare_at, job.currency) if v.compare_at else None)
        for v in draft.variants
        if v.price is not None
    ]
    if prices:
        set_prices(actor=job.actor, prices=prices)
    for variant in draft.variants:
        inventory.set_policy(actor=job.actor, variant_id=ids[variant.sku], tracked=variant.stock is not None)
        if variant.stock is not None:
            inventory.set_stock(actor=job.actor, variant_id=ids[variant.sku], on_hand=variant.stock)


def _publish(job: _Job, draft: ProductDraft, product_id: UUID) -> None:
    if draft.published:
        catalogue.publish_product(actor=job.actor, product_id=product_id, now=job.now)
    else:
        catalogue.unpublish_product(actor=job.actor, product_id=product_id)


def _add_images(job: _Job, draft: ProductDraft, record: ImportRecord, report: Report) -> None:
    """Fetch and keep the images, outside of the product's transaction; what is missing is tried again next time."""
    assets, reasons = [], []
    for url in draft.image_urls[:20]:
        try:
            raw = job.fetcher.fetch(url)
            name = url.rpartition("/")[2]
            assets.append(store_image(actor=job.actor, content=raw, filename=name, alt={job.locale: draft.title[:200]}))
        except (ImageNotFetched, DomainError) as error:
            reasons.append(str(error))
    if reasons:
        reason = f"{len(reasons)} of {len(draft.image_urls)} images are missing: {reasons[0]}"
        report.remarks.append(Remark(draft.row, _key(draft), reason))
    if assets:
        catalogue.update_product(actor=job.actor, product_id=record.product_id, now=job.now, images=assets)
    record.has_images = not reasons
    record.save()


def _key(draft: ProductDraft) -> str:
    return draft.variants[0].sku if len(draft.variants) == 1 else draft.title[:60]
