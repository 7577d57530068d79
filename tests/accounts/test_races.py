"""Links that many follow at once."""

import threading

from django.core import mail
from django.db import connection
from django.utils import timezone

from apps.accounts.models import User
from apps.accounts.services import confirm_email_change, mail_new_address, request_email_change
from apps.rbac.services import accept_invitation, invite_person, mail_invitation
from apps.tenant.public import find, use_tenant
from rustok.kernel.access import Actor, actor_for
from rustok.kernel.errors import DomainError
from tests.accounts.letters import letters, token_in
from tests.conftest import make_user

WHO, PASSWORD = "new@acme.test", "blue-canoe-77"


def at_once(*calls):
    """Run each call in a thread of its own; answer what came of them, sorted."""
    outcomes, start = [], threading.Barrier(len(calls))

    def run(call):
        try:
            with use_tenant(find("acme")):
                start.wait()
                call()
            outcomes.append("done")
        except DomainError as error:
            outcomes.append(error.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(call,)) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return sorted(outcomes)


def test_of_many_who_accept_an_invitation_at_once_one_does(committed_db):
    now = timezone.now()
    with use_tenant(find("acme")):
        invitation = invite_person(actor=Actor.system("tests"), email=WHO, roles=["manager"], now=now)
        mail_invitation(invitation_id=invitation.pk, key="1")
    token = token_in(letters(WHO)[-1])

    def accept(n):
        return lambda: accept_invitation(token=token, password=f"{PASSWORD}-{n}", now=now)

    assert at_once(*(accept(n) for n in range(6))) == ["done"] + ["invalid_link"] * 5
    with use_tenant(find("acme")):
        assert User.objects.filter(email=WHO).count() == 1


def test_of_many_who_move_to_one_address_at_once_one_does(committed_db):
    now, tokens = timezone.now(), []
    with use_tenant(find("acme")):
        for n in range(4):
            user = make_user(f"ann{n}@acme.test")
            change = request_email_change(actor=actor_for(user), email=WHO, password="correct-horse-9")
            mail.outbox.clear()
            mail_new_address(change_id=change.pk, key=str(n))
            tokens.append(token_in(letters(WHO)[-1]))

    def confirm(token):
        return lambda: confirm_email_change(token=token, now=now)

    assert at_once(*map(confirm, tokens)) == ["done"] + ["email_taken"] * 3
    with use_tenant(find("acme")):
        assert User.objects.filter(email=WHO).count() == 1
