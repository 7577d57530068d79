"""Lists of the admin: filters that are offered and no others, columns read once a page, actions on what is chosen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from django.contrib import messages
from django.contrib.admin import ShowFacets
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.paginator import Paginator
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.formats import number_format
from django.utils.functional import cached_property
from django.utils.text import capfirst
from django.utils.translation import ngettext
from unfold.views import ChangeList

from rustok.kernel.access import reaches
from rustok.kernel.edges.admin_columns import ListColumn, list_columns
from rustok.kernel.edges.declared import NotGranted
from rustok.kernel.edges.problems import as_problem
from rustok.kernel.errors import DomainError

__all__ = ["MAX_BULK", "MAX_COUNT", "AtLeast", "BoundedPaginator", "FilledList", "Lists", "moment"]

#: The most objects that one bulk action touches.
MAX_BULK = 500
#: The most objects that a list counts and pages through; what is beyond them is found by filters and the search.
MAX_COUNT = 10_000

#: What Django's actions on many call what we call differently.
_DJANGOS = {"add": "create", "change": "update", "view": "read"}
#: Actions on rows that are there.
_OF_ROWS = frozenset(["read", "update", "delete"])


class AtLeast(int):
    """A number of which there may be more: 10,000+ wherever a page writes it."""

    def __str__(self) -> str:
        return f"{self.bound}+"

    @property
    def bound(self) -> str:
        """Write the number that is sure."""
        return number_format(int(self), use_l10n=True, force_grouping=True)


class BoundedPaginator(Paginator):  # type: ignore[type-arg]
    """Pages through the first rows, and counts no further: the rights of a reader may make each row dear."""

    template_name = "admin/rustok/pagination.html"

    @cached_property
    def count(self) -> int:
        """Count up to one more than the list pages through."""
        found = self.object_list.order_by()[: MAX_COUNT + 1].count()  # type: ignore[attr-defined]
        return AtLeast(MAX_COUNT) if found > MAX_COUNT else found

    @property
    def is_cut(self) -> bool:
        """Tell whether there are rows that no page shows."""
        return isinstance(self.count, AtLeast)


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
        """Read one page, and for all its rows at once what else the list shows.

        :raises IncorrectLookupParameters: if a filter asks for a day that there cannot be
        """
        try:
            super().get_results(request)
        except (ValueError, OverflowError) as error:
            raise IncorrectLookupParameters(error) from error
        if not (self.query or self.has_active_filters):
            self.full_result_count = self.result_count  # then the header need not offer to show all
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


class Lists:
    """The part of an admin page that lists its objects."""

    opts: Any
    model: Any
    get_queryset: Any
    log_change: Any
    _get_base_actions: Any
    resource: ClassVar[str]
    paginator = BoundedPaginator
    show_full_result_count = False
    #: Facets count the whole list once for each choice of each filter.
    show_facets = ShowFacets.NEVER

    def _has_rows(self, request: HttpRequest, action: str) -> bool:
        """Tell whether the list can hold anything for the reader, who perhaps was given rows of another one only."""
        if action not in _OF_ROWS:
            return True
        known: dict[str, bool] = vars(request).setdefault("_lists_with_rows", {})
        key = f"{self.opts.label}.{action}"
        if key not in known:
            known[key] = reaches(request.actor, f"{self.resource}.{action}", self.model)  # type: ignore[attr-defined]
        return known[key]

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
        own = tuple(super().get_list_display(request))  # type: ignore[misc]
        more = tuple(_list_column(column) for column in list_columns(self.opts.label))
        return (*own[:-1], *more, *own[-1:]) if more else own

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest | None = None) -> bool:
        """Filter by what the filters offer, and nothing else: any other column could be guessed letter by letter."""
        column = lookup.partition("__")[0]
        if column in _columns_of(self.model) - _offered_by(self):
            return False
        return bool(super().lookup_allowed(lookup, value, request))  # type: ignore[misc]

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Offer our own actions only, of which each says who may: Django's bulk deletion asks no service."""
        actions: dict[str, Any] = super().get_actions(request)  # type: ignore[misc]
        actions.pop("delete_selected", None)
        return {name: one for name, one in actions.items() if getattr(one[0], "allowed_permissions", None)}

    def permissions_of(self, action: Any) -> list[str]:
        """Name what an action on many asks for; nothing if it does not say."""
        return [
            f"{self.resource}.{_DJANGOS.get(one, one)}" for one in getattr(action, "allowed_permissions", None) or ()
        ]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """List, under the name that the sidebar has.

        An action that the actor may not do is refused, where Django would say that none was chosen.

        :raises NotGranted: to who may see the list, but not do this
        """
        wanted = request.POST.get("action", "")
        if wanted and wanted not in self.get_actions(request):
            for function, name, _description in self._get_base_actions():
                if name == wanted and (permissions := self.permissions_of(function)):
                    raise NotGranted(permissions[0])
        named = {"title": capfirst(str(self.nav_title or self.opts.verbose_name_plural))}  # type: ignore[attr-defined]
        return super().changelist_view(request, named | (extra_context or {}))  # type: ignore[misc]

    def do_each(self, request: HttpRequest, queryset: QuerySet[Any], act: Callable[[Any], Any], done: Any) -> None:
        """Act on each chosen object by itself; say how many were done, and why others were not."""
        count = 0
        chosen = list(queryset[: MAX_BULK + 1])
        if len(chosen) > MAX_BULK:
            said = ngettext(
                "At most %(count)s object at a time: choose the others afterwards.",
                "At most %(count)s objects at a time: choose the others afterwards.",
                MAX_BULK,
            )
            messages.warning(request, said % {"count": MAX_BULK})
        for obj in chosen[:MAX_BULK]:
            try:
                act(obj)
                self.log_change(request, obj, str(done))
                count += 1
            except DomainError as refusal:
                messages.error(request, f"{obj}: {as_problem(refusal).detail}")
        if count:
            messages.success(request, f"{done}: {count}")
