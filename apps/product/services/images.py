"""Which images show a product, and which one of its variants."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from apps.media.public import known_assets
from apps.product.models import MAX_IMAGES, Product, ProductImage, Variant
from apps.product.services.aggregate import lock_product, touch, writing
from apps.product.services.options import TooMany, VariantGiven
from rustok.kernel.access import Actor
from rustok.kernel.errors import Conflict, Invalid, NotFound

__all__ = ["add_image", "insert_images", "remove_image", "replace_images", "show_variant_by"]


class NoSuchImage(NotFound):
    """The product has no such image."""

    code = "no_such_image"


class ImageThere(Conflict):
    """The product shows this image already."""

    code = "image_there"


def insert_images(
    product: Product, images: Sequence[UUID], variants: Sequence[tuple[Variant, VariantGiven]] = ()
) -> None:
    """Give a new product its images; those of variants are the product's, too."""
    own = {variant.pk: image for variant, given in variants if (image := given.get("image_id"))}
    shown = list(dict.fromkeys([*images, *own.values()]))
    if not shown:
        return
    _check(shown)
    rows = [ProductImage(product=product, asset_id=asset, position=at) for at, asset in enumerate(shown)]
    rows += [
        ProductImage(product=product, asset_id=asset, variant_id=variant, position=shown.index(asset))
        for variant, asset in own.items()
    ]
    ProductImage.objects.bulk_create(rows)


def replace_images(product: Product, images: Sequence[UUID]) -> None:
    """Show exactly these images, in this order; a variant keeps its own if it is among them."""
    shown = list(dict.fromkeys(images))
    _check(shown)
    product.images.exclude(asset_id__in=shown).delete()
    ProductImage.objects.bulk_create(
        [ProductImage(product=product, asset_id=asset, position=at) for at, asset in enumerate(shown)],
        update_conflicts=True, unique_fields=["product", "asset", "variant"], update_fields=["position", "updated_at"],
    )  # fmt: skip


@writing()
def add_image(
    *,
    actor: Actor,
    product_id: UUID,
    asset_id: UUID,
    variant_id: UUID | None = None,
    position: int | None = None,
    expected_version: int | None = None,
) -> ProductImage:
    """Show an image with a product, at the end if no position is given, and with one of its variants if it is named.

    :raises ImageThere: if it is shown already
    """
    product = lock_product(actor, product_id, expected_version)
    _check([asset_id])
    shown = list(product.images.filter(variant=None).order_by("position", "pk").values_list("asset_id", flat=True))
    if variant_id is None and asset_id in shown:
        raise ImageThere(field="asset_id")
    if asset_id not in shown:
        shown.insert(len(shown) if position is None else position, asset_id)
        replace_images(product, shown)
    if variant_id is not None:
        show_variant_by(product, variant_id, asset_id)
    touch(product)
    return product.images.get(asset=asset_id, variant=variant_id)


@writing()
def remove_image(*, actor: Actor, product_id: UUID, image_id: UUID, expected_version: int | None = None) -> Product:
    """Stop showing an image with a product and with all its variants; the image itself stays in the media.

    :raises NoSuchImage: if the product does not show it
    """
    product = lock_product(actor, product_id, expected_version)
    image = product.images.filter(pk=image_id).first()
    if image is None:
        raise NoSuchImage()
    (
        product.images.filter(asset_id=image.asset_id)
        if image.variant_id is None
        else product.images.filter(pk=image_id)
    ).delete()
    return touch(product)


def show_variant_by(product: Product, variant_id: UUID, asset_id: UUID | None) -> None:
    """Let one image stand for a variant; None for none."""
    if not product.variants.filter(pk=variant_id).exists():
        raise Invalid("the product has no such variant", field="variant_id")
    standing = product.images.filter(variant_id=variant_id)
    if asset_id is not None and list(standing.values_list("asset_id", flat=True)) == [asset_id]:
        return
    standing.delete()
    if asset_id is None:
        return
    _check([asset_id])
    if not product.images.filter(asset_id=asset_id, variant=None).exists():
        ProductImage.objects.create(product=product, asset_id=asset_id, position=product.images.count())
    ProductImage.objects.create(product=product, asset_id=asset_id, variant_id=variant_id)


def _check(assets: Sequence[UUID]) -> None:
    if len(assets) > MAX_IMAGES:
        raise TooMany(f"a product has at most {MAX_IMAGES} images", field="images")
    missing = set(assets) - known_assets(assets)
    if missing:
        raise Invalid(f"there is no image {min(missing)}", field="images")
