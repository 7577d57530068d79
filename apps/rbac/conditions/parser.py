"""Reading the text of a condition, by recursive descent.

condition  := all ("or" all)*
all        := one ("and" one)*
one        := "not" one | "(" condition ")" | "true" | "false" | comparison
comparison := operand ("==" | "!=" | "<" | "<=" | ">" | ">=" | "in" | "not" "in") operand
operand    := name "." name | text | number | day | "true" | "false" | "null" | "[" operand ("," operand)* "]"
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import TypeVar, cast

from django.utils.translation import gettext as _

from apps.rbac.conditions.tree import (
    All,
    Compare,
    ConditionError,
    Constant,
    Either,
    Items,
    Name,
    Node,
    Not,
    Operand,
    Operator,
    Written,
)

__all__ = ["MAX_DEPTH", "MAX_LENGTH", "MAX_NODES", "parse"]

MAX_LENGTH = 1_000
#: Parentheses and `not` inside each other.
MAX_DEPTH = 10
#: Comparisons, operands, `and`, `or` and `not` together.
MAX_NODES = 100

_TOKEN = re.compile(
    r"""\s*(?:
      (?P<day>\d{4}-\d{2}-\d{2}(?![\w.]))
    | (?P<number>-?\d{1,15}(?:\.\d{1,6})?(?![\w.]))
    | (?P<text>"[^"\x00]*"|'[^'\x00]*')
    | (?P<word>[A-Za-z_][A-Za-z0-9_]*)
    | (?P<sign>==|!=|<=|>=|<|>|\(|\)|\[|\]|,|\.)
    )""",
    re.VERBOSE,
)
T = TypeVar("T")
_COMPARISONS = ("==", "!=", "<", "<=", ">", ">=")


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    at: int


@lru_cache(maxsize=4_096)
def parse(text: str) -> Node:
    """Read a condition; an empty one is always true.

    :raises ConditionError: saying what is wrong, and where
    """
    if len(text) > MAX_LENGTH:
        raise ConditionError(_("A condition has at most %(n)d characters.") % {"n": MAX_LENGTH}, MAX_LENGTH)
    if not text.strip():
        return Constant(True)
    return _Reader(_tokens(text), len(text)).whole()


def _tokens(text: str) -> list[_Token]:
    found, at, end = [], 0, len(text.rstrip())
    while at < end:
        match = _TOKEN.match(text, at)
        if match is None or match.lastgroup is None:
            at += len(text[at:]) - len(text[at:].lstrip())
            raise ConditionError(_("“%(text)s” cannot be read here.") % {"text": text[at : at + 12]}, at)
        found.append(_Token(match.lastgroup, match.group(match.lastgroup), match.start(match.lastgroup)))
        at = match.end()
    return found


class _Reader:
    def __init__(self, tokens: list[_Token], end: int) -> None:
        self.tokens, self.end, self.next = tokens, end, 0
        self.nodes = self.depth = 0

    # --- tokens

    def peek(self, ahead: int = 0) -> _Token:
        place = self.next + ahead
        return self.tokens[place] if place < len(self.tokens) else _Token("end", "", self.end)

    def take(self) -> _Token:
        token = self.peek()
        self.next += 1
        return token

    def sees(self, *texts: str) -> bool:
        token = self.peek()
        return token.kind in ("word", "sign") and token.text in texts

    def expect(self, text: str) -> None:
        if not self.sees(text):
            raise self.wrong(_("“%(text)s” is missing") % {"text": text})
        self.take()

    def wrong(self, what: str) -> ConditionError:
        token = self.peek()
        if token.kind == "end":
            return ConditionError(_("%(what)s at the end.") % {"what": what}, token.at)
        return ConditionError(_("%(what)s before “%(text)s”.") % {"what": what, "text": token.text}, token.at)

    def counted(self, node: T, at: int) -> T:
        self.nodes += 1
        if self.nodes > MAX_NODES:
            raise ConditionError(_("This condition is too long: at most %(n)d parts.") % {"n": MAX_NODES}, at)
        return node

    # --- grammar

    def whole(self) -> Node:
        node = self.condition()
        if self.peek().kind != "end":
            raise self.wrong(_("“and” or “or” is missing"))
        return node

    def condition(self) -> Node:
        parts = [self.all()]
        while self.sees("or"):
            self.counted(None, self.take().at)
            parts.append(self.all())
        return parts[0] if len(parts) == 1 else Either(tuple(parts))

    def all(self) -> Node:
        parts = [self.one()]
        while self.sees("and"):
            self.counted(None, self.take().at)
            parts.append(self.one())
        return parts[0] if len(parts) == 1 else All(tuple(parts))

    def one(self) -> Node:
        if not self.sees("not", "("):
            return self.comparison()
        token = self.take()
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise ConditionError(_("More than %(n)d levels inside each other.") % {"n": MAX_DEPTH}, token.at)
        if token.text == "not":
            node: Node = self.counted(Not(self.one()), token.at)
        else:
            node = self.condition()
            self.expect(")")
        self.depth -= 1
        return node

    def comparison(self) -> Node:
        at = self.peek().at
        left = self.operand()
        if self.sees(*_COMPARISONS, "in", "not"):
            return self.counted(Compare(self.operator(), left, self.operand(), at), at)
        if isinstance(left, Written) and isinstance(left.value, bool):
            return Constant(left.value)
        raise self.wrong(_("A comparison, such as == or <, is missing"))

    def operator(self) -> Operator:
        token = self.take()
        if token.text == "not":
            self.expect("in")
            return "not in"
        return cast(Operator, token.text)

    def operand(self) -> Operand:
        token = self.peek()
        if self.sees("["):
            return self.items()
        if token.kind == "word" and token.text not in ("true", "false", "null"):
            return self.name()
        if token.kind in ("day", "number", "text", "word"):
            return self.counted(Written(_value(self.take()), token.at), token.at)
        raise self.wrong(_("A value or a name, such as object.status, is missing"))

    def name(self) -> Name:
        of = self.peek()
        if of.text not in ("object", "subject", "environment"):
            message = _(
                "Names begin with object, subject or environment; texts stand in quotes: “%(text)s” is neither."
            )
            raise ConditionError(message % {"text": of.text}, of.at)
        self.take()
        self.expect(".")
        if self.peek().kind != "word":
            raise self.wrong(_("A name is missing"))
        return self.counted(Name(of.text, self.take().text, of.at), of.at)

    def items(self) -> Items:
        at, items = self.take().at, []
        while not self.sees("]"):
            item = self.operand()
            if isinstance(item, Items):
                raise ConditionError(_("A list holds no lists."), item.at)
            items.append(item)
            if not self.sees("]"):
                self.expect(",")
        self.take()
        return self.counted(Items(tuple(items), at), at)


def _value(token: _Token) -> str | Decimal | bool | date | None:
    match token.kind:
        case "number":
            return Decimal(token.text)
        case "text":
            return token.text[1:-1]
        case "day":
            try:
                return date.fromisoformat(token.text)
            except ValueError:
                raise ConditionError(_("“%(text)s” is not a day.") % {"text": token.text}, token.at) from None
    return {"true": True, "false": False}.get(token.text)
