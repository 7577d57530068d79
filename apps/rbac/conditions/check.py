"""Checking that a condition only names what is declared, and compares like with like."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches

from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.rbac.conditions.facts import ENVIRONMENT, SUBJECT, kind_of, networks
from apps.rbac.conditions.tree import All, Compare, ConditionError, Either, Items, Name, Node, Not, Operand, Written
from rustok.kernel.attributes import Attribute
from rustok.kernel.ids import parse_id

__all__ = ["check"]

_KINDS = {
    "text": gettext_lazy("a text"), "number": gettext_lazy("a number"), "bool": gettext_lazy("yes or no"),
    "date": gettext_lazy("a day"), "id": gettext_lazy("an id"),
}  # fmt: skip


def check(node: Node, attributes: Mapping[str, Attribute]) -> None:
    """Refuse a condition that can mean nothing for objects with these attributes.

    :raises ConditionError: saying what is wrong, and where
    """
    match node:
        case Not(part):
            check(part, attributes)
        case All(parts) | Either(parts):
            for part in parts:
                check(part, attributes)
        case Compare():
            _comparison(node, attributes)


def _comparison(node: Compare, attributes: Mapping[str, Attribute]) -> None:
    left, right = _kind(node.left, attributes), _kind(node.right, attributes)
    if left in ("list", "texts"):
        raise ConditionError(_("A list stands on the right, after “in”."), node.left.at)
    if left == "null":
        raise ConditionError(_("null stands on the right, after == or !=."), node.left.at)
    if left == "address" or right == "address":
        _address(node, left, right)
    elif node.op in ("in", "not in"):
        _membership(node, left, right, attributes)
    elif right == "null":
        if node.op not in ("==", "!="):
            raise ConditionError(_("null is only compared with == and !=."), node.right.at)
    else:
        _pair(node, left, right)


def _pair(node: Compare, left: str, right: str) -> None:
    if right in ("list", "texts"):
        raise ConditionError(_("A list is only asked with “in”."), node.right.at)
    _alike(node.left, left, node.right, right)
    if node.op in ("==", "!="):
        return
    for side, kind in ((node.left, left), (node.right, right)):
        if kind not in ("number", "date", "any"):
            message = _("Only numbers and days are less or more; this is %(kind)s.")
            raise ConditionError(message % {"kind": _words(kind)}, side.at)


def _alike(left: Operand, left_kind: str, right: Operand, right_kind: str) -> None:
    if left_kind == right_kind or "any" in (left_kind, right_kind):
        return
    for one, other_kind in ((left, right_kind), (right, left_kind)):
        if other_kind == "id" and isinstance(one, Written) and isinstance(one.value, str) and parse_id(one.value):
            return
    message = _("%(left)s is compared with %(right)s.")
    words = {"left": capfirst(_words(left_kind)), "right": _words(right_kind)}
    raise ConditionError(message % words, right.at)


def _membership(node: Compare, left: str, right: str, attributes: Mapping[str, Attribute]) -> None:
    if isinstance(node.right, Items):
        for item in node.right.items:
            kind = _kind(item, attributes)
            if kind == "null" or (isinstance(item, Name) and item.of == "object"):
                raise ConditionError(_("A list holds values, and names of the subject."), item.at)
            _alike(node.left, left, item, kind)
    elif right != "texts":
        raise ConditionError(_("After “in” stands a list, such as [1, 2], or subject.roles."), node.right.at)
    elif left not in ("text", "any"):
        raise ConditionError(_("Roles are texts; this is %(kind)s.") % {"kind": _words(left)}, node.left.at)


def _address(node: Compare, left: str, right: str) -> None:
    if left != "address":
        raise ConditionError(_("environment.address stands on the left."), node.right.at)
    if node.op in ("<", "<=", ">", ">="):
        raise ConditionError(_("An address is in a network, or it is not."), node.at)
    if right == "null" and node.op in ("==", "!="):
        return
    for item in node.right.items if isinstance(node.right, Items) else (node.right,):
        if isinstance(item, Written):
            try:
                networks(str(item.value))
            except ValueError:
                message = _("“%(text)s” is no network; write 10.0.0.0/8, or one address.")
                raise ConditionError(message % {"text": item.value}, item.at) from None
        elif isinstance(item, Name) and item.of != "subject":
            raise ConditionError(_('An address is compared with a network, such as "10.0.0.0/8".'), item.at)


def _kind(side: Operand, attributes: Mapping[str, Attribute]) -> str:
    match side:
        case Items():
            return "list"
        case Written(value):
            return "null" if value is None else kind_of(value)
        case Name(of, name, at):
            return _kind_of_name(of, name, at, attributes)


def _kind_of_name(of: str, name: str, at: int, attributes: Mapping[str, Attribute]) -> str:
    if of == "subject":  # the tenant's own attributes have the kind that they have for each person
        return SUBJECT.get(name, "any")
    known = {key: one.kind for key, one in attributes.items()} if of == "object" else ENVIRONMENT
    if name in known:
        return known[name]
    near = get_close_matches(name, known, n=1)
    if near:
        raise ConditionError(_("There is no %(name)s; did you mean %(near)s?") % {
            "name": f"{of}.{name}", "near": f"{of}.{near[0]}"}, at)  # fmt: skip
    names = ", ".join(sorted(known)) or _("nothing")
    raise ConditionError(
        _("There is no %(name)s; known are: %(names)s.") % {"name": f"{of}.{name}", "names": names}, at
    )


def _words(kind: str) -> str:
    return str(_KINDS.get(kind, _("a list")))
