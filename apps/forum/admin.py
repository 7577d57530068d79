"""The forum in the admin: boards, topics, replies."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Count, Model, QuerySet
from django.http import HttpRequest
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from unfold.decorators import display

from apps.forum.models import ForumCategory, Reply, Topic
from apps.forum.services import change_topic, delete_category, delete_reply, delete_topic, ensure_category
from rustok.kernel.edges.admin import Admin, Menu, object_action
from rustok.kernel.edges.admin_words import TranslatedAdmin, line, text, word

__all__ = ["BoardAdmin", "ReplyAdmin", "TopicAdmin"]


class BoardForm(forms.ModelForm):  # type: ignore[type-arg]
    """A board's place."""

    class Meta:
        model = ForumCategory
        fields = ("slug", "position")
        help_texts = {"slug": _("Its part of the address. It never changes."), "position": _("0 is shown first.")}


@admin.register(ForumCategory)
class BoardAdmin(TranslatedAdmin):
    """Boards."""

    resource = "nodes"
    menu = Menu("content", "dashboard", 60)
    form = BoardForm
    words = {"name": line(_("Name"), max_length=120), "description": text(_("Description"), max_length=500, rows=2)}
    list_display = ("name", "slug", "position", "how_many")
    ordering = ("position", "slug")
    search_fields = ("slug", "translations__name")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Read names and counts along."""
        found = super().get_queryset(request).prefetch_related("translations")
        return found.annotate(topic_count=Count("topics"))

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Show the words first."""
        return [(_("Place"), {"fields": ("slug", "position")}), *self.word_tabs()]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Keep the slug of a board that exists."""
        return ("slug",) if obj else ()

    @display(description=_("Name"))
    def name(self, obj: ForumCategory) -> str:
        """Answer the name in the reader's language."""
        return word(obj.translations.all(), "name", obj.slug)

    @display(description=_("Topics"), ordering="topic_count")
    def how_many(self, obj: Any) -> int:
        """Answer how many topics stand on it."""
        return int(obj.topic_count)

    def live_url(self, obj: ForumCategory) -> str:
        """Answer its page in the storefront."""
        return f"/forum/{obj.slug}/"

    def save_through_service(self, request: HttpRequest, obj: Any, form: Any, formsets: Any, change: bool) -> Any:
        """Make the board, or change it."""
        data = form.cleaned_data
        return ensure_category(
            actor=request.actor,  # type: ignore[attr-defined]
            slug=obj.slug if change else data["slug"],
            position=data["position"],
            translations={locale: words for locale, words in self.words_in(form).items() if words},
        )

    def delete_through_service(self, request: HttpRequest, obj: Any) -> None:
        """Remove it, if it is empty."""
        delete_category(actor=request.actor, category_id=obj.pk)  # type: ignore[attr-defined]


@admin.register(Topic)
class TopicAdmin(Admin):
    """Topics: pinned, closed, moved. What they say is for their authors."""

    resource = "nodes"
    menu = Menu("content", "forum", 50)
    list_display = ("title", "category", "author", "reply_count", "is_pinned", "is_locked", "active_at")
    list_filter = ("category", "is_pinned", "is_locked")
    search_fields = ("node__translations__title", "node__author_name")
    fields = ("category", "is_pinned", "is_locked", "title", "author", "reply_count", "active_at")
    readonly_fields = ("title", "author", "reply_count", "active_at")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Read words along."""
        return super().get_queryset(request).select_related("node", "category").prefetch_related("node__translations")

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Never: topics are opened in the storefront."""
        return False

    @display(description=_("Topic"))
    def title(self, obj: Topic) -> str:
        """Answer the title."""
        return word(obj.translations.all(), "title", str(obj.pk))

    @display(description=_("Author"), ordering="node__author_name")
    def author(self, obj: Topic) -> str:
        """Answer who opened it."""
        return str(obj.node.author_name)

    def search_title(self, obj: Topic) -> str:
        """Answer the title."""
        return self.title(obj)

    def live_url(self, obj: Topic) -> str:
        """Answer its page in the storefront."""
        return f"/forum/topics/{obj.pk}/"

    def save_through_service(self, request: HttpRequest, obj: Any, form: Any, formsets: Any, change: bool) -> Any:
        """Pin, close or move it."""
        data = form.cleaned_data
        return change_topic(
            actor=request.actor,  # type: ignore[attr-defined]
            topic_id=obj.pk,
            pinned=data["is_pinned"],
            locked=data["is_locked"],
            category=data["category"].slug,
        )

    def delete_through_service(self, request: HttpRequest, obj: Any) -> None:
        """Remove it with its replies."""
        delete_topic(actor=request.actor, topic_id=obj.pk)  # type: ignore[attr-defined]

    @object_action(_("Close"), permission="nodes.manage", when=lambda obj: not obj.is_locked, icon="lock")
    def close(self, request: HttpRequest, obj: Any, data: Any) -> Any:
        """Take no more replies."""
        change_topic(actor=request.actor, topic_id=obj.pk, locked=True)  # type: ignore[attr-defined]
        return _("It takes no more replies.")

    @object_action(_("Open"), permission="nodes.manage", when=lambda obj: obj.is_locked, icon="lock_open")
    def open(self, request: HttpRequest, obj: Any, data: Any) -> Any:
        """Take replies again."""
        change_topic(actor=request.actor, topic_id=obj.pk, locked=False)  # type: ignore[attr-defined]
        return _("It takes replies again.")


@admin.register(Reply)
class ReplyAdmin(Admin):
    """Replies: to be read, and removed."""

    resource = "comments"
    menu = Menu("content", "chat_bubble", 55)
    list_display = ("said", "author_name", "about", "said_at")
    search_fields = ("body", "author_name")
    ordering = ("-said_at",)
    fields = ("body", "author_name", "about", "said_at")
    readonly_fields = ("body", "author_name", "about", "said_at")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Read the topics along."""
        found = super().get_queryset(request).select_related("topic__node")
        return found.prefetch_related("topic__node__translations")

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Never: members write in the storefront."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Never: what somebody said stays as it was said."""
        return False

    @display(description=pgettext_lazy("what was said", "Reply"))
    def said(self, obj: Reply) -> str:
        """Answer its beginning."""
        return Truncator(obj.body).chars(90)

    @display(description=_("Topic"))
    def about(self, obj: Reply) -> str:
        """Answer the topic's title."""
        return word(obj.topic.translations.all(), "title", str(obj.topic_id))

    def live_url(self, obj: Reply) -> str:
        """Answer the topic's page in the storefront."""
        return f"/forum/topics/{obj.topic_id}/"

    def delete_through_service(self, request: HttpRequest, obj: Any) -> None:
        """Remove it and count it off."""
        delete_reply(actor=request.actor, reply_id=obj.pk)  # type: ignore[attr-defined]
