"""What was done with dead letters stays on record, until the tenant itself is deleted with all that it has."""

from django.db import migrations

ERASE = """
CREATE OR REPLACE FUNCTION public.outbox_acts_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND current_setting('rustok.erasing', true) =
        (SELECT tenant_id::text FROM public.outbox_deadletter WHERE id = OLD.letter_id) THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'what was done with a dead letter stays on record' USING ERRCODE = 'check_violation';
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("outbox", "0004_find")]
    operations = [migrations.RunSQL(ERASE, migrations.RunSQL.noop)]
