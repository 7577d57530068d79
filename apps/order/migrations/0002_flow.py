"""The database's own word on the flow of an order; kept apart from 0001 because no model describes a trigger.

The function looks at the two rows only and names no table, so that a schema cloned from the template carries its own.
"""

from django.db import migrations

FORWARDS = """
CREATE FUNCTION order_refuse_illegal_step() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.status = 'pending' THEN
            RETURN NEW;
        END IF;
        RAISE EXCEPTION 'an order begins as pending, not as %', NEW.status
            USING ERRCODE = 'check_violation', CONSTRAINT = 'order_begins_pending';
    END IF;
    IF NEW.status = OLD.status OR (OLD.status, NEW.status) IN (
        ('pending', 'confirmed'), ('confirmed', 'paid'), ('paid', 'shipped'), ('shipped', 'delivered'),
        ('pending', 'cancelled'), ('confirmed', 'cancelled'), ('paid', 'cancelled')
    ) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'an order cannot go from % to %', OLD.status, NEW.status
        USING ERRCODE = 'check_violation', CONSTRAINT = 'order_legal_step';
END
$body$;

CREATE TRIGGER order_legal_step BEFORE INSERT OR UPDATE OF status ON order_order
    FOR EACH ROW EXECUTE FUNCTION order_refuse_illegal_step();
"""

BACKWARDS = """
DROP TRIGGER order_legal_step ON order_order;
DROP FUNCTION order_refuse_illegal_step();
"""


class Migration(migrations.Migration):
    dependencies = [("order", "0001_initial")]

    operations = [migrations.RunSQL(FORWARDS, BACKWARDS)]
