"""Replies that are really written at once."""

from __future__ import annotations

import threading

from django.db import connection

from apps.forum.models import Reply, Topic
from apps.forum.public import add_reply
from apps.tenant.public import find, use_tenant
from tests.content.factories import NOW, SYSTEM, make_topic


def test_replies_at_once_are_all_counted(committed_db):
    tenant = find("acme")
    with use_tenant(tenant):
        found = make_topic()
    failures = []

    def reply_five_times():
        try:
            with use_tenant(tenant):
                for _ in range(5):
                    add_reply(actor=SYSTEM, topic_id=found.pk, body="Yes.", now=NOW)
        except Exception as error:
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=reply_five_times) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with use_tenant(tenant):
        assert failures == []
        assert Topic.objects.get(pk=found.pk).reply_count == Reply.objects.filter(topic=found.pk).count() == 20
