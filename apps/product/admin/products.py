"""The list of products, and one page on which a product is made from end to end."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import DropdownFilter, MultipleChoicesDropdownFilter
from unfold.decorators import display
from unfold.widgets import UnfoldAdminTextInputWidget

from apps.media.public import image_urls, store_image
from apps.product.admin import variants as rows
from apps.product.admin.gallery import GalleryField, UploadsField
from apps.product.models import Product, ProductImage
from apps.product.services import (
    add_variant,
    create_product,
    delete_product,
    delete_variant,
    publish_product,
    unpublish_product,
    update_product,
    update_variant,
)
from rustok.kernel.edges.admin import Menu, moment, object_action
from rustok.kernel.edges.admin_columns import Typed
from rustok.kernel.edges.admin_words import TranslatedAdmin, field_for, html, line, text, word
from rustok.kernel.errors import DomainError, FieldError
from rustok.kernel.tenancy import current_tenant

STATUS = {"draft": "default", "active": "success", "archived": "warning"}


def _indented(category: Any) -> str:
    return "\u2003" * (category.depth - 1) + word(category.translations.all(), "name", category.slug)


class ProductForm(forms.ModelForm):  # type: ignore[type-arg]
    """What a product is, apart from its words and its variants."""

    handle = forms.CharField(
        label=_("Handle"), max_length=120, required=False, widget=UnfoldAdminTextInputWidget,
        help_text=_("Its part of the address; made from the title if left empty."),
    )  # fmt: skip
    tag_names = forms.CharField(
        label=_("Tags"), max_length=2_000, required=False, widget=UnfoldAdminTextInputWidget,
        help_text=_("Separated by commas. New ones are made."),
    )  # fmt: skip
    member_handles = forms.CharField(
        label=_("Products of the group"), max_length=13_000, required=False, widget=UnfoldAdminTextInputWidget,
        help_text=_("Their handles, separated by commas, in order."),
    )  # fmt: skip
    gallery = GalleryField(label=_("Images"), required=False)
    uploads = UploadsField(label=_("Add images"), required=False)
    # on the page of a new product only
    sku = forms.CharField(
        label=_("SKU"), max_length=50, required=False, widget=UnfoldAdminTextInputWidget,
        help_text=_("With options, each variant gets its values after it, such as TEE-M-RED."),
    )  # fmt: skip
    weight_g = forms.IntegerField(label=_("Weight, g"), min_value=0, max_value=10_000_000, required=False)

    class Meta:
        model = Product
        fields = ("handle", "kind", "category", "vendor", "external_url", "button_text")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "category" in self.fields:
            category: Any = self.fields["category"]
            category.label_from_instance = _indented
        if self.instance._state.adding:
            return
        links = self.instance.tag_links.select_related("tag").order_by("tag__name")
        self.initial["tag_names"] = ", ".join(link.tag.name for link in links)
        members = self.instance.member_links.select_related("member").order_by("position")
        self.initial["member_handles"] = ", ".join(link.member.handle for link in members)
        shown = self.instance.images.filter(variant=None).order_by("position", "pk")
        self.initial["gallery"] = list(shown.values_list("asset_id", flat=True))

    def clean_member_handles(self) -> list[UUID]:
        """Find the products of these handles."""
        handles = _listed(self.cleaned_data["member_handles"])
        found = dict(Product.objects.filter(handle__in=handles[:100]).values_list("handle", "pk"))
        for handle in handles:
            if handle not in found:
                self.add_error("member_handles", _("There is no product %(handle)s.") % {"handle": handle})
        return [found[handle] for handle in handles if handle in found]


def _categories() -> Any:
    return Product._meta.get_field("category").related_model._default_manager.all()  # type: ignore[union-attr]


def _listed(said: str) -> list[str]:
    return list(dict.fromkeys(part.strip() for part in said.split(",") if part.strip()))


class CategoryFilter(DropdownFilter):  # type: ignore[misc]
    """By category, with all that is under it."""

    title = _("category")
    parameter_name = "category"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """List the tree."""
        tree = _categories().prefetch_related("translations").order_by("path")
        return [(one.path, _indented(one)) for one in tree]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Keep what is in the category or under it."""
        if not self.value():
            return queryset
        below = _categories().below(self.value())
        return queryset.filter(category__in=below)


@admin.register(Product)
class ProductAdmin(TranslatedAdmin):
    """Products, with their words, images, options, variants, prices and stock."""

    resource = "products"
    menu = Menu("catalogue", "inventory_2", 10)
    form = ProductForm
    words = {
        "title": line(_("Title"), max_length=200),
        "subtitle": line(_("Subtitle"), max_length=300),
        "description": html(_("Description"), max_length=100_000),
        "seo_title": line(_("Title for search engines"), max_length=200),
        "seo_description": text(_("Description for search engines"), max_length=500, rows=2),
    }
    inlines = (rows.OptionInline, rows.VariantInline)
    list_display = ("picture", "title", "status_label", "category_name", "vendor", moment("updated_at", _("Changed")))
    list_display_links = ("picture", "title")
    list_filter = (("status", MultipleChoicesDropdownFilter), ("kind", MultipleChoicesDropdownFilter), CategoryFilter)
    search_fields = ("handle", "translations__title", "variants__sku", "vendor")
    search_help_text = _("Title, SKU, handle or vendor")
    ordering = ("-updated_at", "-id")
    actions = ("publish_all", "unpublish_all")
    field_names = {"category_id": "category", "tags": "tag_names", "images": "uploads", "members": "member_handles"}
    conditional_fields = {
        "external_url": "kind === 'external'", "button_text": "kind === 'external'",
        "member_handles": "kind === 'grouped'",
    }  # fmt: skip

    # --- the list

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Read titles along."""
        return super().get_queryset(request).prefetch_related("translations")

    def list_rows(self, request: HttpRequest) -> QuerySet[Any]:
        """Read along what only the list shows."""
        first = ProductImage.objects.filter(variant=None).order_by("position", "pk")
        return self.get_queryset(request).prefetch_related(
            Prefetch("images", queryset=first, to_attr="shown_images"), "category__translations"
        )

    def fill_list(self, request: HttpRequest, page: list[Any]) -> None:
        """Find the pictures of one page of the list, in two queries."""
        first = {product.pk: product.shown_images[0].asset_id for product in page if product.shown_images}
        urls = image_urls(list(first.values()), width=160)
        for product in page:
            product.picture_url = urls.get(first.get(product.pk))  # type: ignore[arg-type]

    @display(description="")
    def picture(self, obj: Any) -> SafeString:
        """Show the first image."""
        if not obj.picture_url:
            return format_html('<span class="rt-thumb" role="img" aria-label="{}"></span>', gettext("no picture"))
        said = gettext("Picture of %(name)s") % {"name": self.title(obj)}
        return format_html('<img class="rt-thumb" src="{}" alt="{}" loading="lazy">', obj.picture_url, said)

    @display(description=_("Product"))
    def title(self, obj: Any) -> str:
        """Answer the title in the reader's language."""
        return word(obj.translations.all(), "title", obj.handle)

    @display(description=_("Status"), ordering="status", label=STATUS)
    def status_label(self, obj: Product) -> tuple[str, str]:
        """Answer the status in words."""
        return obj.status, str(obj.get_status_display())

    @display(description=_("Category"), ordering="category__path")
    def category_name(self, obj: Any) -> str:
        """Answer the category in the reader's language."""
        return word(obj.category.translations.all(), "name", obj.category.slug) if obj.category else "—"

    def search_title(self, obj: Any) -> str:
        """Answer the title."""
        return self.title(obj)

    def live_url(self, obj: Product) -> str | None:
        """Answer its page in the storefront, once it is there."""
        return f"/products/{obj.handle}/" if obj.is_on_sale else None

    # --- the page

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """On the page of a new product, ask for the price and stock of its variants, too."""
        if obj is None:
            kwargs["form"] = type("ProductForm", (ProductForm,), rows.column_fields())
        form = super().get_form(request, obj, change=change, **kwargs)
        if "handle" in form.base_fields and obj is None:
            title = f"id_{field_for('title', current_tenant().default_locale)}"
            form.base_fields["handle"].widget.attrs["data-follows"] = title
        return form

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Show words, images, place, and for a new product what its variants have in common."""
        images = ("gallery", "uploads") if obj else ("uploads",)
        place = ("category", "vendor", "tag_names", "kind", "external_url", "button_text", "member_handles", "handle")
        sets = [*self.word_tabs(), (_("Images"), {"fields": images}), (_("Place and kind"), {"fields": place})]
        if obj is None:
            fields = (("sku", "weight_g"), *rows.column_pairs())
            about = _("Every variant begins with these; they can differ afterwards.")
            sets.append((_("Price and stock"), {"fields": fields, "description": about}))
        return sets

    def get_inlines(self, request: HttpRequest, obj: Any) -> tuple[Any, ...]:
        """Ask for options at once, and for variants once they can be listed."""
        return (rows.OptionInline, rows.VariantInline) if obj else (rows.OptionInline,)

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: str | None = None) -> HttpResponse:
        """Go on to the new product's page: it is a draft, and somebody should look at its variants."""
        if "_addanother" in request.POST or "_popup" in request.POST:
            return super().response_add(request, obj, post_url_continue)
        message = gettext("The product is made, as a draft. Look at its variants, then publish it.")
        messages.success(request, message)
        return HttpResponse(status=302, headers={"Location": reverse("admin:product_product_change", args=[obj.pk])})

    # --- saving

    def save_through_service(self, request: HttpRequest, obj: Any, form: Any, formsets: Any, change: bool) -> Any:
        """Save everything on the page in one transaction."""
        sets = {formset.prefix: formset for formset in formsets}
        if change:
            return self._change(request, obj, form, sets)
        return self._create(request, form, sets)

    def _values(self, form: Any) -> dict[str, Any]:
        data = form.cleaned_data
        return {
            "translations": self.words_in(form), "kind": data["kind"], "vendor": data["vendor"],
            "category_id": data["category"].pk if data["category"] else None, "tags": _listed(data["tag_names"]),
            "external_url": data["external_url"], "button_text": data["button_text"],
            "members": data["member_handles"],
        }  # fmt: skip

    def _create(self, request: HttpRequest, form: Any, sets: Mapping[str, Any]) -> Any:
        actor, data = request.actor, form.cleaned_data  # type: ignore[attr-defined]
        options = rows.options_in(sets["options"])
        ref = create_product(
            actor=actor, now=timezone.now(), handle=data["handle"], options=options,  # type: ignore[arg-type]
            variants=rows.combinations(options, data["sku"], {"weight_g": data["weight_g"]}),  # type: ignore[arg-type]
            images=self._store(request, form), **self._values(form),
        )  # fmt: skip
        typed = {name: data.get(name) for name in rows.column_fields()}
        said = frozenset(name for name, value in typed.items() if value is not None)
        columns = [Typed(variant_id, typed, said) for variant_id in ref.variants.values()]
        try:
            rows.write_columns(actor, columns, {})
        except DomainError as refusal:
            refusal.errors = tuple(FieldError(one.field.lstrip("."), one.code, one.message) for one in refusal.errors)
            raise
        return Product.objects.get(pk=ref.id)

    def _change(self, request: HttpRequest, obj: Product, form: Any, sets: Mapping[str, Any]) -> Any:
        """Delete rows, change the product, change rows, add rows: so that nothing stands in another's way."""
        actor, seen = request.actor, self.version_seen(request)  # type: ignore[attr-defined]
        gone, changed, added = rows.variant_rows(sets["variants"])
        for variant in gone:
            delete_variant(actor=actor, variant_id=variant.pk, expected_version=seen)
            seen = None
        values = self._values(form)
        options = rows.options_in(sets["options"])
        if sets["options"].has_changed():
            values["options"] = options
        if form.cleaned_data["handle"]:
            values["handle"] = form.cleaned_data["handle"]
        images = self._images(request, form)
        if images is not None:
            values["images"] = images
        product = update_product(actor=actor, product_id=obj.pk, now=timezone.now(), expected_version=seen, **values)
        self._change_variants(actor, product, options, changed, added)
        return product

    def _change_variants(self, actor: Any, product: Product, options: Any, changed: Any, added: Any) -> None:
        known = {option["name"] for option in options}
        typed, where = [], {}
        for place, row in [*changed, *added]:
            given = row.given()
            if "options" in given:
                given["options"] = {name: value for name, value in given["options"].items() if name in known}
            key = row.instance.pk
            try:
                if row.instance._state.adding:
                    key = add_variant(actor=actor, product_id=product.pk, **given).pk
                elif given:
                    update_variant(actor=actor, variant_id=key, **given)
            except DomainError as refusal:
                raise _in_row(refusal, place) from refusal
            typed.append(row.typed(key))
            where[key] = f"variants.{place}"
        rows.write_columns(actor, typed, where)

    def _images(self, request: HttpRequest, form: Any) -> list[UUID] | None:
        """Answer all images in their order; None if nothing about them changed."""
        new = self._store(request, form)
        kept = form.cleaned_data["gallery"]
        if not new and (kept is None or "gallery" not in form.changed_data):
            return None
        return [*(form.initial["gallery"] if kept is None else kept), *new]

    def _store(self, request: HttpRequest, form: Any) -> list[UUID]:
        tenant = current_tenant()
        title = form.cleaned_data[field_for("title", tenant.default_locale)]
        alt = {tenant.default_locale: title}
        return [
            store_image(actor=request.actor, content=file, filename=file.name, alt=alt)  # type: ignore[attr-defined]
            for file in form.cleaned_data["uploads"]
        ]

    def delete_through_service(self, request: HttpRequest, obj: Any) -> None:
        """Delete it with its variants."""
        delete_product(actor=request.actor, product_id=obj.pk)  # type: ignore[attr-defined]

    # --- on sale or not

    @object_action(
        _("Publish"), permission="products.update", when=lambda product: not product.is_on_sale, primary=True,
        icon="visibility",
    )  # fmt: skip
    def publish(self, request: HttpRequest, obj: Product, data: dict[str, Any]) -> str:
        """Put it on sale."""
        publish_product(actor=request.actor, product_id=obj.pk, now=timezone.now())  # type: ignore[attr-defined]
        return gettext("The product is on sale.")

    @object_action(
        _("Unpublish"), permission="products.update", when=lambda product: product.is_on_sale, icon="visibility_off"
    )
    def unpublish(self, request: HttpRequest, obj: Product, data: dict[str, Any]) -> str:
        """Take it off sale."""
        unpublish_product(actor=request.actor, product_id=obj.pk)  # type: ignore[attr-defined]
        return gettext("The product is a draft again.")

    @object_action(
        _("Archive"), permission="products.update", icon="archive",
        when=lambda product: product.status != Product.Status.ARCHIVED,
    )  # fmt: skip
    def archive(self, request: HttpRequest, obj: Product, data: dict[str, Any]) -> str:
        """Put it away; old orders keep their link to it."""
        update_product(
            actor=request.actor, product_id=obj.pk, now=timezone.now(), status=Product.Status.ARCHIVED  # type: ignore[attr-defined]
        )  # fmt: skip
        return gettext("The product is archived.")

    @admin.action(description=_("Publish"), permissions=["update"])
    def publish_all(self, request: HttpRequest, queryset: QuerySet[Product]) -> None:
        """Put the chosen ones on sale; those that are not ready are named with the reason."""
        actor, now = request.actor, timezone.now()  # type: ignore[attr-defined]
        act = lambda one: publish_product(actor=actor, product_id=one.pk, now=now)  # noqa: E731
        self.do_each(request, queryset, act, gettext("Published"))

    @admin.action(description=_("Unpublish"), permissions=["update"])
    def unpublish_all(self, request: HttpRequest, queryset: QuerySet[Product]) -> None:
        """Take the chosen ones off sale."""
        actor = request.actor  # type: ignore[attr-defined]
        act = lambda one: unpublish_product(actor=actor, product_id=one.pk)  # noqa: E731
        self.do_each(request, queryset, act, gettext("Unpublished"))


def _in_row(refusal: DomainError, place: int) -> DomainError:
    """Say of a refusal which row of the page it is about."""
    errors = refusal.errors or (FieldError("", refusal.code, refusal.detail),)
    refusal.errors = tuple(
        FieldError(f"variants.{place}.{one.field}".rstrip("."), one.code, one.message) for one in errors
    )
    return refusal
