import django.contrib.auth.models
from django.db import migrations


class Migration(migrations.Migration):
    """Teams: Django's groups under a name of ours."""

    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("rbac", "0003_invitations"),
    ]

    operations = [
        migrations.CreateModel(
            name="Team",
            fields=[],
            options={
                "verbose_name": "team",
                "verbose_name_plural": "teams",
                "proxy": True,
                "indexes": [],
                "constraints": [],
            },
            bases=("auth.group",),
            managers=[("objects", django.contrib.auth.models.GroupManager())],
        ),
    ]
