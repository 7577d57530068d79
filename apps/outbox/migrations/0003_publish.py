"""The statement that stores events, as a function: PostgreSQL then plans it once per connection and not per event."""

from django.db import migrations

# One statement for any number of events. The upsert locks the counter of every aggregate until the end of the
# transaction, in key order: so versions are contiguous and follow the order of the commits. Its own search_path keeps
# the plans of a connection that serves one tenant after the other.
PUBLISH = """
CREATE FUNCTION public.outbox_publish(tenant uuid, correlation uuid, causation uuid, trace text, actor uuid, facts json)
RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    WITH input AS MATERIALIZED (
        SELECT * FROM ROWS FROM (json_to_recordset(facts) AS (id uuid, type text, schema int, kind text, key uuid,
            lane bigint, payload jsonb, handlers text[])) WITH ORDINALITY
            AS i (id, type, schema, kind, key, lane, payload, handlers, n)
    ), bumped AS (
        INSERT INTO public.outbox_aggregate AS a (tenant_id, kind, aggregate_id, version)
        SELECT tenant, kind, key, count(*) FROM input GROUP BY kind, key ORDER BY kind, key
        ON CONFLICT (tenant_id, kind, aggregate_id) DO UPDATE SET version = a.version + EXCLUDED.version
        RETURNING kind, aggregate_id, version
    ), numbered AS (
        SELECT i.*, b.version - count(*) OVER (PARTITION BY i.kind, i.key)
            + row_number() OVER (PARTITION BY i.kind, i.key ORDER BY i.n) AS version
        FROM input i JOIN bumped b ON b.kind = i.kind AND b.aggregate_id = i.key
    ), stored AS (
        INSERT INTO public.outbox_outboxevent (id, tenant_id, event_type, schema_version, aggregate_type, aggregate_id,
            aggregate_version, correlation_id, causation_id, trace_id, actor_id, payload, handlers, created_at)
        SELECT id, tenant, type, schema, kind, key, version, correlation, causation, trace, actor, payload, handlers,
            clock_timestamp() FROM numbered ORDER BY n
    )
    INSERT INTO public.outbox_delivery (event_id, handler, tenant_id, lane, aggregate_version, state, attempts, next_at,
        error_class, error, created_at)
    SELECT id, handler, tenant, lane, version, 'waiting', 0, clock_timestamp(), '', '', clock_timestamp()
    FROM numbered, unnest(handlers) AS handler ORDER BY n;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("outbox", "0002_partitions_and_guards")]
    operations = [migrations.RunSQL(PUBLISH, migrations.RunSQL.noop)]
