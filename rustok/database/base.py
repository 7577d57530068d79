"""django-tenants' backend, except that a query never runs in a schema that could not be set.

Upstream swallows any database error of `SET search_path` and lets the query run in whatever schema the connection
had before: under cancelled statements that served other tenants' rows. Here the error is only swallowed when the
transaction is already aborted, because then nothing but a rollback can run.
"""

from __future__ import annotations

from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.utils import DatabaseError
from django_tenants.postgresql_backend import base as upstream
from django_tenants.utils import quote_schema_name
from psycopg.pq import TransactionStatus


class SearchPathNotSet(DatabaseError):
    """The connection could not be put into the tenant's schema; the query did not run."""


class DatabaseWrapper(upstream.DatabaseWrapper):
    """One connection, one tenant at a time."""

    schema_name: str | None
    include_public_schema: bool
    search_path_set_schemas: list[str] | None
    _setting_search_path: bool

    def set_tenant(self, tenant: Any, include_public: bool = True) -> None:
        """Choose the schema for the next queries; content types are shared, so their cache stays warm."""
        if (self.schema_name, self.include_public_schema) != (tenant.schema_name, include_public):
            self.search_path_set_schemas = None
        self.tenant = tenant
        self.schema_name = tenant.schema_name
        self.include_public_schema = include_public
        self.set_settings_schema(self.schema_name)

    def set_schema_to_public(self) -> None:
        """Leave the tenant."""
        self.set_tenant(upstream.FakeTenant(schema_name="public"))

    def clear_content_types(self) -> None:
        """Forget cached content types; only tests that flush need it."""
        ContentType.objects.clear_cache()

    def _handle_search_path(self, cursor: Any = None) -> None:
        if self._setting_search_path or self.search_path_set_schemas:
            return
        if not self.schema_name:
            raise SearchPathNotSet("no schema was chosen for this connection")
        paths = self._get_cursor_search_paths()
        statement = "SET search_path = {}".format(",".join(quote_schema_name(path) for path in paths))
        self._setting_search_path = True
        own = cursor is None
        path_cursor = self.connection.cursor() if own else cursor
        try:
            path_cursor.execute(statement)
            self.search_path_set_schemas = paths
        except Exception as error:
            self.search_path_set_schemas = None
            if self.connection.info.transaction_status != TransactionStatus.INERROR:
                raise SearchPathNotSet(f"could not enter schema {self.schema_name!r}") from error
        finally:
            self._setting_search_path = False
            if own:
                path_cursor.close()
