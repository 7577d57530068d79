"""Examples: one payload of every version that was ever published, which the code must be able to read for ever."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID

from msgspec import inspect

from apps.outbox.schemas.files import Version, as_text, example_path, label, published, put, read, versions_in
from rustok.kernel.events import Event, EventInvalid, UnknownVersion, event_types, newest_version, read_payload
from rustok.kernel.payloads import fit, loose_fields

__all__ = ["build", "check", "write"]

#: The time of every example.
_TIME = datetime(2026, 1, 15, 9, 30, tzinfo=UTC)


def check() -> Iterator[str]:
    """Name versions without an example, and examples that the code cannot read."""
    for version in published():
        problem = _problem(version, event_types().get(version))
        if problem:
            yield f"{label(version)}: {problem}"
    for version in sorted(versions_in(example_path(("", 1)).parent) - set(published())):
        yield f"{label(version)}: has an example, but neither a class nor a schema file"


def write() -> Iterator[Path]:
    """Write the examples of new versions; one that exists is never touched."""
    for version, kind in sorted(event_types().items()):
        if not example_path(version).exists() and not loose_fields(kind):
            yield from put(example_path(version), as_text(build(kind), in_order=True))


def _problem(version: Version, kind: type[Event] | None) -> str | None:
    path, payload = example_path(version), read(example_path(version))
    if payload is None and path.exists():
        return f"examples/{path.name} is no JSON"
    if payload is None:
        return "no example; run `manage.py events write`" if kind else "its example is gone; restore it"
    try:
        if kind:
            fit(kind, payload, "its example")
        _read_as_newest(version, payload)
    except EventInvalid as error:
        return str(error)
    except Exception as error:
        return f"its example cannot be read: {type(error).__name__}: {error}"
    return None


def _read_as_newest(version: Version, payload: dict[str, Any]) -> None:
    """Read a payload as its handlers would; a step that is missing is named elsewhere."""
    name = version[0]
    newest = event_types().get((name, newest_version(name)))
    try:
        current = read_payload(*version, payload)
    except UnknownVersion:
        return
    if newest:
        fit(newest, current, "its example")


# --- making one -------------------------------------------------------------------------------------------------


def build(kind: type[Event]) -> dict[str, Any]:
    """Make an example from the types of a class alone; the same class always gives the same.

    A type says a good example itself (`Meta(examples=[…])`); otherwise it is made from the field's name and bounds.
    """
    return _struct(inspect.type_info(kind), "")


def _value(kind: inspect.Type, name: str) -> Any:
    return _MAKERS[type(kind)](kind, name)


def _annotated(kind: Any, name: str) -> Any:
    examples = (kind.extra_json_schema or {}).get("examples")
    return examples[0] if examples else _value(kind.type, name)


def _optional(kind: Any, name: str) -> Any:
    return _value(next(one for one in kind.types if not isinstance(one, inspect.NoneType)), name)


def _struct(kind: Any, name: str) -> dict[str, Any]:
    number = name.partition(" ")[2]  # the second entry of a list differs from the first
    return {field.encode_name: _value(field.type, f"{field.name} {number}".strip()) for field in kind.fields}


def _id(_: Any, name: str) -> str:
    """Make the UUIDv7 of a field: the same in every example, so that the examples tell one story."""
    random = int.from_bytes(sha256(name.encode()).digest()[:10])
    number = (int(_TIME.timestamp() * 1000) << 80) | random
    number = number & ~(0xF << 76) | (7 << 76)  # the version
    return str(UUID(int=number & ~(3 << 62) | (2 << 62)))  # the variant


def _number(kind: Any, _: str) -> float:
    number: float = 1
    for low in (kind.ge, None if kind.gt is None else kind.gt + 1):
        number = number if low is None else max(number, low)
    for high in (kind.le, None if kind.lt is None else kind.lt - 1):
        number = number if high is None else min(number, high)
    return number


def _text(kind: Any, name: str) -> str:
    return name.replace("_", " ").ljust(kind.min_length or 0, "x")[: kind.max_length]


def _items(kind: Any, name: str) -> list[Any]:
    one = name.removesuffix("s")
    count = max(kind.min_length or 0, min(2, kind.max_length or 2))
    return [_value(kind.item_type, f"{one} {number}" if number else one) for number in range(count)]


_MAKERS: dict[type[inspect.Type], Callable[[Any, str], Any]] = {
    inspect.Metadata: _annotated,
    inspect.UnionType: _optional,
    inspect.StructType: _struct,
    inspect.UUIDType: _id,
    inspect.DateTimeType: lambda *_: _TIME.isoformat().replace("+00:00", "Z"),
    inspect.DateType: lambda *_: _TIME.date().isoformat(),
    inspect.TimeType: lambda *_: _TIME.time().isoformat(),
    inspect.LiteralType: lambda kind, _: kind.values[0],
    inspect.EnumType: lambda kind, _: next(iter(kind.cls)).value,
    inspect.BoolType: lambda *_: True,
    inspect.IntType: _number,
    inspect.FloatType: _number,
    inspect.StrType: _text,
    inspect.DictType: lambda kind, name: {_value(kind.key_type, name): _value(kind.value_type, name)},
    inspect.ListType: _items,
    inspect.SetType: _items,
    inspect.FrozenSetType: _items,
    inspect.VarTupleType: _items,
}
