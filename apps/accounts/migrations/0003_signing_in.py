import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import rustok.kernel.ids

KEY = ("id", models.UUIDField(default=rustok.kernel.ids.new_id, editable=False, primary_key=True, serialize=False))
TIMES = [
    ("created_at", models.DateTimeField(auto_now_add=True)),
    ("updated_at", models.DateTimeField(auto_now=True)),
]


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_addresses")]

    operations = [
        migrations.AddField(
            "session", "address", models.CharField(blank=True, default="", max_length=45)
        ),
        migrations.AddField(
            "user",
            "has_second_factor",
            models.BooleanField(default=False, editable=False, verbose_name="second step"),
        ),
        migrations.CreateModel(
            name="ApiKey",
            fields=[
                KEY,
                *TIMES,
                ("name", models.CharField(max_length=120, verbose_name="name")),
                ("prefix", models.CharField(max_length=8, unique=True, verbose_name="begins with")),
                ("digest", models.CharField(max_length=64)),
                (
                    "permissions",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=64), size=400, verbose_name="may"
                    ),
                ),
                ("expires_at", models.DateTimeField(blank=True, null=True, verbose_name="expires")),
                ("last_used_at", models.DateTimeField(blank=True, null=True, verbose_name="last used")),
                ("last_used_from", models.CharField(blank=True, default="", max_length=45)),
                ("revoked_at", models.DateTimeField(blank=True, null=True, verbose_name="revoked")),
                (
                    "created_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="api_keys",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="acts as",
                    ),
                ),
            ],
            options={"verbose_name": "API key", "verbose_name_plural": "API keys", "ordering": ("-created_at",)},
        ),
        migrations.CreateModel(
            name="SecondFactor",
            fields=[
                KEY,
                *TIMES,
                ("secret", models.CharField(max_length=400)),
                ("confirmed_at", models.DateTimeField(blank=True, null=True)),
                ("last_step", models.BigIntegerField(default=0)),
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="second_factor",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={"abstract": False},
        ),
        migrations.CreateModel(
            name="BrowserSession",
            fields=[
                ("session_data", models.TextField(verbose_name="session data")),
                ("expire_date", models.DateTimeField(db_index=True, verbose_name="expire date")),
                ("session_key", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("id", models.UUIDField(default=rustok.kernel.ids.new_id, editable=False, unique=True)),
                ("is_staff", models.BooleanField(default=False)),
                ("device", models.CharField(blank=True, default="", max_length=200)),
                ("address", models.CharField(blank=True, default="", max_length=45)),
                ("started_at", models.DateTimeField()),
                ("used_at", models.DateTimeField()),
                (
                    "user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="browser_sessions",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ("-used_at",),
                "indexes": [models.Index(fields=["user", "-used_at"], name="accounts_browser_sessions")],
            },
        ),
        migrations.CreateModel(
            name="RecoveryCode",
            fields=[
                KEY,
                *TIMES,
                ("digest", models.CharField(max_length=64)),
                ("used_at", models.DateTimeField(blank=True, null=True)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="recovery_codes",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ("created_at", "id"),
                "constraints": [
                    models.UniqueConstraint(fields=("user", "digest"), name="accounts_recovery_code_once")
                ],
            },
        ),
    ]
