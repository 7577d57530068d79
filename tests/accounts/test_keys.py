"""The set of keys that tokens are signed with."""

import jwt
import pytest
from django.conf import settings as configured

from apps.accounts.tokens import signing_keys

pytestmark = pytest.mark.django_db

OLD, NEW = "old-secret-" * 4, "new-secret-" * 4
PASSWORD = "correct-horse-9"


@pytest.fixture
def keys(settings):
    settings.JWT_KEYS = [OLD]
    return settings


def log_in(api, user):
    return api().post("/api/v1/auth/login/", {"email": user.email, "password": PASSWORD}).json()


def me(api, access, host="acme.localhost"):
    return api(host=host).get("/api/v1/auth/me/", HTTP_AUTHORIZATION=f"Bearer {access}").status_code


def refresh(api, token):
    return api().post("/api/v1/auth/refresh/", {"refresh": token})


def kid(token):
    return jwt.get_unverified_header(token)["kid"]


def test_after_a_rotation_old_tokens_work_and_new_ones_use_the_new_key(api, customer, keys):
    before = log_in(api, customer)
    keys.JWT_KEYS = [NEW, OLD]
    assert me(api, before["access"]) == 200
    after = refresh(api, before["refresh"]).json()
    assert kid(after["access"]) != kid(before["access"])
    assert kid(after["access"]) == kid(after["refresh"]) == signing_keys()[0].kid
    keys.JWT_KEYS = [NEW]
    assert me(api, before["access"]) == 401
    assert me(api, after["access"]) == 200


def test_taking_a_key_out_ends_its_refresh_tokens(api, customer, keys):
    before = log_in(api, customer)
    keys.JWT_KEYS = [NEW]
    assert refresh(api, before["refresh"]).status_code == 401


def test_keys_are_derived_from_the_secret_key_and_the_former_ones(api, customer, settings):
    settings.JWT_KEYS = []
    before = log_in(api, customer)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = NEW, [configured.SECRET_KEY]
    assert me(api, before["access"]) == 200
    settings.SECRET_KEY_FALLBACKS = []
    assert me(api, before["access"]) == 401


def test_neither_the_secret_nor_the_key_is_in_a_token(keys):
    (key,) = signing_keys()
    assert OLD.encode() not in key.secret
    assert len(key.secret) == 32
    assert key.kid not in OLD


def _forged(token, key, headers, algorithm="HS256", **claims):
    payload = jwt.decode(token, options={"verify_signature": False}) | claims
    return jwt.encode(payload, key, algorithm=algorithm, headers=headers)


@pytest.mark.filterwarnings("ignore:The HMAC key")
def test_forged_tokens_are_refused(api, customer, keys):
    access = log_in(api, customer)["access"]
    key = signing_keys()[0]
    assert me(api, _forged(access, key.secret, {"kid": key.kid})) == 200
    for forged in (
        _forged(access, None, {"kid": key.kid}, "none"),
        _forged(access, "", {"kid": key.kid, "typ": "JWT"}, "none"),
        _forged(access, key.secret, {"kid": key.kid}, "HS512"),
        _forged(access, key.secret, {}),
        _forged(access, key.secret, {"kid": "unknown"}),
        _forged(access, OLD, {"kid": key.kid}),
        _forged(access, b"x" * 32, {"kid": key.kid}),
        _forged(access, key.secret, {"kid": key.kid}, iss="somebody"),
        access.rsplit(".", 1)[0] + ".",
        "a.b.c",
        "é.é.é",
    ):
        assert me(api, forged) == 401, forged


def test_a_key_pair_is_no_way_in(api, customer, keys):
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    pair = rsa.generate_private_key(public_exponent=65_537, key_size=2_048)
    private = pair.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    access = log_in(api, customer)["access"]
    assert me(api, _forged(access, private, {"kid": signing_keys()[0].kid}, "RS256")) == 401


def test_a_token_of_another_tenant_is_refused_under_every_key(api, customer, keys):
    tokens = log_in(api, customer)
    keys.JWT_KEYS = [NEW, OLD]
    assert me(api, tokens["access"], host="globex.localhost") == 401
    elsewhere = api(host="globex.localhost").post("/api/v1/auth/refresh/", {"refresh": tokens["refresh"]})
    assert elsewhere.status_code == 401


def test_an_access_token_is_no_refresh_token(api, customer, keys):
    tokens = log_in(api, customer)
    assert refresh(api, tokens["access"]).status_code == 401
    assert me(api, tokens["refresh"]) == 401
