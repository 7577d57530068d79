"""The use cases of the $module module."""

import pytest

from apps.$module.models import $Model
from apps.$module.services import create_$word
from rustok.kernel.errors import Forbidden


def test_a_new_one_is_announced(acme, manager, actor, events_of):
    row = create_$word(actor=actor(manager), title="First")
    assert events_of("$word.created") == [{"${word}_id": str(row.pk), "title": "First"}]


def test_a_customer_creates_none(acme, customer, actor, events_of):
    with pytest.raises(Forbidden):
        create_$word(actor=actor(customer), title="First")
    assert not $Model.objects.exists()
    assert events_of("$word.created") == []
