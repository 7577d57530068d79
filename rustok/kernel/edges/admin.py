"""The admin edge: scoped lists, declared permissions, refusals shown on the form, actions by POST only."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from django.contrib import messages
from django.contrib.admin.utils import flatten_fieldsets
from django.core.exceptions import ImproperlyConfigured
from django.db import transaction
from django.db.models import ForeignKey, ManyToManyField, Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from unfold.admin import ModelAdmin, StackedInline, TabularInline
from unfold.views import ChangeList

from rustok.kernel.access import RESOURCES, allows, restrict
from rustok.kernel.edges.admin_actions import ObjectActions
from rustok.kernel.edges.admin_columns import ListColumn, list_columns
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
from rustok.kernel.edges.problems import as_problem
from rustok.kernel.errors import DomainError, FieldError
from rustok.kernel.modules import is_enabled, owner_of
from rustok.kernel.tenancy import current_tenant

__all__ = [
    "Admin", "Menu", "moment", "ObjectAction", "Place", "ScopedInline", "ScopedTabularInline", "action_on", "is_here",
    "object_action",
]  # fmt: skip

#: The most objects that one bulk action touches.
MAX_BULK = 500

#: Which admins show a page: the shops', the platform's, or both.
Place = Literal["shop", "platform", "anywhere"]


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
_PLACES: dict[str, Place] = {
    "tenants": "platform", "users": "anywhere", "logs": "anywhere", "modules": "anywhere", "webhooks": "anywhere",
}  # fmt: skip


def is_here(place: Place) -> bool:
    """Tell whether the current tenant's admin shows what belongs to a place."""
    return place == "anywhere" or (place == "platform") == (current_tenant().slug == "platform")


class Scoped:
    """Permissions by the declared resource instead of Django's model permissions."""

    resource: ClassVar[str]
    #: Which admins have it; None: as the resource says.
    place: ClassVar[Place | None] = None
    model: type[Model]

    def _may(self, request: HttpRequest, action: str, obj: Model | None = None) -> bool:
        actor = request.actor  # type: ignore[attr-defined]
        here = is_here(self.place or _PLACES.get(self.resource, "shop")) and is_enabled(owner_of(type(self)))
        return here and actor.is_staff and allows(actor, f"{self.resource}.{action}", obj)

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Show the module to those who may read it."""
        return self._may(request, "read")

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Let those read who may."""
        return self._may(request, "read", obj)

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Let those create who may."""
        return self._may(request, "create")

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Let those update who may, and may read: Django shows the list to whoever may change something."""
        return self._may(request, "update", obj) and self._may(request, "read", obj)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Let those delete who may."""
        return self._may(request, "delete", obj)

    def _scope(self, field: Any, request: HttpRequest, kwargs: dict[str, Any]) -> None:
        """Offer in a foreign key only what the actor may read."""
        owner = self.admin_site._registry.get(field.remote_field.model)  # type: ignore[attr-defined]
        if isinstance(owner, Admin):
            kwargs.setdefault("queryset", owner.get_queryset(request))

    def formfield_for_foreignkey(self, db_field: ForeignKey, request: HttpRequest, **kwargs: Any) -> Any:  # type: ignore[type-arg]
        """Narrow the choices."""
        self._scope(db_field, request, kwargs)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)  # type: ignore[misc]

    def formfield_for_manytomany(self, db_field: ManyToManyField, request: HttpRequest, **kwargs: Any) -> Any:  # type: ignore[type-arg]
        """Narrow the choices."""
        self._scope(db_field, request, kwargs)
        return super().formfield_for_manytomany(db_field, request, **kwargs)  # type: ignore[misc]


class _Rows:
    """The rows of an inline: of an object that the actor may see, and of no other."""

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Let the query of a protected model pass; the formset keeps the rows of the one object."""
        rows: Any = super().get_queryset(request)  # type: ignore[misc]
        return rows.passed("rows of an object that the actor may see") if hasattr(rows, "passed") else rows


def moment(field: str, label: Any) -> Callable[[Any], Any]:
    """Make a column of a list out of a moment, under a name in the reader's language."""

    def show(row: Any) -> Any:
        return getattr(row, field)

    show.short_description = label  # type: ignore[attr-defined]
    show.admin_order_field = field  # type: ignore[attr-defined]
    show.__name__ = f"moment_{field}"
    return show


def _columns_of(model: type[Model]) -> set[str]:
    """Name what an address could filter a list by."""
    fields = model._meta.get_fields()
    return {"pk"}.union(*({field.name, getattr(field, "attname", field.name)} for field in fields))


def _offered_by(page: Any) -> set[str]:
    """Name what the filters of a list ask for."""
    given = [one[0] if isinstance(one, tuple) else one for one in page.list_filter]
    names = [one if isinstance(one, str) else getattr(one, "parameter_name", "") for one in given]
    return {name.partition("__")[0] for name in names if name}


class FilledList(ChangeList):  # type: ignore[misc]
    """A list whose page is completed by its admin, and by the modules that add columns to it."""

    def get_queryset(self, request: HttpRequest, exclude_parameters: Any = None) -> QuerySet[Any]:
        """Filter and order the rows that the list shows."""
        self.root_queryset = self.model_admin.list_rows(request)
        return super().get_queryset(request, exclude_parameters)  # type: ignore[no-any-return]

    def get_results(self, request: HttpRequest) -> None:
        """Read one page, and for all its rows at once what else the list shows."""
        super().get_results(request)
        page: list[Any] = list(self.result_list)  # type: ignore[has-type]
        self.result_list = page
        self.model_admin.fill_list(request, page)
        keys = [row.pk for row in page]
        for column in list_columns(self.opts.label):
            found = column.read(keys) if keys else {}
            for row in page:
                setattr(row, f"_column_{column.name}", found.get(row.pk, "—"))


def _list_column(column: ListColumn) -> Callable[[Any], Any]:
    def show(row: Any) -> Any:
        return getattr(row, f"_column_{column.name}", "—")

    show.short_description = column.label  # type: ignore[attr-defined]
    show.__name__ = f"column_{column.name}"
    return show


class ScopedInline(_Rows, Scoped, StackedInline):  # type: ignore[misc]
    """A stacked inline under a resource."""

    extra = 0


class ScopedTabularInline(_Rows, Scoped, TabularInline):  # type: ignore[misc]
    """A tabular inline under a resource."""

    extra = 0


class Admin(Scoped, ObjectActions, History, ModelAdmin):  # type: ignore[misc]
    """An admin page of ours. `resource` is what its permissions are about; saving goes through services."""

    list_fullwidth = True
    list_filter_submit = True
    warn_unsaved_form = True
    list_per_page = 50
    list_max_show_all = 200
    show_full_result_count = False
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

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest | None = None) -> bool:
        """Filter by what the filters offer, and nothing else: any other column could be guessed letter by letter."""
        column = lookup.partition("__")[0]
        if column in _columns_of(self.model) - _offered_by(self):
            return False
        return bool(super().lookup_allowed(lookup, value, request))

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """Find an object, and say what its pages call it."""
        obj = super().get_object(request, object_id, from_field)
        if obj is not None:
            obj.shown_as = self.search_title(obj)
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

    # --- the list -------------------------------------------------------------------------------------------------

    def list_rows(self, request: HttpRequest) -> QuerySet[Any]:
        """Answer the rows of the list; a page that reads more along there says so here."""
        return self.get_queryset(request)

    def fill_list(self, request: HttpRequest, page: list[Any]) -> None:
        """Read for one page of the list what its rows do not hold; in a number of queries that never grows."""

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> Any:
        """List in a way that asks for extra columns once a page."""
        return FilledList

    def get_list_display(self, request: HttpRequest) -> Any:
        """Add the columns of other modules, before the last one."""
        own = tuple(super().get_list_display(request))
        more = tuple(_list_column(column) for column in list_columns(self.opts.label))
        return (*own[:-1], *more, *own[-1:]) if more else own

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

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Offer our own actions only, of which each says who may: Django's bulk deletion asks no service."""
        actions: dict[str, Any] = super().get_actions(request)
        actions.pop("delete_selected", None)
        return {name: one for name, one in actions.items() if getattr(one[0], "allowed_permissions", None)}

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        """Delete through `delete_through_service`."""
        self.delete_through_service(request, obj)

    def delete_through_service(self, request: HttpRequest, obj: Any) -> None:
        """Delete one object; a module that has a service for it says so here."""
        obj.delete()

    # --- actions ----------------------------------------------------------------------------------------------------

    def do_each(self, request: HttpRequest, queryset: QuerySet[Any], act: Callable[[Any], Any], done: Any) -> None:
        """Act on each chosen object by itself; say how many were done, and why others were not."""
        count = 0
        for obj in queryset[:MAX_BULK]:
            try:
                act(obj)
                self.log_change(request, obj, str(done))
                count += 1
            except DomainError as refusal:
                messages.error(request, f"{obj}: {as_problem(refusal).detail}")
        if count:
            messages.success(request, f"{done}: {count}")
