from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("tenant", "0004_domains_by_proof")]

    operations = [
        migrations.CreateModel(
            "Module",
            fields=[],
            options={
                "verbose_name": "module",
                "verbose_name_plural": "modules",
                "proxy": True,
                "indexes": [],
                "constraints": [],
            },
            bases=("tenant.tenant",),
        ),
    ]
