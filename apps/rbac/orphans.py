"""What becomes of grants whose object is gone: the database deletes them with it, however it was deleted."""

from __future__ import annotations

import hashlib

from django.db import connection

from apps.rbac.sharing import carrier_of, shareable
from rustok.kernel.tenancy import PUBLIC

__all__ = ["GrantsGoWithObjects"]

_NAME = "rbac_forget_grants"
_FUNCTION = """
CREATE OR REPLACE FUNCTION rbac_forget_grants() RETURNS trigger LANGUAGE plpgsql AS $rbac$
DECLARE ours integer;
BEGIN
  SELECT id INTO ours FROM public.django_content_type WHERE app_label = TG_ARGV[0] AND model = TG_ARGV[1];
  DELETE FROM guardian_userobjectpermission g USING gone
  WHERE g.content_type_id = ours AND g.object_pk = gone.id::text;
  DELETE FROM guardian_groupobjectpermission g USING gone
  WHERE g.content_type_id = ours AND g.object_pk = gone.id::text;
  RETURN NULL;
END $rbac$
"""
_TRIGGER = """
CREATE OR REPLACE TRIGGER {name} AFTER DELETE ON "{table}" REFERENCING OLD TABLE AS gone
FOR EACH STATEMENT EXECUTE FUNCTION {name}('{app}', '{model}')
"""
#: Finds the grants on an object without looking through everybody's.
_INDEXES = """
CREATE INDEX IF NOT EXISTS rbac_user_grants_on ON guardian_userobjectpermission (content_type_id, object_pk);
CREATE INDEX IF NOT EXISTS rbac_group_grants_on ON guardian_groupobjectpermission (content_type_id, object_pk)
"""
_FIND = """
SELECT count(*) FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
WHERE c.relnamespace = to_regnamespace(quote_ident(%s)) AND t.tgname = %s AND t.tgenabled = 'O'
"""


class GrantsGoWithObjects:
    """The step after a schema's migrations that lets the grants on an object go with it."""

    def fingerprint(self) -> str:
        """Answer a hash over the function and the tables."""
        return hashlib.sha256("\n".join(_statements()).encode()).hexdigest()

    def apply(self, schema: str) -> None:
        """Install the function, and a trigger on each table whose objects can be shared."""
        if schema != PUBLIC:
            with connection.cursor() as cursor:
                cursor.execute(";\n".join(_statements()), None)

    def is_done(self, schema: str) -> bool:
        """Tell whether every such table has its trigger."""
        if schema == PUBLIC:
            return True
        with connection.cursor() as cursor:
            cursor.execute(_FIND, [schema, _NAME])
            return bool(cursor.fetchone()[0] == len(_carriers()))


def _carriers() -> list[type]:
    found = {carrier_of(model) for model in shareable().values()}
    return sorted(found, key=lambda model: model._meta.label)


def _statements() -> list[str]:
    triggers = [
        _TRIGGER.format(
            name=_NAME, table=model._meta.db_table, app=model._meta.app_label, model=model._meta.model_name  # type: ignore[attr-defined]
        )
        for model in _carriers()
    ]  # fmt: skip
    return [_FUNCTION, _INDEXES, *triggers]
