"""Payloads: the types that an event's fields may have, and the proof that a payload fits them.

A field says its bounds in its type (`Annotated[str, Meta(max_length=120)]`). What msgspec cannot say, such as "a
currency that exists", is a `Rule` that hangs on the type. The decoder and the rules of a class are compiled once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Annotated, Any, NoReturn, cast
from uuid import UUID

import msgspec
from msgspec import Meta, inspect

from rustok.kernel.errors import Invalid
from rustok.kernel.locales import UnknownLocale, normalize_locale
from rustok.kernel.money import UnknownCurrency, check_currency

__all__ = ["MAX_BYTES", "Currency", "EventInvalid", "Locale", "Moment", "Rule", "fit", "loose_fields", "to_json"]

#: The most that a payload may take as JSON.
MAX_BYTES = 64 * 1024


class EventInvalid(Invalid):
    """The event does not match its schema."""

    code = "event_invalid"


@dataclass(frozen=True, slots=True)
class Rule:
    """What a type cannot say of a value; `expected` ends the sentence "expected …"."""

    expected: str
    holds: Callable[[Any], bool]


def _is_currency(code: str) -> bool:
    try:
        return check_currency(code) == code
    except UnknownCurrency:
        return False


def _is_locale(tag: str) -> bool:
    try:
        return normalize_locale(tag) == tag
    except UnknownLocale:
        return False


#: The code of a currency that exists.
Currency = Annotated[
    str,
    Meta(
        min_length=3,
        max_length=3,
        pattern="^[A-Z]{3}$",
        examples=["EUR"],
        extra={"rule": Rule("a currency of ISO 4217", _is_currency)},
    ),
]
#: A BCP 47 tag in its normal form.
Locale = Annotated[
    str,
    Meta(
        min_length=2,
        max_length=11,
        pattern="^[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?$",
        examples=["de-AT"],
        extra={"rule": Rule("a language tag of BCP 47, such as de-AT", _is_locale)},
    ),
]
#: A point in time; without a time zone it would be none.
Moment = Annotated[datetime, Meta(tz=True)]

_NIL = str(UUID(int=0)).encode()
_NUL = rb"\u0000"
_PATH = re.compile(r"^(?P<reason>.*?)(?: - at (?:`key` in )?`\$(?P<path>[^`]*)`)?$", re.DOTALL)


# --- writing ----------------------------------------------------------------------------------------------------


def to_json(fact: msgspec.Struct, label: str) -> bytes:
    """Turn an event into JSON that its own class can read again.

    :raises EventInvalid: naming `label` and the field that breaks its type, its bound or its rule
    """
    try:
        data = msgspec.json.encode(fact)
    except (TypeError, ValueError, OverflowError) as error:
        _refuse(label, _field_that_is_no_json(fact), str(error))
    _read(type(fact), data, label)
    return data


def fit(kind: type[msgspec.Struct], payload: Any, label: str) -> dict[str, Any]:
    """Answer a payload as a class of events says it: checked, with its defaults, without what the class does not know.

    :raises EventInvalid: naming `label` and the field that breaks its type, its bound or its rule
    """
    try:
        data = msgspec.json.encode(payload)
    except (TypeError, ValueError, OverflowError) as error:
        _refuse(label, "", str(error))
    return cast(dict[str, Any], msgspec.to_builtins(_read(kind, data, label)))


def _read(kind: type[msgspec.Struct], data: bytes, label: str) -> msgspec.Struct:
    if len(data) > MAX_BYTES:
        size = f"the payload is {len(data):,} bytes of JSON"
        _refuse(label, _largest_field(data), f"{size}; expected {MAX_BYTES:,} at most")
    decode, test = _reader(kind)
    try:
        fact = decode(data)
        if test is not None:
            test(fact, "")
        if _NIL in data or _NUL in data:  # seldom: only then is every value looked at
            _refuse_nothings(fact, "")
    except msgspec.ValidationError as error:
        match = cast(re.Match[str], _PATH.match(str(error)))
        _refuse(label, _dotted(match["path"] or ""), match["reason"])
    except _Misfit as misfit:
        _refuse(label, misfit.path, misfit.reason)
    return fact


def _refuse(label: str, field: str, reason: str) -> NoReturn:
    where = f"{label}, field {field}" if field else label
    raise EventInvalid(f"{where}: {reason[:1].lower()}{reason[1:]}", field=field or None) from None


def _dotted(path: str) -> str:
    """Write `.lines[0].quantity` as every error does: `lines.0.quantity`."""
    return re.sub(r"\[(\d+|\.\.\.)\]", lambda match: "." + match[1].replace("...", "*"), path).strip(".")


def _field_that_is_no_json(fact: msgspec.Struct) -> str:
    for name in fact.__struct_fields__:
        try:
            msgspec.json.encode(getattr(fact, name))
        except (TypeError, ValueError, OverflowError):
            return name
    return ""


def _largest_field(data: bytes) -> str:
    fields = msgspec.json.decode(data, type=dict[str, msgspec.Raw])
    return max(fields, key=lambda name: len(fields[name]), default="")


# --- what types cannot say ----------------------------------------------------------------------------------------


class _Misfit(Exception):
    """A value breaks a rule."""

    def __init__(self, path: str, reason: str) -> None:
        self.path, self.reason = path.strip("."), reason
        super().__init__(path, reason)


Test = Callable[[Any, str], None]


@cache
def _reader(kind: type[msgspec.Struct]) -> tuple[Callable[[bytes], msgspec.Struct], Test | None]:
    """Compile what reads a class of events, and what tests its rules (None if it has none)."""
    return msgspec.json.Decoder(kind).decode, _test_of(inspect.type_info(kind))


def _test_of(kind: inspect.Type) -> Test | None:
    match kind:
        case inspect.Metadata():
            rule = (kind.extra or {}).get("rule")
            return _rule_test(rule) if rule else _test_of(kind.type)
        case inspect.StructType():
            return _struct_test(kind)
        case inspect.UnionType():
            return _union_test(kind)
        case inspect.ListType() | inspect.VarTupleType() | inspect.SetType() | inspect.FrozenSetType():
            return _items_test(_test_of(kind.item_type))
        case inspect.DictType():
            return _values_test(_test_of(kind.value_type))
    return None


def _rule_test(rule: Rule) -> Test:
    def test(value: Any, path: str) -> None:
        if not rule.holds(value):
            raise _Misfit(path, f"expected {rule.expected}")

    return test


def _struct_test(kind: inspect.StructType) -> Test | None:
    tests = [(field.name, part) for field in kind.fields if (part := _test_of(field.type))]

    def test(value: Any, path: str) -> None:
        for name, part in tests:
            part(getattr(value, name), f"{path}.{name}")

    return test if tests else None


def _union_test(kind: inspect.UnionType) -> Test | None:
    """Test a value with the rules of the struct that it is, or of the plain type that it may be."""
    structs = {one.cls: _test_of(one) for one in kind.types if isinstance(one, inspect.StructType)}
    plain = [part for one in kind.types if not isinstance(one, inspect.StructType) and (part := _test_of(one))]

    def test(value: Any, path: str) -> None:
        if value is None:
            return
        for part in [structs[type(value)]] if type(value) in structs else plain:
            if part is not None:
                part(value, path)

    return test if plain or any(structs.values()) else None


def _items_test(item: Test | None) -> Test | None:
    def test(values: Any, path: str) -> None:
        for number, value in enumerate(values):
            cast(Test, item)(value, f"{path}.{number}")

    return test if item else None


def _values_test(item: Test | None) -> Test | None:
    def test(values: Any, path: str) -> None:
        for value in values.values():
            cast(Test, item)(value, f"{path}.*")

    return test if item else None


def _refuse_nothings(value: Any, path: str) -> None:
    """Refuse the nil UUID and text with a NUL character (which PostgreSQL cannot store), wherever they are."""
    match value:
        case UUID(int=0):
            raise _Misfit(path, "expected an id, not the nil UUID")
        case str() if "\0" in value:
            raise _Misfit(path, "expected text without NUL characters")
        case msgspec.Struct():
            for name in value.__struct_fields__:
                _refuse_nothings(getattr(value, name), f"{path}.{name}")
        case list() | tuple() | set() | frozenset():
            for number, one in enumerate(value):
                _refuse_nothings(one, f"{path}.{number}")
        case dict():
            for key, one in value.items():
                _refuse_nothings(key, f"{path}.*")
                _refuse_nothings(one, f"{path}.*")


# --- bounds -----------------------------------------------------------------------------------------------------

#: Types that are bounded by what they are.
_SMALL = (
    inspect.NoneType, inspect.BoolType, inspect.IntType, inspect.FloatType, inspect.UUIDType, inspect.DateType,
    inspect.TimeType, inspect.EnumType, inspect.LiteralType,
)  # fmt: skip
_LONG = (
    inspect.StrType, inspect.BytesType, inspect.ListType, inspect.VarTupleType, inspect.SetType,
    inspect.FrozenSetType, inspect.DictType,
)  # fmt: skip
#: Fields that have one type everywhere.
_NAMED = {"currency": Currency, "locale": Locale}


def loose_fields(kind: type[msgspec.Struct]) -> list[str]:
    """Name the fields of a class of events that are not bounded, each with what it lacks."""
    return list(_loose(inspect.type_info(kind), "", ()))


def _loose(kind: inspect.Type, path: str, above: tuple[type, ...]) -> Iterator[str]:
    where = path.strip(".") or "the payload"
    if isinstance(kind, inspect.Metadata):
        yield from _loose(kind.type, path, above)
    elif isinstance(kind, inspect.StructType):
        yield from _loose_struct(kind, path, above)
    elif isinstance(kind, inspect.UnionType):
        for one in kind.types:
            yield from _loose(one, path, above)
    elif isinstance(kind, inspect.DateTimeType):
        if kind.tz is not True:
            yield f"{where} needs a time zone: use Moment"
    elif isinstance(kind, _LONG):
        if kind.max_length is None:
            yield f"{where} needs a max_length"
        for part in ("item_type", "key_type", "value_type"):
            if hasattr(kind, part):
                yield from _loose(getattr(kind, part), f"{path}.*", above)
    elif not isinstance(kind, _SMALL):
        yield f"{where} has a type without bounds ({type(kind).__name__.removesuffix('Type')})"


def _loose_struct(kind: inspect.StructType, path: str, above: tuple[type, ...]) -> Iterator[str]:
    if kind.cls in above:
        yield f"{path.strip('.')} nests {kind.cls.__name__} in itself"
        return
    for field in kind.fields:
        where = f"{path}.{field.name}"
        yield from _loose(field.type, where, (*above, kind.cls))
        meaning = field.name.rpartition("_")[2]
        if meaning in _NAMED and not _may_be(field.type, inspect.type_info(_NAMED[meaning])):
            yield f"{where.strip('.')} is not the {meaning.title()} of rustok.kernel.events"


def _may_be(kind: inspect.Type, wanted: inspect.Type) -> bool:
    return kind == wanted or (isinstance(kind, inspect.UnionType) and wanted in kind.types)
