"""Conditions of policies: a small language, checked when it is saved, run in memory and as SQL with one meaning.

Every condition is true or false, never unknown: a comparison with a value that is missing is false, also `!=` and
`not in`; only `== null` and `!= null` ask whether one is missing; `not` turns true into false and back.
"""

from apps.rbac.conditions.branches import KeysIn, OneOf
from apps.rbac.conditions.check import check
from apps.rbac.conditions.facts import ENVIRONMENT, SUBJECT, Facts
from apps.rbac.conditions.memory import holds
from apps.rbac.conditions.parser import parse
from apps.rbac.conditions.sql import Part, compile_q, join
from apps.rbac.conditions.tree import ConditionError, as_json, asks_for_role, names_object, names_of_subject

__all__ = [
    "ENVIRONMENT", "SUBJECT", "ConditionError", "Facts", "KeysIn", "OneOf", "Part", "as_json", "asks_for_role", "check",
    "compile_q", "holds", "join", "names_object", "names_of_subject", "parse",
]  # fmt: skip
