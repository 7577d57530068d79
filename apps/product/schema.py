"""GraphQL: collections, and writing products; products are read from the index."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import graphene
from django.utils import timezone

from apps.index.public import ProductType, compose_product
from apps.product import inputs, selectors, services
from rustok.kernel.access import PUBLIC, Actor
from rustok.kernel.edges.graphql import (
    Field,
    Mutation,
    as_connection,
    asked_locale,
    connection_of,
    decode_node_id,
    encode_node_id,
    page_request,
)
from rustok.kernel.edges.rest import offered_currency
from rustok.kernel.ids import parse_id
from rustok.kernel.pages import Page, paginate

__all__ = ["Mutations", "Query"]


class CollectionType(graphene.ObjectType):
    """Products chosen by hand; `products(filter: {collection: …})` lists them."""

    class Meta:
        name = "Collection"

    id = graphene.ID(required=True)
    handle = graphene.String(required=True)
    title = graphene.String(required=True)
    description = graphene.String(required=True)
    product_count = graphene.Int(required=True)
    resolved_locale = graphene.String()

    def resolve_id(root: Any, info: Any) -> str:
        """Answer a Relay node id."""
        return encode_node_id("Collection", root["id"])


CollectionConnection = connection_of(CollectionType, "Collection")


class Query(graphene.ObjectType):
    """Collections."""

    collections = Field(
        CollectionConnection,
        permission=PUBLIC,
        required=True,
        first=graphene.Int(),
        after=graphene.String(),
        locale=graphene.String(),
        description="Collections as they were arranged.",
    )

    def resolve_collections(root: Any, info: Any, first: Any = None, after: Any = None, locale: Any = None) -> Any:
        """List collections."""
        page = paginate(selectors.collections(), ["position", "handle"], page_request(first, after, count=True))
        documents = selectors.collection_documents(page.results, asked_locale(info, locale))
        return as_connection(
            Page(documents, next=page.next, previous=page.previous, count=page.count, cursors=page.cursors)
        )


# --- inputs ---------------------------------------------------------------------------------------------------------


class TranslationInput(graphene.InputObjectType):
    """The words of one locale; left out stays, and `remove` takes the locale away."""

    class Meta:
        name = "ProductTranslationInput"

    locale = graphene.String(required=True)
    title = graphene.String()
    subtitle = graphene.String()
    description = graphene.String(description="HTML; it is sanitised.")
    seo_title = graphene.String()
    seo_description = graphene.String()
    remove = graphene.Boolean()


class ChoiceInput(graphene.InputObjectType):
    """The value of one option."""

    class Meta:
        name = "ProductChoiceInput"

    name = graphene.String(required=True)
    value = graphene.String(required=True)


class OptionTranslationInput(graphene.InputObjectType):
    """An option in another locale; `values` pairs a value with what it is called."""

    class Meta:
        name = "ProductOptionTranslationInput"

    locale = graphene.String(required=True)
    name = graphene.String()
    values = graphene.List(graphene.NonNull(ChoiceInput))


class OptionInput(graphene.InputObjectType):
    """An option with its values, in the shop's default locale."""

    class Meta:
        name = "ProductOptionInput"

    name = graphene.String(required=True)
    values = graphene.List(graphene.NonNull(graphene.String), required=True)
    translations = graphene.List(graphene.NonNull(OptionTranslationInput))


class VariantInput(graphene.InputObjectType):
    """A variant, with a value for every option of the product."""

    class Meta:
        name = "ProductVariantInput"

    sku = graphene.String()
    options = graphene.List(graphene.NonNull(ChoiceInput))
    weight_g = graphene.Int()
    barcode = graphene.String()
    requires_shipping = graphene.Boolean()
    is_active = graphene.Boolean()
    image_id = graphene.ID()


def _input(**more: Any) -> type[Any]:
    """Declare an input: what creating and changing have in common, and more."""
    fields = {
        "handle": graphene.String(),
        "kind": graphene.String(description="physical, digital, external or grouped"),
        "vendor": graphene.String(),
        "category_id": graphene.ID(),
        "tags": graphene.List(graphene.NonNull(graphene.String)),
        "external_url": graphene.String(),
        "button_text": graphene.String(),
        "translations": graphene.List(graphene.NonNull(TranslationInput)),
        "options": graphene.List(graphene.NonNull(OptionInput)),
        "images": graphene.List(graphene.NonNull(graphene.ID), description="Ids of images, in order."),
        "members": graphene.List(graphene.NonNull(graphene.ID), description="Products of a group."),
        "locale": graphene.String(description="Of the answer."),
        "currency": graphene.String(description="Of the answer."),
    }
    return type("Input", (), fields | more)


def _plain(data: Mapping[str, Any]) -> dict[str, Any]:
    """Bring GraphQL's lists of pairs into the form that `inputs.py` validates."""
    plain: dict[str, Any] = {name: value for name, value in data.items() if name not in ("locale", "currency")}
    if plain.get("translations") is not None:
        plain["translations"] = {one["locale"]: _words(one) for one in plain["translations"]}
    if plain.get("options") is not None:
        plain["options"] = [_option(one) for one in plain["options"]]
    if plain.get("variants") is not None:
        plain["variants"] = [_variant(one) for one in plain["variants"]]
    if plain.get("category_id"):
        plain["category_id"] = decode_node_id("Category", plain["category_id"])
    if plain.get("members") is not None:
        plain["members"] = [decode_node_id("Product", one) for one in plain["members"]]
    return plain


def _words(given: Mapping[str, Any]) -> dict[str, Any] | None:
    if given.get("remove"):
        return None
    return {name: text for name, text in given.items() if name not in ("locale", "remove")}


def _option(given: Mapping[str, Any]) -> dict[str, Any]:
    option = {"name": given["name"], "values": given["values"]}
    if given.get("translations"):
        option["translations"] = {one["locale"]: _option_words(one) for one in given["translations"]}
    return option


def _option_words(given: Mapping[str, Any]) -> dict[str, Any]:
    words: dict[str, Any] = {"name": given["name"]} if given.get("name") else {}
    return words | {"values": _pairs(given.get("values") or ())}


def _variant(given: Mapping[str, Any]) -> dict[str, Any]:
    return {**given, "options": _pairs(given.get("options") or ())}


def _pairs(given: Sequence[Mapping[str, str]]) -> dict[str, str]:
    return {one["name"]: one["value"] for one in given}


def _key(text: str) -> UUID:
    """Read the id of a product.

    :raises NoSuchProduct: if it is none
    """
    key = parse_id(decode_node_id("Product", text))
    if key is None:
        raise services.NoSuchProduct(field="id")
    return key


def _payload(info: Any, product_id: UUID, data: Mapping[str, Any]) -> dict[str, Any]:
    locale = data.get("locale")
    return {
        "product": compose_product(
            product_id,
            asked_locale(info, locale),
            offered_currency(data.get("currency")),
        )
    }


# --- mutations ------------------------------------------------------------------------------------------------------


class ProductCreate(Mutation):
    """Create a product; it is a draft until it is published."""

    permission = "products.create"
    product = graphene.Field(ProductType)

    Input = _input(variants=graphene.List(graphene.NonNull(VariantInput)))  # type: ignore[assignment]

    @classmethod
    def perform(cls, actor: Actor, info: Any, **data: Any) -> dict[str, Any]:
        """Create it."""
        clean = inputs.ProductInput.parse(_plain(data))
        ref = services.create_product(actor=actor, now=timezone.now(), **clean)
        return _payload(info, ref.id, data)


class ProductUpdate(Mutation):
    """Change a product; `status` publishes, unpublishes or archives it."""

    permission = "products.update"
    product = graphene.Field(ProductType)

    Input = _input(  # type: ignore[assignment]
        id=graphene.ID(required=True),
        status=graphene.String(description="draft, active or archived"),
        expected_version=graphene.Int(description="Refuse if somebody changed it since."),
    )

    @classmethod
    def perform(cls, actor: Actor, info: Any, **data: Any) -> dict[str, Any]:
        """Change it."""
        product = services.update_product(
            actor=actor,
            product_id=_key(data.pop("id")),
            now=timezone.now(),
            expected_version=data.pop("expected_version", None),
            **inputs.ProductChangeInput.parse(_plain(data), partial=True),
        )
        return _payload(info, product.pk, data)


class ProductPublish(Mutation):
    """Put a product on sale; it needs a price."""

    permission = "products.update"
    product = graphene.Field(ProductType)

    class Input:
        id = graphene.ID(required=True)

    @classmethod
    def perform(cls, actor: Actor, info: Any, **data: Any) -> dict[str, Any]:
        """Put it on sale."""
        product = services.publish_product(actor=actor, product_id=_key(data["id"]), now=timezone.now())
        return _payload(info, product.pk, {})


class ProductUnpublish(Mutation):
    """Take a product off sale; it becomes a draft again."""

    permission = "products.update"
    product = graphene.Field(ProductType)

    class Input:
        id = graphene.ID(required=True)

    @classmethod
    def perform(cls, actor: Actor, info: Any, **data: Any) -> dict[str, Any]:
        """Take it off sale."""
        product = services.unpublish_product(actor=actor, product_id=_key(data["id"]))
        return _payload(info, product.pk, {})


class ProductDelete(Mutation):
    """Delete a product; archiving keeps old links meaningful."""

    permission = "products.delete"
    deleted_id = graphene.ID()

    class Input:
        id = graphene.ID(required=True)

    @classmethod
    def perform(cls, actor: Actor, info: Any, **data: Any) -> dict[str, Any]:
        """Delete it."""
        services.delete_product(actor=actor, product_id=_key(data["id"]))
        return {"deleted_id": data["id"]}


class Mutations(graphene.ObjectType):
    """The catalogue's mutations."""

    product_create = ProductCreate.Field()
    product_update = ProductUpdate.Field()
    product_publish = ProductPublish.Field()
    product_unpublish = ProductUnpublish.Field()
    product_delete = ProductDelete.Field()
