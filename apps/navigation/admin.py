"""Menus in the admin: one list of items in order, each as deep as it stands."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.forms.models import BaseInlineFormSet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from unfold.decorators import display
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from apps.navigation.models import MAX_ITEMS, Menu, MenuItem
from apps.navigation.services import set_menu
from rustok.kernel.edges.admin import Admin, ScopedTabularInline
from rustok.kernel.edges.admin import Menu as Place
from rustok.kernel.edges.admin_words import language_name
from rustok.kernel.tenancy import current_tenant

__all__ = ["MenuAdmin"]

_LEVELS = [(1, _("1 · at the top")), (2, _("2 · under the one above")), (3, _("3 · under that"))]


class ItemForm(forms.ModelForm):  # type: ignore[type-arg]
    """One item: what it is called in each language, where it leads, how deep it stands."""

    level = forms.TypedChoiceField(
        label=_("Level"), choices=_LEVELS, coerce=int, initial=1, widget=UnfoldAdminSelectWidget
    )

    class Meta:
        model = MenuItem
        fields = ("page", "url", "position")
        labels = {"url": _("or address")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        item = self.instance
        self.fields["position"].required = False
        labels = {} if item._state.adding else {row.locale: row.label for row in item.translations.all()}
        for locale in current_tenant().locales:
            self.initial[f"label_{locale}"] = labels.get(locale, "")
        self.initial.setdefault("level", getattr(item, "level", 1))

    def clean(self) -> dict[str, Any]:
        """Ask for a name and for one way to go."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if bool(data.get("url")) == bool(data.get("page")):
            self.add_error("url", _("Choose a page, or write an address; not both."))
        if not any(data.get(f"label_{locale}") for locale in current_tenant().locales):
            self.add_error(f"label_{current_tenant().default_locale}", _("Give it a name."))
        return data


class ItemFormSet(BaseInlineFormSet):  # type: ignore[type-arg]
    """The items of a menu, parents before children."""

    def get_queryset(self) -> Any:
        """List the items as they are shown: depth first, each knowing how deep it stands."""
        if not hasattr(self, "_ordered"):
            self._ordered = _depth_first(list(super().get_queryset()))
        return self._ordered

    def clean(self) -> None:
        """Refuse an item that stands under nothing."""
        super().clean()
        if any(self.errors):
            return
        above = 0
        for form in self._kept():
            if form.cleaned_data["level"] > above + 1:
                form.add_error("level", _("There is no item above it that it could stand under."))
                raise ValidationError(_("An item is at most one level below the one above it."))
            above = form.cleaned_data["level"]

    def _kept(self) -> list[Any]:
        kept = [form for form in self.forms if form.cleaned_data and not form.cleaned_data.get("DELETE")]
        return sorted(kept, key=_place)

    @property
    def items(self) -> list[dict[str, Any]]:
        """Answer the tree as `set_menu` takes it."""
        tree: list[dict[str, Any]] = []
        branches: list[list[dict[str, Any]]] = [tree]
        for form in self._kept():
            data = form.cleaned_data
            labels = {locale: data.get(f"label_{locale}") for locale in current_tenant().locales}
            item: dict[str, Any] = {
                "labels": {locale: label for locale, label in labels.items() if label},
                "url": data["url"],
                "page_id": str(data["page"].pk) if data["page"] else None,
                "children": [],
            }
            del branches[data["level"] :]
            branches[-1].append(item)
            branches.append(item["children"])
        return tree


def _place(form: Any) -> int:
    """Answer where a row was dragged to; a new one comes last."""
    place = form.cleaned_data.get("position")
    return MAX_ITEMS + 1 if place is None else int(place)


def _depth_first(items: list[Any]) -> list[Any]:
    children: dict[Any, list[Any]] = {}
    for item in sorted(items, key=lambda item: (item.position, item.pk)):
        children.setdefault(item.parent_id, []).append(item)
    ordered: list[Any] = []

    def walk(parent: Any, level: int) -> None:
        for item in children.get(parent, ()):
            item.level, item.position = level, len(ordered)
            ordered.append(item)
            walk(item.pk, level + 1)

    walk(None, 1)
    return ordered


class ItemInline(ScopedTabularInline):
    """The items."""

    resource = "pages"
    model = MenuItem
    form = ItemForm
    formset = ItemFormSet
    fk_name = "menu"
    hide_title = True
    ordering_field = "position"
    hide_ordering_field = True
    max_num = MAX_ITEMS
    verbose_name_plural = pgettext_lazy("of a menu", "Items")

    def get_queryset(self, request: HttpRequest) -> Any:
        """Read labels along."""
        return super().get_queryset(request).prefetch_related("translations")

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        """Build the form with a name for every language of the tenant."""
        fields = {
            f"label_{locale}": forms.CharField(
                label=language_name(locale), max_length=80, required=False, widget=UnfoldAdminTextInputWidget
            )
            for locale in current_tenant().locales
        }
        kwargs["form"] = type("ItemForm", (ItemForm,), fields)
        return super().get_formset(request, obj, **kwargs)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Show the names first."""
        names = tuple(f"label_{locale}" for locale in current_tenant().locales)
        return [(None, {"fields": (*names, "page", "url", "level", "position")})]


@admin.register(Menu)
class MenuAdmin(Admin):
    """Menus."""

    resource = "pages"
    menu = Place("content", "menu", 30)
    inlines = (ItemInline,)
    list_display = ("location", "how_many", "updated_at")
    fields = ("location",)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Keep the place of a menu that exists."""
        return ("location",) if obj else ()

    @display(description=pgettext_lazy("of a menu", "Items"))
    def how_many(self, obj: Menu) -> int:
        """Answer how many items it has."""
        return obj.items.count()

    def live_url(self, obj: Menu) -> str:
        """Answer a page that shows it."""
        return "/"

    def save_through_service(self, request: HttpRequest, obj: Any, form: Any, formsets: Any, change: bool) -> Any:
        """Replace the menu."""
        return set_menu(
            actor=request.actor,  # type: ignore[attr-defined]
            location=obj.location if change else form.cleaned_data["location"],
            items=formsets[0].items,
            expected=self.version_seen(request) if change else None,
        )
