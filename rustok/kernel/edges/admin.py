"""The admin edge: scoped lists, declared permissions, refusals shown on the form, actions by POST only."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar, TypeVar

from django import forms
from django.contrib import messages
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.db import transaction
from django.db.models import ForeignKey, ManyToManyField, Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from unfold.admin import ModelAdmin, StackedInline, TabularInline

from rustok.kernel.access import RESOURCES, allows, authorize, check_permission_name, restrict
from rustok.kernel.edges.problems import as_problem
from rustok.kernel.errors import DomainError

__all__ = ["Admin", "ObjectAction", "ScopedInline", "ScopedTabularInline", "object_action"]

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class ObjectAction:
    """A button on an object's page; with a form it asks first, and it always acts by POST."""

    name: str
    label: Any
    permission: str
    form: type[forms.Form] | None
    when: Callable[[Any], bool]
    danger: bool


def object_action(
    label: Any,
    *,
    permission: str,
    form: type[forms.Form] | None = None,
    when: Callable[[Any], bool] = lambda obj: True,
    danger: bool = False,
) -> Callable[[F], F]:
    """Make an admin method a button: `method(self, request, obj, data)` calls a service and answers a message."""

    def mark(function: F) -> F:
        name = function.__name__
        function.object_action = ObjectAction(  # type: ignore[attr-defined]
            name, label, check_permission_name(permission), form, when, danger
        )
        return function

    return mark


class Scoped:
    """Permissions by the declared resource instead of Django's model permissions."""

    resource: ClassVar[str]
    model: type[Model]

    def _may(self, request: HttpRequest, action: str, obj: Model | None = None) -> bool:
        actor = request.actor  # type: ignore[attr-defined]
        return actor.is_staff and allows(actor, f"{self.resource}.{action}", obj)

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
        """Let those update who may."""
        return self._may(request, "update", obj)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Let those delete who may."""
        return self._may(request, "delete", obj)


class ScopedInline(Scoped, StackedInline):  # type: ignore[misc]
    """A stacked inline under a resource."""

    extra = 0


class ScopedTabularInline(Scoped, TabularInline):  # type: ignore[misc]
    """A tabular inline under a resource."""

    extra = 0


class Admin(Scoped, ModelAdmin):  # type: ignore[misc]
    """An admin page of ours. `resource` is what its permissions are about; saving goes through services."""

    list_fullwidth = True
    list_filter_submit = True
    warn_unsaved_form = True
    list_per_page = 50
    list_max_show_all = 200
    show_full_result_count = False
    change_form_outer_before_template = "admin/rustok/object_actions.html"
    #: Where the public sees the object; None where it does not.
    live_url: Callable[[Any], str | None] | None = None

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """Refuse an admin page that does not say what it is about."""
        super().__init_subclass__(**kwargs)
        if getattr(cls, "resource", None) not in RESOURCES:
            raise ImproperlyConfigured(f"{cls.__name__}.resource is not one of {sorted(RESOURCES)}")

    # --- what is seen ---------------------------------------------------------------------------------------------

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """List what the actor may read."""
        queryset: QuerySet[Any] = super().get_queryset(request)
        return restrict(request.actor, queryset, f"{self.resource}.read")  # type: ignore[attr-defined]

    def _scope(self, field: Any, request: HttpRequest, kwargs: dict[str, Any]) -> None:
        """Offer in a foreign key only what the actor may read."""
        owner = self.admin_site._registry.get(field.remote_field.model)
        if isinstance(owner, Admin):
            kwargs.setdefault("queryset", owner.get_queryset(request))

    def formfield_for_foreignkey(self, db_field: ForeignKey, request: HttpRequest, **kwargs: Any) -> Any:  # type: ignore[type-arg]
        """Narrow the choices."""
        self._scope(db_field, request, kwargs)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_manytomany(self, db_field: ManyToManyField, request: HttpRequest, **kwargs: Any) -> Any:  # type: ignore[type-arg]
        """Narrow the choices."""
        self._scope(db_field, request, kwargs)
        return super().formfield_for_manytomany(db_field, request, **kwargs)

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
        refusal = getattr(request, "_refusal", None)
        return form if refusal is None else _refused(form, refusal)

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        """Delete through `delete_through_service` where a module has one."""
        self.delete_through_service(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        """Delete each by the same way."""
        for obj in queryset:
            self.delete_through_service(request, obj)

    def delete_through_service(self, request: HttpRequest, obj: Any) -> None:
        """Delete one object; modules override it with their service."""
        obj.delete()

    # --- actions on one object --------------------------------------------------------------------------------------

    def object_actions(self) -> Sequence[ObjectAction]:
        """List the declared actions, in order of definition."""
        found: dict[str, ObjectAction] = {}
        for cls in reversed(type(self).__mro__):
            for value in vars(cls).values():
                action = getattr(value, "object_action", None)
                if isinstance(action, ObjectAction):
                    found[action.name] = action
        return list(found.values())

    def get_urls(self) -> list[URLPattern]:
        """Add a path for each action."""
        own = [
            path(
                f"<path:object_id>/do/{action.name}/",
                self.admin_site.admin_view(partial(self._act, action=action)),
                name=self._url_name(action),
            )
            for action in self.object_actions()
        ]
        return own + super().get_urls()  # type: ignore[no-any-return]

    def _url_name(self, action: ObjectAction) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}_do_{action.name}"

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        """Offer the actions that fit the object and the actor."""
        obj = kwargs.get("obj") or (args[3] if len(args) > 3 else None)
        if obj is not None and obj.pk and not obj._state.adding:
            context["object_actions"] = self._offered(request, obj)
            context["object_live_url"] = self.live_url(obj) if self.live_url else None
        return super().render_change_form(request, context, *args, **kwargs)

    def _offered(self, request: HttpRequest, obj: Model) -> list[dict[str, Any]]:
        return [
            {"action": action, "url": reverse(f"{self.admin_site.name}:{self._url_name(action)}", args=[obj.pk])}
            for action in self.object_actions()
            if allows(request.actor, action.permission, obj) and action.when(obj)  # type: ignore[attr-defined]
        ]

    def _act(self, request: HttpRequest, object_id: str, action: ObjectAction) -> HttpResponse:
        """Ask, if the action has a form; act, on POST."""
        obj = self.get_object(request, object_id)
        if obj is None:
            raise Http404
        authorize(request.actor, action.permission, obj)  # type: ignore[attr-defined]
        form = action.form(request.POST if request.method == "POST" else None) if action.form else None
        if request.method != "POST" and form is None:
            return HttpResponseNotAllowed(["POST"])
        if request.method != "POST" or (form is not None and not form.is_valid()):
            return self._ask(request, obj, action, form)
        try:
            message = getattr(self, action.name)(request, obj, form.cleaned_data if form else {})
            messages.success(request, message or action.label)
        except DomainError as error:
            messages.error(request, as_problem(error).detail)
        return redirect(
            reverse(f"{self.admin_site.name}:{self.opts.app_label}_{self.opts.model_name}_change", args=[obj.pk])
        )

    def _ask(self, request: HttpRequest, obj: Model, action: ObjectAction, form: forms.Form | None) -> HttpResponse:
        context = self.admin_site.each_context(request) | {
            "opts": self.opts, "original": obj, "action": action, "form": form, "title": action.label,
        }  # fmt: skip
        return render(request, "admin/rustok/ask.html", context)


def _refused(form: Any, refusal: DomainError) -> Any:
    """Make a form class that fails with a service's refusal, beside the field it is about where there is one."""
    problem = as_problem(refusal)

    class Refused(form):  # type: ignore[misc]
        def _post_clean(self) -> None:
            super()._post_clean()
            for error in problem.errors:
                self.add_error(error.field if error.field in self.fields else None, ValidationError(error.message))
            if not problem.errors:
                self.add_error(None, ValidationError(problem.detail))

    Refused.__name__ = form.__name__
    return Refused
