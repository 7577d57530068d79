"""Fields in words: the type and the bounds of each, for people."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from msgspec import NODEFAULT, Struct, inspect, json

__all__ = ["Field", "fields_of"]


@dataclass(frozen=True, slots=True)
class Field:
    """One field: `lines[].quantity`, whole number, 1 to 9,999."""

    name: str
    type: str
    bounds: str


def fields_of(kind: type[Struct]) -> list[Field]:
    """List the fields of a class, those of nested classes too."""
    return list(_fields(inspect.type_info(kind), ""))


def _fields(kind: inspect.Type, prefix: str) -> Iterator[Field]:
    match kind:
        case inspect.Metadata():
            yield from _fields(kind.type, prefix)
        case inspect.UnionType():
            for one in kind.types:
                yield from _fields(one, prefix)
        case inspect.ListType() | inspect.SetType() | inspect.FrozenSetType() | inspect.VarTupleType():
            yield from _fields(kind.item_type, f"{prefix}[]")
        case inspect.DictType():
            yield from _fields(kind.value_type, f"{prefix}.*")
        case inspect.StructType():
            for field in kind.fields:
                name = f"{prefix}.{field.encode_name}".strip(".")
                yield Field(name, _type(field.type), "; ".join(filter(None, (_bounds(field.type), _default(field)))))
                yield from _fields(field.type, name)


_PLAIN: dict[type[inspect.Type], str] = {
    inspect.UUIDType: "id (UUID)", inspect.StrType: "text", inspect.IntType: "whole number",
    inspect.FloatType: "number", inspect.BoolType: "true or false", inspect.DateTimeType: "point in time",
    inspect.DateType: "date", inspect.TimeType: "time of day", inspect.StructType: "object",
    inspect.LiteralType: "one of", inspect.EnumType: "one of", inspect.NoneType: "null",
}  # fmt: skip


def _type(kind: inspect.Type) -> str:
    match kind:
        case inspect.Metadata():
            return _type(kind.type)
        case inspect.UnionType():
            return " or ".join(_type(one) for one in kind.types)
        case inspect.ListType() | inspect.SetType() | inspect.FrozenSetType() | inspect.VarTupleType():
            return f"list of {_type(kind.item_type)}"
        case inspect.DictType():
            return f"object of {_type(kind.value_type)}"
    return _PLAIN.get(type(kind), "value")


def _bounds(kind: inspect.Type) -> str:  # noqa: PLR0911 - one line per type
    match kind:
        case inspect.Metadata():
            rule = (kind.extra or {}).get("rule")
            return rule.expected if rule else _bounds(kind.type)
        case inspect.UnionType():
            return "; ".join(filter(None, map(_bounds, kind.types)))
        case inspect.LiteralType():
            return ", ".join(f"`{value}`" for value in kind.values)
        case inspect.EnumType():
            return ", ".join(f"`{one.value}`" for one in kind.cls)
        case inspect.StrType():
            return _range(kind.min_length, kind.max_length, "characters")
        case inspect.IntType() | inspect.FloatType():
            limits = (("above", kind.gt), ("below", kind.lt))
            open_ended = [f"{word} {limit:,}" for word, limit in limits if limit is not None]
            return ", ".join(filter(None, (*open_ended, _range(kind.ge, kind.le, ""))))
        case inspect.DateTimeType():
            return "ISO 8601 with a time zone"
        case inspect.DictType():
            return _range(kind.min_length, kind.max_length, "keys")
        case inspect.ListType() | inspect.SetType() | inspect.FrozenSetType() | inspect.VarTupleType():
            each = _bounds(kind.item_type)
            return _range(kind.min_length, kind.max_length, "entries") + (f", each {each}" if each else "")
    return ""


def _range(low: float | None, high: float | None, of: str) -> str:
    if low is None and high is None:
        return ""
    if high is None:
        return f"{low:,} or more {of}".strip()
    if low == high:
        return f"exactly {high:,} {of}".strip()
    return (f"at most {high:,} {of}" if low is None else f"{low:,} to {high:,} {of}").strip()


def _default(field: inspect.Field) -> str:
    if field.default_factory is not NODEFAULT:
        return f"default `{json.encode(field.default_factory()).decode()}`"
    return "" if field.default is NODEFAULT else f"default `{json.encode(field.default).decode()}`"
