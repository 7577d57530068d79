from django.db import migrations


class Migration(migrations.Migration):
    """Browsers' sessions are in a table of ours since 0003; `django.contrib.sessions` is no app of tenants any more."""

    dependencies = [("accounts", "0003_signing_in")]

    operations = [migrations.RunSQL("DROP TABLE IF EXISTS django_session", migrations.RunSQL.noop)]
