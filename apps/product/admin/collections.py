"""Collections in the admin: products chosen by hand, in an order."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.widgets import UnfoldAdminTextInputWidget

from apps.product.models import Collection, CollectionItem
from apps.product.services import create_collection, delete_collection, update_collection
from rustok.kernel.edges.admin import Menu, ScopedTabularInline
from rustok.kernel.edges.admin_words import TranslatedAdmin, field_for, html, line, word
from rustok.kernel.tenancy import current_tenant

#: Rows that the page lists; a longer collection keeps its products, and is arranged through the API.
MAX_ROWS = 200


class ItemInline(ScopedTabularInline):
    """The products, in their order."""

    model = CollectionItem
    resource = "products"
    fields = ("product", "position")
    autocomplete_fields = ("product",)
    ordering_field = "position"
    hide_ordering_field = True
    hide_title = True
    max_num = MAX_ROWS
    verbose_name_plural = _("Products")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Read products along."""
        rows: QuerySet[Any] = super().get_queryset(request)
        return rows.select_related("product").order_by("position", "pk")


class CollectionForm(forms.ModelForm):  # type: ignore[type-arg]
    """A collection."""

    handle = forms.CharField(
        label=_("Handle"), max_length=120, required=False, widget=UnfoldAdminTextInputWidget,
        help_text=_("Its part of the address; made from the title if left empty."),
    )  # fmt: skip

    class Meta:
        model = Collection
        fields = ("handle", "position")


@admin.register(Collection)
class CollectionAdmin(TranslatedAdmin):
    """Products chosen by hand."""

    resource = "products"
    menu = Menu("catalogue", "collections_bookmark", 40)
    form = CollectionForm
    words = {
        "title": line(_("Title"), max_length=200),
        "description": html(_("Description"), max_length=20_000, rows=5),
    }
    list_display = ("name", "handle", "size", "position")
    search_fields = ("handle", "translations__title")
    ordering = ("position", "handle")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Read names and sizes along."""
        return super().get_queryset(request).prefetch_related("translations").annotate(held=Count("items"))

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Show the words first."""
        return [(_("Place"), {"fields": ("handle", "position")}), *self.word_tabs()]

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """Let the handle of a new collection follow its title."""
        form = super().get_form(request, obj, change=change, **kwargs)
        if "handle" in form.base_fields and obj is None:
            title = f"id_{field_for('title', current_tenant().default_locale)}"
            form.base_fields["handle"].widget.attrs["data-follows"] = title
        return form

    def get_inlines(self, request: HttpRequest, obj: Any) -> tuple[Any, ...]:
        """List the products of a collection that fits on a page."""
        return () if obj is not None and obj.held > MAX_ROWS else (ItemInline,)

    @display(description=_("Collection"), ordering="handle")
    def name(self, obj: Any) -> str:
        """Answer the title in the reader's language."""
        return word(obj.translations.all(), "title", obj.handle)

    @display(description=_("Products"), ordering="held")
    def size(self, obj: Any) -> int:
        """Count the products."""
        return int(obj.held)

    def search_title(self, obj: Any) -> str:
        """Answer the title."""
        return self.name(obj)

    def live_url(self, obj: Collection) -> str:
        """Answer its page in the storefront."""
        return f"/collections/{obj.handle}/"

    def save_through_service(self, request: HttpRequest, obj: Any, form: Any, formsets: Any, change: bool) -> Any:
        """Save words, place and products."""
        data, actor = form.cleaned_data, request.actor  # type: ignore[attr-defined]
        values: dict[str, Any] = {"translations": self.words_in(form)}
        if data["handle"]:
            values["handle"] = data["handle"]
        if formsets:
            values["products"] = _in_order(formsets[0])
        if change:
            seen = self.version_seen(request)
            return update_collection(
                actor=actor, collection_id=obj.pk, expected_version=seen, position=data["position"], **values
            )
        return create_collection(actor=actor, position=data["position"] or None, **values)

    def delete_through_service(self, request: HttpRequest, obj: Any) -> None:
        """Delete it; its products stay."""
        delete_collection(actor=request.actor, collection_id=obj.pk)  # type: ignore[attr-defined]


def _in_order(formset: Any) -> list[Any]:
    """Read the products in the order of the rows."""
    gone = set(formset.deleted_forms)
    rows = [form for form in formset.forms if form not in gone and form.cleaned_data.get("product")]
    rows.sort(key=lambda form: form.cleaned_data.get("position") or 0)
    return [form.cleaned_data["product"].pk for form in rows]
