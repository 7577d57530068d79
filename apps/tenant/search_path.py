"""What a new connection of our role sees before a tenant is chosen: nothing, so that a mistake finds no table."""

from __future__ import annotations

from django.db import DatabaseError, connection, transaction

__all__ = ["default_search_path", "hide_tables", "hiding_statement"]

_SET_FOR_US = """
SELECT option FROM pg_db_role_setting s, unnest(setconfig) AS option
WHERE option LIKE 'search_path=%'
  AND (s.setdatabase = 0 OR s.setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database()))
  AND (s.setrole = 0 OR s.setrole = (SELECT oid FROM pg_roles WHERE rolname = session_user))
ORDER BY s.setrole <> 0 DESC, s.setdatabase <> 0 DESC LIMIT 1
"""
_OF_THE_SERVER = "SELECT 'search_path=' || reset_val FROM pg_settings WHERE name = 'search_path'"


def default_search_path() -> str:
    """Answer the schemas that a new connection sees; empty for none, as it should be."""
    with connection.cursor() as cursor:
        cursor.execute(_SET_FOR_US, None)
        row = cursor.fetchone()
        if row is None:
            cursor.execute(_OF_THE_SERVER, None)
            row = cursor.fetchone()
    value = str(row[0]).partition("=")[2].strip()
    return "" if value in ('""', "''") else value


def hiding_statement() -> str:
    """Write what makes it empty for our role in this database."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT quote_ident(session_user), quote_ident(current_database())")
        role, name = cursor.fetchone()
    return f"ALTER ROLE {role} IN DATABASE {name} SET search_path = ''"


def hide_tables() -> str:
    """Make it empty; answer why that was refused, or nothing."""
    if not default_search_path():
        return ""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(hiding_statement(), None)
    except DatabaseError as error:
        return str(error).strip().splitlines()[0]
    return ""
