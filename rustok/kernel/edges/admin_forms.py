"""What admin pages do with forms and buttons: object actions, and refusals of services shown where they belong."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    CHECKBOX_CLASSES,
    INPUT_CLASSES,
    SELECT_CLASSES,
    TEXTAREA_CLASSES,
    UnfoldAdminSelectWidget,
)

from rustok.kernel.access import Actor, allows, check_permission_name
from rustok.kernel.edges.problems import as_problem
from rustok.kernel.errors import DomainError, FieldError, PreconditionFailed
from rustok.kernel.modules import is_enabled, owner_of

__all__ = [
    "ObjectAction", "action_on", "actions_on", "object_action", "put_into_form", "put_into_row", "refused", "shaped",
    "styled",
]  # fmt: skip

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
    icon: str = ""
    primary: bool = False
    hint: Any = ""
    #: What acts, if it is no method of the page: `function(request, obj, data)` of another module.
    run: Callable[..., Any] | None = None
    #: What the form's own button says, where the label only names what the form is about ("Limits").
    button: Any = ""

    def is_used(self) -> bool:
        """Tell whether the tenant uses the module that acts."""
        return self.run is None or is_enabled(owner_of(self.run))

    def fits(self, actor: Actor, obj: Any) -> bool:
        """Tell whether the actor may do this with the object as it is."""
        return self.is_used() and allows(actor, self.permission, obj) and self.when(obj)


def object_action(
    label: Any,
    *,
    permission: str,
    form: type[forms.Form] | None = None,
    when: Callable[[Any], bool] = lambda obj: True,
    danger: bool = False,
    icon: str = "",
    primary: bool = False,
    hint: Any = "",
    button: Any = "",
) -> Callable[[F], F]:
    """Make an admin method a button: `method(self, request, obj, data)` calls a service and answers a message.

    `hint` is said before the form; `primary` marks the step that usually comes next; `button` sends the form.
    """

    def mark(function: F) -> F:
        name = function.__name__
        function.object_action = ObjectAction(  # type: ignore[attr-defined]
            name, label, check_permission_name(permission), form, when, danger, icon, primary, hint, button=button
        )
        return function

    return mark


_contributed: dict[str, list[ObjectAction]] = {}


def action_on(model: str, label: Any, *, permission: str, **options: Any) -> Callable[[F], F]:
    """Put a button on another module's page ("order.Order"): `function(request, obj, data)` calls a service.

    A module higher up adds so what it can do with an object below it, which must not know of it.
    """

    def mark(function: F) -> F:
        marked = object_action(label, permission=permission, **options)(function)
        action: ObjectAction = marked.object_action  # type: ignore[attr-defined]
        found = _contributed.setdefault(model.lower(), [])
        found[:] = [*(one for one in found if one.name != action.name), replace(action, run=function)]
        return function

    return mark


def actions_on(model: str) -> list[ObjectAction]:
    """List the buttons that other modules put on a model's page."""
    return list(_contributed.get(model.lower(), ()))


def styled(fields: Iterable[forms.Field]) -> None:
    """Let plain widgets look like unfold's."""
    for field in fields:
        widget = field.widget
        if isinstance(widget, forms.CheckboxInput):
            widget.attrs.setdefault("class", " ".join(CHECKBOX_CLASSES))
        elif isinstance(widget, forms.Select):
            widget.attrs.setdefault("class", " ".join(SELECT_CLASSES))
            if type(widget) is forms.Select:
                widget.template_name = UnfoldAdminSelectWidget.template_name  # with the arrow that tells it from a text
        elif isinstance(widget, forms.Textarea):
            widget.attrs.setdefault("class", " ".join(TEXTAREA_CLASSES))
        elif not isinstance(widget, forms.FileInput | forms.MultiWidget | forms.HiddenInput):
            widget.attrs.setdefault("class", " ".join(INPUT_CLASSES))


def put_into_form(form: forms.Form, refusal: DomainError) -> None:
    """Add a refusal to a plain form, beside the field it is about where there is one."""
    problem = as_problem(refusal)
    for error in problem.errors:
        form.add_error(error.field if error.field in form.fields else None, error.message)
    if not problem.errors:
        form.add_error(None, problem.detail)


def put_into_row(formsets: Sequence[Any], where: str, message: str) -> None:
    """Add an error to a row of an inline, if `where` is `prefix.row` or `prefix.row.field`."""
    prefix, _dot, rest = where.partition(".")
    row, _dot, field = rest.partition(".")
    for formset in formsets:
        if formset.prefix == prefix and row.isdigit() and int(row) < len(formset.forms):
            formset.is_valid()
            form = formset.forms[int(row)]
            form.add_error(field if field in form.fields else None, message)


def refused(form: Any, refusal: DomainError, name: Callable[[FieldError], str]) -> Any:
    """Make a form class that fails with a service's refusal, beside the field it is about where there is one."""
    problem = as_problem(refusal)
    stale = _("Somebody changed it while you had it open. Note what you typed, and load the page again.")
    detail = stale if isinstance(refusal, PreconditionFailed) else problem.detail

    class Refused(form):  # type: ignore[misc]
        def _post_clean(self) -> None:
            super()._post_clean()
            for error in problem.errors:
                field = name(error)
                self.add_error(field if field in self.fields else None, ValidationError(error.message))
            if not problem.errors:
                self.add_error(None, ValidationError(detail))

    Refused.__name__ = form.__name__
    return Refused


def shaped(form: Any, shown: Iterable[str] | None, *, by_service: bool) -> Any:
    """Make a form class of the fields that a page shows, as one that is hidden could not be filled in.

    If a service saves it, no constraints of the table are checked: the service does, and says in words what is wrong.
    """
    hidden = [] if shown is None else [name for name in form.base_fields if name not in set(shown)]
    attrs: dict[str, Any] = dict.fromkeys(hidden)  # a field that is shadowed by None is gone (Django's own way)
    if by_service:
        attrs["_post_clean"] = _clean_without_constraints
    return type(form.__name__, (form,), attrs)


def _clean_without_constraints(self: Any) -> None:
    self.instance.validate_constraints = lambda exclude=None: None
    try:
        forms.ModelForm._post_clean(self)  # type: ignore[attr-defined]
    finally:
        del self.instance.validate_constraints
