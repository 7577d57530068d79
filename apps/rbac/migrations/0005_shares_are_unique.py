from django.db import migrations

# One grant of a kind stands once on an object. Said by the index that has the key as the UUID that it is, PostgreSQL
# needs not sort out doubles first, and reads a page of what was shared in the list's order: 20 grants, 20 rows.
SHARES = {
    "guardian_userobjectpermission": "user",
    "guardian_groupobjectpermission": "group",
}


def _index(table, holder):
    name = f"rbac_{holder}_shares"
    return migrations.RunSQL(
        f"DROP INDEX IF EXISTS {name};"
        f" CREATE UNIQUE INDEX {name} ON {table} ({holder}_id, permission_id, (object_pk::uuid))",
        f"DROP INDEX {name};"
        f" CREATE INDEX {name} ON {table} ({holder}_id, permission_id, (object_pk::uuid)) WHERE length(object_pk) = 36",
    )


class Migration(migrations.Migration):

    dependencies = [
        ("rbac", "0004_teams"),
    ]

    operations = [_index(table, holder) for table, holder in SHARES.items()]
