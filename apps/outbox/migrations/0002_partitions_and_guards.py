"""What Django cannot declare: partitions by day, versions that only grow, acts that nobody edits, room for updates."""

from django.db import migrations

# The bounds of a day are those of UUIDv7 keys made in it (RFC 9562: milliseconds in the first 48 bits). Rows of that
# day that came before their partition, from a clock that is ahead, move into it.
MAKE_PARTITION = """
CREATE FUNCTION public.outbox_first_id(day date) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$
    SELECT (substr(hex, 1, 8) || '-' || substr(hex, 9, 4) || '-0000-0000-000000000000')::uuid
    FROM lpad(to_hex((extract(epoch FROM day::timestamp AT TIME ZONE 'UTC') * 1000)::bigint), 12, '0') AS hex
$$;

CREATE FUNCTION public.outbox_make_partition(day date) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    name text := 'outbox_outboxevent_' || to_char(day, 'YYYYMMDD');
    low uuid := public.outbox_first_id(day);
    high uuid := public.outbox_first_id(day + 1);
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('outbox_make_partition'));
    IF to_regclass('public.' || name) IS NOT NULL THEN
        RETURN false;
    END IF;
    EXECUTE format('CREATE TABLE public.%I (LIKE public.outbox_outboxevent INCLUDING CONSTRAINTS)', name);
    EXECUTE format('CREATE UNIQUE INDEX ON public.%I (tenant_id, aggregate_type, aggregate_id, aggregate_version)', name);
    EXECUTE format('WITH moved AS (DELETE FROM public.outbox_outboxevent_other WHERE id >= %L AND id < %L RETURNING *)
                    INSERT INTO public.%I SELECT * FROM moved', low, high, name);
    EXECUTE format('ALTER TABLE public.outbox_outboxevent ATTACH PARTITION public.%I FOR VALUES FROM (%L) TO (%L)',
                   name, low, high);
    RETURN true;
END $$;

SELECT public.outbox_make_partition((now() AT TIME ZONE 'UTC')::date + ahead) FROM generate_series(0, 2) AS ahead;
"""

GUARDS = """
CREATE FUNCTION public.outbox_version_grows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.version <= OLD.version THEN
        RAISE EXCEPTION 'the version of an aggregate only grows' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER outbox_version_grows BEFORE UPDATE ON public.outbox_aggregate
    FOR EACH ROW EXECUTE FUNCTION public.outbox_version_grows();

CREATE FUNCTION public.outbox_acts_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'what was done with a dead letter stays on record' USING ERRCODE = 'check_violation';
END $$;
CREATE TRIGGER outbox_acts_stay BEFORE UPDATE OR DELETE ON public.outbox_deadletteract
    FOR EACH ROW EXECUTE FUNCTION public.outbox_acts_stay();

-- A queue: every row is written a few times and deleted. Half-empty pages keep the updates on them.
ALTER TABLE public.outbox_delivery SET (
    fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 2000,
    autovacuum_analyze_scale_factor = 0.2, autovacuum_vacuum_cost_delay = 0);
ALTER TABLE public.outbox_aggregate SET (fillfactor = 70);
"""


class Migration(migrations.Migration):
    dependencies = [("outbox", "0001_initial")]
    operations = [
        migrations.RunSQL(MAKE_PARTITION, migrations.RunSQL.noop),
        migrations.RunSQL(GUARDS, migrations.RunSQL.noop),
    ]
