"""Pages in the admin: the words of each language on a tab, its blocks on another, in order."""

from __future__ import annotations

import json
from typing import Any, ClassVar

from django import forms
from django.apps import apps
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.forms.models import BaseInlineFormSet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from unfold.decorators import display
from unfold.widgets import UnfoldAdminIntegerFieldWidget, UnfoldAdminSelectWidget

from apps.pages.models import MAX_BLOCKS, TYPE_NAMES, Block, Page
from apps.pages.models.blocks import TYPES, BlockInvalid, check_blocks
from apps.pages.services import create_page, delete_page, publish_page, unpublish_page, update_page
from rustok.kernel.edges.admin import Menu, ScopedInline
from rustok.kernel.edges.admin_content import has_published, markdown, publishing, states
from rustok.kernel.edges.admin_words import TranslatedAdmin, language_name, line, word
from rustok.kernel.edges.admin_words import text as lines
from rustok.kernel.tenancy import current_tenant

__all__ = ["PageAdmin"]

#: Fields that each type has, by the definition that validates them.
_FIELDS: dict[str, tuple[str, ...]] = {name: kind.__struct_fields__ for name, kind in TYPES.items()}
_WIDTHS = [("narrow", _("narrow")), ("wide", _("wide")), ("full", _("full"))]


# --- blocks -------------------------------------------------------------------------------------------------------


class BlockForm(forms.ModelForm):  # type: ignore[type-arg]
    """One block: the fields of all types, of which those of its own type are shown and read."""

    title = line(_("Title"), max_length=200)
    text = lines(_("Words"), max_length=1_000, rows=3)
    body = markdown(_("Text"), max_length=50_000, rows=10)
    image_id: Any = forms.ModelChoiceField(
        label=_("Image"), queryset=None, required=False, widget=UnfoldAdminSelectWidget, empty_label=_("— none —")
    )
    caption = lines(_("Caption"), max_length=1_000, rows=2)
    width = forms.ChoiceField(
        label=_("Width"), choices=_WIDTHS, required=False, initial="wide", widget=UnfoldAdminSelectWidget
    )
    cta_label = line(_("Words on the button"), max_length=60)
    cta_url = line(_("Where the button leads"), max_length=500, help_text=_("Such as /categories/tents/ or https://…"))
    handles = line(
        _("Products"),
        max_length=3_000,
        help_text=_("Handles, separated by commas; or one of the next three."),
    )
    collection = line(_("Collection"), max_length=120)
    category = line(_("Category"), max_length=200, help_text=_("Its path, such as camping/tents."))
    tag = line(_("Tag"), max_length=80)
    limit = forms.IntegerField(
        label=_("How many"), min_value=1, max_value=24, required=False, initial=8,
        widget=UnfoldAdminIntegerFieldWidget,
    )  # fmt: skip

    class Meta:
        model = Block
        fields = ("type", "position")

    class Media:
        js = ("rustok/blocks.js",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        images: Any = self.fields["image_id"]
        images.queryset = _images().order_by("original_name")
        for name in self._own():
            self.fields[name].required = False
        kind: Any = self.fields["type"]
        kind.label, kind.choices = _("Kind"), list(TYPE_NAMES.items())
        kind.widget.attrs["data-block-fields"] = json.dumps(_FIELDS)
        self.fields["position"].required = False
        if not self.instance._state.adding:
            self.initial.update(_to_form(self.instance.data))

    def _own(self) -> set[str]:
        return {name for fields in _FIELDS.values() for name in fields}

    def clean(self) -> dict[str, Any]:
        """Check the block by the definition of its type; what is wrong stands beside its field."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        kind = data.get("type")
        if kind in TYPES and not self.errors:
            block = {"type": kind, "data": _to_data(kind, data)}
            try:
                check_blocks([block], maximum=1, field="block")
            except BlockInvalid as refusal:
                for error in refusal.errors:
                    self._put(error.field.split("."), error.message)
            data["block"] = block
        return data

    def _put(self, place: list[str], message: str) -> None:
        field = next((step for step in place if step in self.fields and step != "type"), None)
        self.add_error(field, ValidationError(message))


def _images() -> QuerySet[Any]:
    """Answer the images that a block may show."""
    return apps.get_model("media", "Asset")._default_manager.all()


def _to_form(data: dict[str, Any]) -> dict[str, Any]:
    return {name: ", ".join(value) if isinstance(value, list) else value for name, value in data.items()}


def _to_data(kind: str, clean: dict[str, Any]) -> dict[str, Any]:
    """Read the fields of a type; what was left empty is left out."""
    data: dict[str, Any] = {}
    for name in _FIELDS[kind]:
        value = clean.get(name)
        if name == "image_id" and value:
            value = str(value.pk)
        elif name == "handles" and value:
            value = [handle.strip() for handle in value.split(",") if handle.strip()]
        if value not in (None, ""):
            data[name] = value
    return data


class BlockFormSet(BaseInlineFormSet):  # type: ignore[type-arg]
    """The blocks of one language."""

    locale: ClassVar[str] = ""

    @property
    def blocks(self) -> list[dict[str, Any]]:
        """Answer the blocks in the order in which they stand."""
        kept = [form for form in self.forms if form.cleaned_data.get("block") and not form.cleaned_data.get("DELETE")]
        return [form.cleaned_data["block"] for form in sorted(kept, key=_place)]


def _place(form: Any) -> int:
    """Answer where a block was dragged to; a new one comes last."""
    place = form.cleaned_data.get("position")
    return MAX_BLOCKS + 1 if place is None else int(place)


class BlockInline(ScopedInline):
    """The blocks of one language, on a tab."""

    resource = "pages"
    model = Block
    form = BlockForm
    formset = BlockFormSet
    locale: ClassVar[str] = ""
    tab = True
    collapsible = True
    ordering_field = "position"
    hide_ordering_field = True
    ordering = ("position",)
    max_num = MAX_BLOCKS

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Keep the language's own."""
        return super().get_queryset(request).filter(locale=self.locale)  # type: ignore[no-any-return]

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Show the kind first."""
        own = dict.fromkeys(name for fields in _FIELDS.values() for name in fields)
        return [(None, {"fields": ("type", *own, "position")})]


def _inline_of(locale: str) -> type[BlockInline]:
    formset = type(f"BlockFormSet_{locale}", (BlockFormSet,), {
        "locale": locale, "get_default_prefix": classmethod(lambda cls: f"blocks_{locale}"),
    })  # fmt: skip
    name = _("Blocks") if len(current_tenant().locales) == 1 else f"{_('Blocks')} · {language_name(locale)}"
    return type(f"BlockInline_{locale}", (BlockInline,), {
        "locale": locale, "formset": formset, "verbose_name_plural": name, "verbose_name": _("Block"),
    })  # fmt: skip


# --- pages --------------------------------------------------------------------------------------------------------


class PageForm(forms.ModelForm):  # type: ignore[type-arg]
    """Where a page stands."""

    class Meta:
        model = Page
        fields = ("path",)
        help_texts = {"path": _("Its address, such as about/team. “home” is the front page.")}


def _publish(request: Any, page: Page, locale: str | None) -> None:
    publish_page(actor=request.actor, page_id=page.pk, locale=locale, now=timezone.now())


def _unpublish(request: Any, page: Page, locale: str | None) -> None:
    unpublish_page(actor=request.actor, page_id=page.pk, locale=locale, now=timezone.now())


@admin.register(Page)
class PageAdmin(publishing("pages.update", _publish, _unpublish), TranslatedAdmin):  # type: ignore[misc]
    """Pages."""

    resource = "pages"
    menu = Menu("content", "web", 20)
    form = PageForm
    words = {
        "title": line(_("Title"), max_length=200),
        "excerpt": lines(pgettext_lazy("of a text", "Summary"), max_length=500, rows=2),
        "seo_title": line(_("Title for search engines"), max_length=200),
        "seo_description": lines(_("Description for search engines"), max_length=320, rows=2),
    }
    list_display = ("path", "title", "state", "changed")
    list_filter = ("node__translations__status",)
    search_fields = ("path", "node__translations__title")
    ordering = ("path",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Read words along."""
        return super().get_queryset(request).select_related("node").prefetch_related("node__translations")

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Show the words first, then the address."""
        return [(_("Page"), {"fields": ("path",)}), *self.word_tabs()]

    def get_inlines(self, request: HttpRequest, obj: Any) -> list[Any]:
        """Answer the blocks of each language."""
        return [_inline_of(locale) for locale in current_tenant().locales]

    @display(description=_("Title"))
    def title(self, obj: Page) -> str:
        """Answer the title in the reader's language."""
        return Truncator(word(obj.translations.all(), "title", obj.path)).chars(80)

    @display(description=_("Languages"))
    def state(self, obj: Page) -> SafeString:
        """Show which languages visitors see."""
        return states(obj.translations.all())

    @display(description=_("Changed"), ordering="node__updated_at")
    def changed(self, obj: Page) -> Any:
        """Answer when it was last changed."""
        return obj.node.updated_at

    def search_title(self, obj: Page) -> str:
        """Answer the title."""
        return self.title(obj)

    def live_url(self, obj: Page) -> str | None:
        """Answer its address in the storefront, once it is published."""
        if not has_published(obj):
            return None
        return "/" if obj.path == "home" else f"/{obj.path}/"

    def save_through_service(self, request: HttpRequest, obj: Any, form: Any, formsets: Any, change: bool) -> Any:
        """Write the page with its blocks."""
        actor, now = request.actor, timezone.now()  # type: ignore[attr-defined]
        path, words = form.cleaned_data["path"], self.words_in(form)
        blocks = {formset.locale: formset.blocks for formset in formsets if formset.has_changed()}
        if change:
            return update_page(
                actor=actor, page_id=obj.pk, path=path, translations=words, blocks=blocks, now=now,
                expected=self.version_seen(request),
            )  # fmt: skip
        page = create_page(actor=actor, path=path, translations=words, blocks=blocks, now=now)
        obj.node_id = page.pk
        return page

    def delete_through_service(self, request: HttpRequest, obj: Any) -> None:
        """Remove the page."""
        delete_page(actor=request.actor, page_id=obj.pk)  # type: ignore[attr-defined]
