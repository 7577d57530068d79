from django.db import migrations, models
from django.db.models import Q

#: That a record was looked for is no change of its tenant; what else changes in a domain is.
WATCHED = """
DROP TRIGGER tenant_domain_changed ON public.tenant_domain;
CREATE TRIGGER tenant_domain_changed
    AFTER INSERT OR DELETE OR UPDATE OF domain, tenant_id, is_primary, verified_at, proof ON public.tenant_domain
    FOR EACH ROW EXECUTE FUNCTION public.tenant_domain_changed();
"""
ALL = """
DROP TRIGGER tenant_domain_changed ON public.tenant_domain;
CREATE TRIGGER tenant_domain_changed AFTER INSERT OR UPDATE OR DELETE ON public.tenant_domain
    FOR EACH ROW EXECUTE FUNCTION public.tenant_domain_changed();
"""


class Migration(migrations.Migration):
    """Note when the record of a domain was last looked for, and since when it is missing."""

    dependencies = [("tenant", "0005_modules")]

    operations = [
        migrations.AddField("domain", "checked_at", models.DateTimeField(blank=True, null=True)),
        migrations.AddField("domain", "missing_since", models.DateTimeField(blank=True, null=True)),
        migrations.AddConstraint(
            "domain",
            models.CheckConstraint(
                condition=Q(missing_since=None) | (Q(verified_at__isnull=False) & ~Q(proof="")),
                name="tenant_missing_record_was_there",
            ),
        ),
        migrations.RunSQL(WATCHED, ALL),
    ]
