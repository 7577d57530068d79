"""Indexes for people who look for something: events by what they belong to, letters by their event and tenant."""

from django.db import migrations, models
from django.db.models import Q

# A page range costs a few bytes, and a new one nothing until it is vacuumed: writing an event is no slower for it.
EVENTS = """
CREATE INDEX outbox_event_find ON public.outbox_outboxevent
USING brin (correlation_id uuid_bloom_ops, aggregate_id uuid_bloom_ops, trace_id text_bloom_ops)
WITH (pages_per_range = 32);
"""


class Migration(migrations.Migration):
    dependencies = [("outbox", "0003_publish")]
    operations = [
        migrations.AlterModelOptions(
            "outboxevent", {"ordering": ("-id",), "verbose_name": "event", "verbose_name_plural": "events"}
        ),
        migrations.AlterModelOptions(
            "deadletter",
            {"ordering": ("-died_at", "-id"), "verbose_name": "dead letter", "verbose_name_plural": "dead letters"},
        ),
        migrations.RunSQL(EVENTS, "DROP INDEX public.outbox_event_find"),
        migrations.AddIndex("deadletter", models.Index(fields=["event"], name="outbox_letters_event")),
        migrations.AddIndex(
            "deadletter",
            models.Index(
                fields=["tenant_id", "-died_at", "-id"], condition=Q(state="dead"), name="outbox_letters_tenant_dead"
            ),
        ),
    ]
