from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    """Let only a domain that was shown to be its tenant's be taken, so that naming one keeps nobody from it."""

    dependencies = [("tenant", "0003_jobs")]

    operations = [
        migrations.CreateModel(
            "Shop",
            fields=[],
            options={
                "verbose_name": "settings",
                "verbose_name_plural": "settings",
                "proxy": True,
                "indexes": [],
                "constraints": [],
            },
            bases=("tenant.tenant",),
        ),
        migrations.AlterModelOptions(
            "domain", {"ordering": ("domain",), "verbose_name": "domain", "verbose_name_plural": "domains"}
        ),
        migrations.AlterField("domain", "domain", models.CharField(max_length=253)),
        migrations.AddConstraint(
            "domain", models.UniqueConstraint(fields=["tenant", "domain"], name="tenant_domain_once")
        ),
        migrations.AddConstraint(
            "domain",
            models.UniqueConstraint(
                fields=["domain"], condition=Q(verified_at__isnull=False), name="tenant_domain_leads_to_one"
            ),
        ),
    ]
