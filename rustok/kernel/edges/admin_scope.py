"""What of the admin somebody may use: permissions by the declared resource, choices and rows by what they may read."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from django.core.exceptions import ValidationError
from django.db.models import ForeignKey, ManyToManyField, Model, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from unfold.admin import StackedInline, TabularInline

from rustok.kernel.access import allows
from rustok.kernel.modules import is_enabled, owner_of
from rustok.kernel.tenancy import current_tenant

__all__ = ["Place", "Scoped", "ScopedInline", "ScopedTabularInline", "is_here"]

#: Which admins show a page: the shops', the platform's, or both.
Place = Literal["shop", "platform", "anywhere"]


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
        if not (here and actor.is_staff and allows(actor, f"{self.resource}.{action}", obj)):
            return False
        return obj is not None or self._has_rows(request, action)

    def _has_rows(self, request: HttpRequest, action: str) -> bool:
        """Tell whether there can be any rows here for somebody who may do something with some."""
        return True

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

    def has_update_permission(self, request: HttpRequest) -> bool:
        """Offer an action that changes something to those who may, where nothing is edited by hand."""
        return self._may(request, "update")

    def has_manage_permission(self, request: HttpRequest) -> bool:
        """Offer an action to those who may do everything."""
        return self._may(request, "manage")

    def _scope(self, field: Any, request: HttpRequest, kwargs: dict[str, Any]) -> None:
        """Offer in a foreign key only what the actor may read."""
        owner = self.admin_site._registry.get(field.remote_field.model)  # type: ignore[attr-defined]
        if isinstance(owner, Scoped):
            kwargs.setdefault("queryset", owner.get_queryset(request))  # type: ignore[attr-defined]

    def formfield_for_foreignkey(self, db_field: ForeignKey, request: HttpRequest, **kwargs: Any) -> Any:  # type: ignore[type-arg]
        """Narrow the choices."""
        self._scope(db_field, request, kwargs)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)  # type: ignore[misc]

    def formfield_for_manytomany(self, db_field: ManyToManyField, request: HttpRequest, **kwargs: Any) -> Any:  # type: ignore[type-arg]
        """Narrow the choices."""
        self._scope(db_field, request, kwargs)
        return super().formfield_for_manytomany(db_field, request, **kwargs)  # type: ignore[misc]


class _AllRows:
    """Makes of an inline's rows all that stand there and no others: rows of an other object, or left out, are refused.

    What is saved replaces what stood there; who may not delete could else do so by sending less.
    """

    def clean(self: Any) -> None:
        """Compare the rows that were sent with those that stand there.

        :raises ValidationError: if they are not the same
        """
        super().clean()  # type: ignore[misc]
        sent = [form.instance.pk for form in self.initial_forms if not form.instance._state.adding]
        standing = {row.pk for row in self.get_queryset()}
        if len(sent) != self.initial_form_count() or set(sent) != standing:
            raise ValidationError(_("These rows are not those that stand here now. Load the page again."))


class _Rows:
    """The rows of an inline: of an object that the actor may see, and of no other."""

    formset: Any

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        """Take all rows of the object, and no others."""
        own = kwargs.pop("formset", self.formset)
        kwargs["formset"] = type(own.__name__, (_AllRows, own), {})
        return super().get_formset(request, obj, **kwargs)  # type: ignore[misc]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Let the query of a protected model pass; the formset keeps the rows of the one object."""
        rows: Any = super().get_queryset(request)  # type: ignore[misc]
        return rows.passed("rows of an object that the actor may see") if hasattr(rows, "passed") else rows


class ScopedInline(_Rows, Scoped, StackedInline):  # type: ignore[misc]
    """A stacked inline under a resource."""

    extra = 0


class _NamedCells:
    """The rows of a table: a cell has no label of its own, so each input says what its column is called."""

    def add_fields(self, form: Any, index: int | None) -> None:
        """Name what can be filled in."""
        super().add_fields(form, index)  # type: ignore[misc]
        for name, field in form.fields.items():
            widget = getattr(field.widget, "widget", field.widget)  # not what Django wraps around a foreign key's
            widget.attrs.setdefault("aria-label", str(form[name].label))


class ScopedTabularInline(_Rows, Scoped, TabularInline):  # type: ignore[misc]
    """A tabular inline under a resource."""

    extra = 0

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        """Build the formset; its cells are named for those who cannot see the head of the table."""
        formset = super().get_formset(request, obj, **kwargs)
        return type(formset.__name__, (_NamedCells, formset), {})
