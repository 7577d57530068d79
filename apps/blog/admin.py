"""Posts in the admin: each language on a tab, published by a button."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from unfold.decorators import display
from unfold.widgets import UnfoldAdminTextInputWidget

from apps.blog.models import Post
from apps.blog.services import create_post, delete_post, publish_post, unpublish_post, update_post
from rustok.kernel.edges.admin import Menu
from rustok.kernel.edges.admin_content import markdown, publishing, states
from rustok.kernel.edges.admin_words import TranslatedAdmin, line, reader_chain, text, word

__all__ = ["PostAdmin"]


class PostForm(forms.ModelForm):  # type: ignore[type-arg]
    """What a post has in every language."""

    tags = forms.CharField(
        label=_("Tags"), required=False, max_length=1_700, widget=UnfoldAdminTextInputWidget,
        help_text=_("Separated by commas. A tag that is new is made."),
    )  # fmt: skip
    author_name = forms.CharField(
        label=_("Author"), required=False, max_length=150, widget=UnfoldAdminTextInputWidget,
        help_text=_("As readers see it; your own name if left empty."),
    )  # fmt: skip

    class Meta:
        model = Post
        fields = ("cover", "takes_comments")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.instance._state.adding:
            self.initial["tags"] = ", ".join(tag.name for tag in self.instance.tags.all())
            self.initial["author_name"] = self.instance.node.author_name

    def clean_tags(self) -> list[str]:
        """Read names."""
        return [name.strip() for name in self.cleaned_data["tags"].split(",") if name.strip()]


def _publish(request: Any, post: Post, locale: str | None) -> None:
    publish_post(actor=request.actor, post_id=post.pk, locale=locale, now=timezone.now())


def _unpublish(request: Any, post: Post, locale: str | None) -> None:
    unpublish_post(actor=request.actor, post_id=post.pk, locale=locale, now=timezone.now())


@admin.register(Post)
class PostAdmin(publishing("posts.update", _publish, _unpublish), TranslatedAdmin):  # type: ignore[misc]
    """Posts."""

    resource = "posts"
    menu = Menu("content", "article", 10)
    form = PostForm
    words = {
        "title": line(_("Title"), max_length=200),
        "slug": line(_("Address"), max_length=120, help_text=_("Its part of the address; empty: made from the title.")),
        "excerpt": text(
            pgettext_lazy("of a text", "Summary"),
            max_length=500,
            rows=2,
            help_text=_("One or two sentences for lists."),
        ),
        "body": markdown(_("Text"), max_length=100_000),
        "seo_title": line(_("Title for search engines"), max_length=200),
        "seo_description": text(_("Description for search engines"), max_length=320, rows=2),
    }
    list_display = ("title", "state", "published", "author", "cover")
    list_filter = ("node__translations__status", "tags")
    search_fields = ("node__translations__title", "node__author_name")
    field_names = {"cover_id": "cover"}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Read words and tags along."""
        found = super().get_queryset(request).select_related("node", "cover")
        return found.prefetch_related("node__translations", "tags")

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Show the words first, then the rest."""
        about = {"fields": ("cover", "tags", "author_name", "takes_comments")}
        return [(_("Post"), about), *self.word_tabs()]

    @display(description=_("Title"))
    def title(self, obj: Post) -> str:
        """Answer the title in the reader's language."""
        return word(obj.translations.all(), "title", str(obj.pk))

    @display(description=_("Languages"))
    def state(self, obj: Post) -> SafeString:
        """Show which languages visitors see."""
        return states(obj.translations.all())

    @display(description=_("Published"))
    def published(self, obj: Post) -> Any:
        """Answer since when."""
        dates = [row.published_at for row in obj.translations.all() if row.is_published]
        return min(dates) if dates else None

    @display(description=_("Author"), ordering="node__author_name")
    def author(self, obj: Post) -> str:
        """Answer who wrote it."""
        return str(obj.node.author_name)

    def search_title(self, obj: Post) -> str:
        """Answer the title."""
        return self.title(obj)

    def live_url(self, obj: Post) -> str | None:
        """Answer its page in the storefront, once there is one."""
        slugs = {row.locale: row.slug for row in obj.translations.all() if row.is_published}
        slug = next((slugs[locale] for locale in (*reader_chain(), *slugs) if locale in slugs), None)
        return f"/blog/{slug}/" if slug else None

    def save_through_service(self, request: HttpRequest, obj: Any, form: Any, formsets: Any, change: bool) -> Any:
        """Write the post."""
        data, actor, now = form.cleaned_data, request.actor, timezone.now()  # type: ignore[attr-defined]
        values = {
            "translations": self.words_in(form),
            "cover_id": data["cover"].pk if data["cover"] else None,
            "tags": data["tags"],
            "takes_comments": data["takes_comments"],
        }
        if change:
            return update_post(
                actor=actor, post_id=obj.pk, now=now, author_name=data["author_name"] or None,
                expected=self.version_seen(request), **values,
            )  # fmt: skip
        post = create_post(actor=actor, now=now, author_name=data["author_name"], **values)
        obj.node_id = post.pk
        return post

    def delete_through_service(self, request: HttpRequest, obj: Any) -> None:
        """Remove the post."""
        delete_post(actor=request.actor, post_id=obj.pk)  # type: ignore[attr-defined]
