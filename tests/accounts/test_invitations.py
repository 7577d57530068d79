"""Invitations: for staff, for customers, and from the platform."""

from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from apps.accounts.models import User
from apps.accounts.public import find_user_by_email, log_in
from apps.rbac.models import Invitation
from apps.rbac.services import invite_person
from apps.rbac.services.roles import save_role
from rustok.kernel.access import actor_for
from tests.accounts.letters import letters, token_in
from tests.conftest import make_user

pytestmark = pytest.mark.django_db

WHO, PASSWORD = "new@acme.test", "blue-canoe-77"


@pytest.fixture
def boss(admin_user, deliver_events):
    User.objects.filter(pk=admin_user.pk).update(email_verified_at=timezone.now())
    deliver_events()
    mail.outbox.clear()
    admin_user.refresh_from_db()
    return admin_user


@pytest.fixture
def invite(api, boss, deliver_events):
    def run(email=WHO, by=None, **more):
        answer = api(by or boss).post("/api/v1/invitations/", {"email": email, **more})
        deliver_events()
        return answer

    return run


def accept(api, token, host="acme.localhost", **more):
    sent = {"token": token, "password": PASSWORD, "name": "New Person", **more}
    return api(host=host).post("/api/v1/invitations/accept/", sent)


def roles_of(user):
    return sorted(user.role_assignments.values_list("role__slug", flat=True))


def test_staff_choose_their_own_password_and_get_the_roles_that_waited(api, invite, events_of):
    answer = invite("New@Acme.test", roles=["manager"], locale="de", name="New")
    assert answer.status_code == 201
    assert (answer.json()["email"], answer.json()["roles"]) == (WHO, ["manager"])
    assert events_of("user.invited") == [{"invitation_id": answer.json()["id"]}]
    (letter,) = letters(WHO, "eingeladen")
    token = token_in(letter)
    assert accept(api, token).json()["email"] == WHO
    user = find_user_by_email(WHO)
    assert (user.name, user.is_staff, user.locale, roles_of(user)) == ("New Person", True, "de", ["manager"])
    assert user.email_verified_at is not None
    assert log_in(email=WHO, password=PASSWORD, device="", now=timezone.now())
    again = accept(api, token, password="other-canoe-78")
    assert (again.status_code, again.json()["code"]) == (401, "invalid_link")


def test_a_customer_is_invited_with_no_role_and_is_no_staff(api, invite):
    assert invite().status_code == 201
    accept(api, token_in(letters(WHO)[0]))
    assert (find_user_by_email(WHO).is_staff, roles_of(find_user_by_email(WHO))) == (False, [])


def test_a_new_account_needs_no_second_mail(api, invite, deliver_events):
    invite()
    accept(api, token_in(letters(WHO)[0]))
    mail.outbox.clear()
    deliver_events()
    assert letters(WHO) == []


def test_nobody_gives_more_than_they_have(invite, manager):
    User.objects.filter(pk=manager.pk).update(email_verified_at=timezone.now())
    assert invite(roles=["superadmin"]).json()["code"] == "more_than_own"
    assert invite(by=manager, roles=["customer"]).status_code == 403
    assert not Invitation.objects.exists()


def test_an_unknown_role_a_known_address_and_a_second_invitation_are_refused(invite, customer):
    assert invite(roles=["wizard"]).json()["code"] == "no_such_role"
    assert invite(customer.email).json()["code"] == "email_taken"
    assert invite().status_code == 201
    assert invite().json()["code"] == "already_invited"
    assert Invitation.objects.count() == 1


def test_whoever_invites_has_a_confirmed_address(api, invite, boss):
    User.objects.filter(pk=boss.pk).update(email_verified_at=None)
    answer = invite()
    assert (answer.status_code, answer.json()["code"]) == (403, "email_not_verified")


def test_a_withdrawn_invitation_is_worth_nothing_and_makes_room(api, boss, invite):
    key = invite().json()["id"]
    token = token_in(letters(WHO)[0])
    assert api(boss).delete(f"/api/v1/invitations/{key}/").status_code == 204
    assert accept(api, token).status_code == 401
    assert find_user_by_email(WHO) is None
    assert api(boss).delete(f"/api/v1/invitations/{key}/").json()["code"] == "invitation_over"
    assert invite().status_code == 201


def test_sending_again_makes_the_older_link_worthless(api, boss, invite, deliver_events):
    key = invite().json()["id"]
    first = token_in(letters(WHO)[0])
    assert api(boss).post(f"/api/v1/invitations/{key}/resend/").status_code == 200
    deliver_events()
    assert accept(api, first).status_code == 401
    assert accept(api, token_in(letters(WHO)[-1])).status_code == 201


def test_an_old_invitation_is_worth_nothing_and_makes_room(api, invite):
    invite()
    token = token_in(letters(WHO)[0])
    Invitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert accept(api, token).status_code == 401
    assert invite().status_code == 201


def test_who_lost_the_right_invites_nobody_any_more(api, boss, invite):
    invite(roles=["manager"])
    token = token_in(letters(WHO)[0])
    boss.role_assignments.all().delete()
    assert accept(api, token).status_code == 401
    assert find_user_by_email(WHO) is None


def test_a_role_that_is_gone_is_not_given(api, boss, invite, system):
    role = save_role(actor=system, slug="hand", name="Hand", permissions={"orders.read": "all"})
    invite(roles=["hand"])
    role.delete()
    assert accept(api, token_in(letters(WHO)[0])).status_code == 201
    assert (find_user_by_email(WHO).is_staff, roles_of(find_user_by_email(WHO))) == (False, [])


def test_an_account_that_somebody_made_without_owning_the_address_is_taken_over(api, invite):
    invite(roles=["manager"])
    squatter = make_user(WHO)
    theirs = api(squatter)
    assert accept(api, token_in(letters(WHO, "invited")[0])).status_code == 201
    squatter.refresh_from_db()
    assert (squatter.check_password(PASSWORD), squatter.is_staff, roles_of(squatter)) == (True, True, ["manager"])
    assert theirs.get("/api/v1/auth/me/").status_code == 401


def test_a_confirmed_account_keeps_its_password(api, invite):
    invite()
    owner = make_user(WHO)
    User.objects.filter(pk=owner.pk).update(email_verified_at=timezone.now())
    assert accept(api, token_in(letters(WHO, "invited")[0])).json()["code"] == "email_taken"
    owner.refresh_from_db()
    assert owner.check_password("correct-horse-9")


def test_a_weak_password_is_refused_and_the_link_stays_good(api, invite):
    invite()
    token = token_in(letters(WHO)[0])
    assert accept(api, token, password="1234567890").json()["code"] == "weak_password"
    assert accept(api, token).status_code == 201


def test_an_invitation_of_one_shop_is_refused_by_another(api, invite):
    invite()
    token = token_in(letters(WHO)[0])
    assert accept(api, token, host="globex.localhost").status_code == 401
    assert accept(api, token).status_code == 201


def test_only_who_may_sees_and_makes_invitations(api, boss, invite, customer, manager):
    invite()
    assert [one["email"] for one in api(boss).get("/api/v1/invitations/").json()["results"]] == [WHO]
    for user in (customer, manager):
        assert api(user).get("/api/v1/invitations/").status_code == 403
        assert api(user).post("/api/v1/invitations/", {"email": "x@acme.test"}).status_code == 403
    assert api().get("/api/v1/invitations/").status_code == 401


def test_a_list_costs_the_same_however_long_it_is(api, boss, django_assert_max_num_queries):
    client = api(boss)
    for n in range(30):
        invite_person(actor=actor_for(boss), email=f"n{n}@acme.test", now=timezone.now())
    with django_assert_max_num_queries(12):
        assert len(client.get("/api/v1/invitations/?page_size=30").json()["results"]) == 30


def test_graphql_invites_resends_accepts_and_withdraws(api, boss, deliver_events):
    client = api(boss)
    create = """mutation($e: String!) { invitationCreate(input: {email: $e, roles: ["manager"]}) {
      invitation { id email roles invitedBy } errors { code } } }"""
    made = client.graphql(create, e=WHO)["data"]["invitationCreate"]
    assert made["invitation"]["invitedBy"] == boss.email
    again = "mutation($i: UUID!) { invitationResend(input: {id: $i}) { errors { code } } }"
    assert client.graphql(again, i=made["invitation"]["id"])["data"]["invitationResend"]["errors"] == []
    deliver_events()
    done = """mutation($t: String!) { invitationAccept(input: {token: $t, password: "blue-canoe-77"}) {
      email errors { code } } }"""
    assert api().graphql(done, t=token_in(letters(WHO)[-1]))["data"]["invitationAccept"]["email"] == WHO
    end = "mutation($i: UUID!) { invitationRevoke(input: {id: $i}) { errors { code } } }"
    refused = client.graphql(end, i=made["invitation"]["id"])["data"]["invitationRevoke"]
    assert refused["errors"] == [{"code": "invitation_over"}]
