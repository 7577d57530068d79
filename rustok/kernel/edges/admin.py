"""The admin edge: scoped lists, declared permissions, refusals shown on the form, actions by POST only."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from django.contrib import messages
from django.contrib.admin.utils import flatten_fieldsets
from django.core.exceptions import ImproperlyConfigured
from django.db import transaction
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from unfold.admin import ModelAdmin

from rustok.kernel.access import RESOURCES, restrict
from rustok.kernel.edges.admin_actions import ObjectActions
from rustok.kernel.edges.admin_forms import (
    ObjectAction,
    action_on,
    object_action,
    put_into_row,
    refused,
    shaped,
    styled,
)
from rustok.kernel.edges.admin_history import History
from rustok.kernel.edges.admin_lists import MAX_BULK, Lists, moment
from rustok.kernel.edges.admin_scope import Place, Scoped, ScopedInline, ScopedTabularInline, is_here
from rustok.kernel.edges.problems import as_problem
from rustok.kernel.errors import DomainError, FieldError

__all__ = [
    "MAX_BULK", "Admin", "Menu", "ObjectAction", "Place", "ScopedInline", "ScopedTabularInline", "action_on", "is_here",
    "moment", "object_action",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Menu:
    """Where a page stands in the sidebar; `group` is sales, catalogue, content, access or system."""

    group: str
    icon: str
    order: int = 50


_MENUS = {
    "orders": Menu("sales", "receipt_long"), "customers": Menu("sales", "groups"),
    "discounts": Menu("sales", "sell"), "products": Menu("catalogue", "inventory_2"),
    "categories": Menu("catalogue", "account_tree"), "inventory": Menu("catalogue", "warehouse"),
    "media": Menu("content", "image"), "posts": Menu("content", "article"), "pages": Menu("content", "web"),
    "nodes": Menu("content", "notes"), "comments": Menu("content", "forum"), "users": Menu("access", "person"),
    "settings": Menu("system", "settings"),
}  # fmt: skip


class Admin(Lists, Scoped, ObjectActions, History, ModelAdmin):  # type: ignore[misc]
    """An admin page of ours. `resource` is what its permissions are about; saving goes through services."""

    list_fullwidth = True
    list_filter_submit = True
    warn_unsaved_form = True
    list_per_page = 50
    list_max_show_all = 200
    change_form_outer_before_template = "admin/rustok/object_actions.html"
    #: Where the page stands in the sidebar; None: as the resource says; False: nowhere.
    menu: ClassVar[Menu | Literal[False] | None] = None
    #: What the sidebar calls it; None: as the model is called.
    nav_title: ClassVar[Any] = None
    nav_badge_variant: ClassVar[str] = "danger"
    #: Where the public sees the object; None where it does not.
    live_url: Callable[[Any], str | None] | None = None
    #: Saves a valid form through services: `method(request, obj, form, formsets, change)` answers the object that is
    #: saved, and nothing else writes. None: Django saves the row.
    save_through_service: Callable[..., Model | None] | None = None
    #: Where a service's field stands on this page, if it is called otherwise: {"title": "title_en"}.
    field_names: ClassVar[Mapping[str, str]] = {}
    #: What the page's own URLs ask for, by the name that follows `app_model_`: {"export": "logs.export"}.
    url_permissions: ClassVar[Mapping[str, str]] = {}

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """Refuse an admin page that does not say what it is about."""
        super().__init_subclass__(**kwargs)
        if not vars(cls).get("is_base") and getattr(cls, "resource", None) not in RESOURCES:
            raise ImproperlyConfigured(f"{cls.__name__}.resource is not one of {sorted(RESOURCES)}")

    @property
    def stands_in(self) -> Menu | None:
        """Answer the place in the sidebar; None for a page that is not shown there."""
        return None if self.menu is False else self.menu or _MENUS.get(self.resource, Menu("system", "tune"))

    def search_title(self, obj: Any) -> str:
        """Answer what to call an object among hits of the search."""
        return str(obj)

    def nav_badge(self, request: HttpRequest) -> int | str | None:
        """Answer the number beside the page in the sidebar; None or 0 for none. At most one cheap query."""
        return None

    # --- what is seen ---------------------------------------------------------------------------------------------

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """List what the actor may read."""
        queryset: QuerySet[Any] = super().get_queryset(request)
        return restrict(request.actor, queryset, f"{self.resource}.read")  # type: ignore[attr-defined]

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """Find an object, and say what its pages call it."""
        obj = super().get_object(request, object_id, from_field)
        if obj is not None:
            obj.shown_as = self.search_title(obj)
        request._about = obj  # type: ignore[attr-defined]  # for whoever tells of a refusal
        return obj

    # --- refusals -------------------------------------------------------------------------------------------------

    def _changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Save; if a service refuses, show the form again, as it was filled in, with the reason."""
        try:
            with transaction.atomic():
                return super()._changeform_view(request, *args, **kwargs)  # type: ignore[no-any-return]
        except DomainError as refusal:
            request._refusal = refusal  # type: ignore[attr-defined]
            return super()._changeform_view(request, *args, **kwargs)  # type: ignore[no-any-return]

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """Build the form; after a refusal, one that carries it."""
        form = super().get_form(request, obj, change=change, **kwargs)
        shown = kwargs["fields"] if "fields" in kwargs else flatten_fieldsets(self.get_fieldsets(request, obj))
        form = shaped(form, shown, by_service=self.save_through_service is not None)
        styled(field for field in form.base_fields.values() if type(field.widget).__module__.startswith("django.forms"))
        refusal = getattr(request, "_refusal", None)
        return form if refusal is None else refused(form, refusal, self.place_of_error)

    def place_of_error(self, error: FieldError) -> str:
        """Answer the name that a service's field has on this page."""
        return self.field_names.get(error.field, error.field)

    def _create_formsets(self, request: HttpRequest, obj: Any, change: bool) -> Any:
        """Build the inlines; after a refusal about a row (`variants.2.sku`), with the reason in that row."""
        formsets, inlines = super()._create_formsets(request, obj, change)
        refusal = getattr(request, "_refusal", None)
        for error in as_problem(refusal).errors if refusal and request.method == "POST" else ():
            put_into_row(formsets, self.place_of_error(error), error.message)
        return formsets, inlines

    def _get_obj_does_not_exist_redirect(self, request: HttpRequest, opts: Any, object_id: str) -> HttpResponse:
        """Answer 404: what is not here, or not the actor's, is not here."""
        raise Http404

    def version_seen(self, request: HttpRequest) -> int | None:
        """Answer the version of the object that the page was filled in for; None if it does not say."""
        sent = request.POST.get("version_seen", "")
        return int(sent) if sent.isascii() and sent.isdigit() and len(sent) < 10 else None

    # --- saving ---------------------------------------------------------------------------------------------------

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Save the row, unless a service does."""
        if self.save_through_service is None:
            super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Save the rows of the inlines, or hand everything to the service."""
        if self.save_through_service is None:
            super().save_related(request, form, formsets, change)
            return
        for formset in formsets:
            formset.new_objects, formset.changed_objects, formset.deleted_objects = [], [], []
        saved = self.save_through_service(request, form.instance, form, formsets, change)
        if isinstance(saved, type(form.instance)):
            vars(form.instance).update(vars(saved))
        elif saved is not None:
            form.instance.pk = saved.pk

    def _delete_view(self, request: HttpRequest, object_id: str, extra_context: Any) -> HttpResponse:
        """Delete; if a service refuses, go back to the object with the reason."""
        try:
            with transaction.atomic():
                return super()._delete_view(request, object_id, extra_context)  # type: ignore[no-any-return]
        except DomainError as refusal:
            messages.error(request, as_problem(refusal).detail)
            name = f"{self.admin_site.name}:{self.opts.app_label}_{self.opts.model_name}_change"
            return redirect(reverse(name, args=[object_id]))

    def get_deleted_objects(
        self, objs: Any, request: HttpRequest
    ) -> tuple[list[str], dict[str, int], set[str], list[str]]:
        """Name what was chosen; what goes along or stands in the way is for the service to say."""
        return [str(obj) for obj in objs], {}, set(), []

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        """Delete through `delete_through_service`."""
        self.delete_through_service(request, obj)

    def delete_through_service(self, request: HttpRequest, obj: Any) -> None:
        """Delete one object; a module that has a service for it says so here."""
        obj.delete()
