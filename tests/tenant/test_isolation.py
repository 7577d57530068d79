"""Nothing crosses from one tenant to another: the database layer."""

import psycopg
import pytest
from django.apps import apps
from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.core.cache import cache
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import ProgrammingError, connection, connections, transaction

from apps.accounts.models import User
from apps.tenant.public import find, use_tenant
from rustok.database.base import SearchPathNotSet
from rustok.kernel.tenancy import NoTenant, WrongTenant, current_schema
from tests.conftest import make_user

pytestmark = pytest.mark.django_db


def test_shared_and_tenant_apps_are_disjoint():
    assert not set(settings.SHARED_APPS) & set(settings.TENANT_APPS)


def test_only_the_migrations_table_stands_in_both(acme):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
            " INTERSECT SELECT tablename FROM pg_tables WHERE schemaname = 'acme'"
        )
        assert cursor.fetchall() == [("django_migrations",)]


def test_every_model_of_a_domain_module_lives_in_the_tenant(acme):
    tables = set(connection.introspection.table_names())
    missing = [
        model._meta.label
        for config in apps.get_app_configs()
        if config.name in settings.DOMAIN_APPS
        for model in config.get_models()
        if model._meta.managed and model._meta.db_table not in tables
    ]
    assert missing == []


def test_a_query_does_not_run_when_the_schema_cannot_be_set(acme):
    """django-tenants swallows this error and runs the query in whatever schema was set before."""

    class Cancelled:
        def execute(self, statement):
            raise psycopg.errors.QueryCanceled("canceling statement due to user request")

    with use_tenant(find("globex")), pytest.raises(SearchPathNotSet):
        connections["default"]._handle_search_path(Cancelled())


def test_an_aborted_transaction_says_so_and_recovers(acme):
    with pytest.raises(ProgrammingError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT nonsense")
    with use_tenant(find("globex")):
        assert User.objects.count() == 0


def test_an_instance_of_one_tenant_is_not_saved_in_another(acme):
    user = make_user("someone@acme.test")
    with use_tenant(find("globex")):
        for act in (user.save, user.delete, user.refresh_from_db):
            with pytest.raises(WrongTenant):
                act()
        assert not User.objects.filter(email="someone@acme.test").exists()


def test_a_lazy_query_of_one_tenant_does_not_run_in_another(acme):
    make_user("someone@acme.test")
    query = User.objects.filter(email="someone@acme.test")
    with use_tenant(find("globex")):
        for evaluate in (
            list,
            lambda q: q.count(),
            lambda q: q.exists(),
            lambda q: q.update(name="x"),
            lambda q: q.first(),
        ):
            with pytest.raises(WrongTenant):
                evaluate(query.all())


def test_a_table_that_a_tenant_lacks_does_not_fall_through_to_public(acme):
    with connection.cursor() as cursor, transaction.atomic():
        cursor.execute("DROP TABLE acme.accounts_session CASCADE")
        with pytest.raises(ProgrammingError), transaction.atomic():
            cursor.execute("SELECT count(*) FROM accounts_session")


def test_content_types_are_the_same_in_every_schema(acme):
    here = ContentType.objects.get_for_model(User).pk
    ContentType.objects.clear_cache()
    with use_tenant(find("globex")):
        assert ContentType.objects.get_for_model(User).pk == here


def test_switching_tenants_keeps_the_content_type_cache_warm(acme, django_assert_num_queries):
    ContentType.objects.get_for_model(User)
    with use_tenant(find("globex")):
        User.objects.exists()
        with django_assert_num_queries(0):
            ContentType.objects.get_for_model(User)


def test_the_search_path_is_set_once_for_many_queries(acme, django_assert_num_queries):
    User.objects.count()
    with django_assert_num_queries(3):
        for _ in range(3):
            User.objects.count()


def test_a_rolled_back_transaction_keeps_the_tenant(acme):
    with use_tenant(find("globex")):
        make_user("only@globex.test")
    with pytest.raises(ZeroDivisionError), transaction.atomic(), use_tenant(find("globex")):
        assert User.objects.filter(email="only@globex.test").exists()
        raise ZeroDivisionError
    assert current_schema() == "acme"
    assert not User.objects.filter(email="only@globex.test").exists()


def test_cache_entries_and_files_belong_to_one_tenant(acme):
    cache.set("greeting", "hello from acme", 30)
    name = default_storage.save("note.txt", ContentFile(b"acme"))
    with use_tenant(find("globex")):
        assert cache.get("greeting") is None
        assert not default_storage.exists(name)
    assert cache.get("greeting") == "hello from acme"
    with use_tenant(None), pytest.raises(NoTenant):
        default_storage.exists(name)
