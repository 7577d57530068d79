"""The tree of categories and the tags in the admin."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.widgets import UnfoldAdminSelectWidget

from apps.taxonomy.models import Category, Tag
from apps.taxonomy.services import (
    create_category,
    create_tag,
    delete_category,
    delete_tag,
    update_category,
    update_tag,
)
from rustok.kernel.edges.admin import Admin, Menu
from rustok.kernel.edges.admin_words import TranslatedAdmin, html, line, word


class CategoryForm(forms.ModelForm):  # type: ignore[type-arg]
    """A category's place in the tree."""

    slug = forms.SlugField(
        label=_("Slug"), required=False, max_length=80,
        help_text=_("Its part of the address; made from the name if left empty."),
    )  # fmt: skip
    parent = forms.ModelChoiceField(
        label=_("Under"), queryset=Category.objects.none(), required=False, widget=UnfoldAdminSelectWidget,
        empty_label=_("— at the top —"),
    )  # fmt: skip

    class Meta:
        model = Category
        fields = ("parent", "slug", "position")
        help_texts = {"position": _("Its place among its siblings; 0 is first.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "parent" in self.fields:
            others = Category.objects.prefetch_related("translations").order_by("path")
            if not self.instance._state.adding:
                others = others.exclude(pk__in=Category.objects.below(self.instance.path).values("pk"))
            parent: Any = self.fields["parent"]
            parent.queryset = others
            parent.label_from_instance = _indented


def _name(category: Category) -> str:
    return word(category.translations.all(), "name", category.slug)


def _indented(category: Category) -> str:
    return "\u2003" * (category.depth - 1) + _name(category)


@admin.register(Category)
class CategoryAdmin(TranslatedAdmin):
    """The tree, as it stands in the storefront's menu."""

    resource = "categories"
    menu = Menu("catalogue", "account_tree", 30)
    form = CategoryForm
    words = {
        "name": line(_("Name"), max_length=120),
        "description": html(_("Description"), max_length=5_000, rows=5),
    }
    list_display = ("tree_name", "path", "position")
    search_fields = ("path", "translations__name")
    ordering = ("path",)
    list_per_page = 200
    field_names = {"parent_id": "parent"}

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Show the words first, then the place."""
        return [(_("Place"), {"fields": ("parent", "slug", "position")}), *self.word_tabs()]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Read names along."""
        return super().get_queryset(request).prefetch_related("translations")

    @display(description=_("Category"), ordering="path")
    def tree_name(self, obj: Category) -> SafeString:
        """Indent the name by its depth."""
        return format_html('<span class="rt-depth-{}">{}</span>', obj.depth, _name(obj))

    def search_title(self, obj: Category) -> str:
        """Answer name and path."""
        return f"{_name(obj)} · {obj.path}"

    def live_url(self, obj: Category) -> str:
        """Answer its page in the storefront."""
        return f"/categories/{obj.path}/"

    def save_through_service(self, request: HttpRequest, obj: Any, form: Any, formsets: Any, change: bool) -> Any:
        """Put the category into the tree, or change it."""
        data, actor = form.cleaned_data, request.actor  # type: ignore[attr-defined]
        parent_id = data["parent"].pk if data["parent"] else None
        values = {"translations": self.words_in(form), "slug": data["slug"], "parent_id": parent_id}
        if change:
            return update_category(
                actor=actor, category_id=obj.pk, expected_version=self.version_seen(request), position=data["position"],
                **values,
            )  # fmt: skip
        position = data["position"] if "position" in form.changed_data else None
        return create_category(actor=actor, position=position, **values)

    def delete_through_service(self, request: HttpRequest, obj: Any) -> None:
        """Take it out of the tree."""
        delete_category(actor=request.actor, category_id=obj.pk)  # type: ignore[attr-defined]


class TagForm(forms.ModelForm):  # type: ignore[type-arg]
    """A tag."""

    slug = forms.SlugField(
        label=_("Slug"), required=False, max_length=80, help_text=_("Made from the name if left empty.")
    )

    class Meta:
        model = Tag
        fields = ("name", "slug")


@admin.register(Tag)
class TagAdmin(Admin):
    """Free words; the slug of a tag never changes, because filters use it."""

    resource = "categories"
    menu = Menu("catalogue", "sell", 50)
    form = TagForm
    list_display = ("name", "slug")
    search_fields = ("name", "slug")
    fields = ("name", "slug")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Keep the slug of a tag that exists."""
        return ("slug",) if obj else ()

    def save_through_service(self, request: HttpRequest, obj: Any, form: Any, formsets: Any, change: bool) -> Any:
        """Make or rename the tag."""
        data, actor = form.cleaned_data, request.actor  # type: ignore[attr-defined]
        if change:
            return update_tag(
                actor=actor, tag_id=obj.pk, name=data["name"], expected_version=self.version_seen(request)
            )
        return create_tag(actor=actor, name=data["name"], slug=data["slug"])

    def delete_through_service(self, request: HttpRequest, obj: Any) -> None:
        """Delete the tag."""
        delete_tag(actor=request.actor, tag_id=obj.pk)  # type: ignore[attr-defined]
