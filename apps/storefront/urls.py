"""Addresses of the storefront: each once behind a locale, and once without one for the tenant's default."""

from collections.abc import Callable

from django.http import HttpResponse
from django.urls import URLPattern, include, path, register_converter

from apps.storefront.links import LocalePrefix, SlugPath
from apps.storefront.views import account, cart, catalogue, checkout, content, credentials, home, sign_in

register_converter(LocalePrefix, "locale")
register_converter(SlugPath, "slug_path")


def _both(route: str, view: Callable[..., HttpResponse], name: str) -> list[URLPattern]:
    return [path(f"<locale:locale>/{route}", view, name=name), path(route, view, name=name)]


_pages = [
    path("theme.css", home.theme, name="theme"),
    path("icon.svg", home.icon, name="icon"),
    *_both("", home.home, "home"),
    *_both("preferences/", home.preferences, "preferences"),
    *_both("products/<slug:handle>/", catalogue.product, "product"),
    *_both("categories/<slug_path:path>/", catalogue.category, "category"),
    *_both("collections/<slug:handle>/", catalogue.collection, "collection"),
    *_both("search/", catalogue.search, "search"),
    *_both("cart/", cart.cart, "cart"),
    *_both("cart/drawer/", cart.drawer, "drawer"),
    *_both("checkout/", checkout.checkout, "checkout"),
    *_both("orders/<str:token>/", checkout.order, "order"),
    *_both("account/", account.account, "account"),
    *_both("account/login/", account.log_in, "login"),
    *_both("account/login/code/", sign_in.code, "login_code"),
    *_both("account/devices/", sign_in.devices, "devices"),
    *_both("account/register/", account.register, "register"),
    *_both("account/logout/", account.log_out, "logout"),
    *_both("account/verify/", credentials.verify, "verify"),
    *_both("account/verify/resend/", credentials.resend, "verify_resend"),
    *_both("account/password/", credentials.change_password, "password"),
    *_both("account/password/reset/", credentials.request_reset, "reset"),
    *_both("account/password/reset/confirm/", credentials.reset_password, "reset_confirm"),
    *_both("account/email/", credentials.change_email, "email"),
    *_both("account/email/confirm/", credentials.confirm_email, "email_confirm"),
    *_both("account/email/revert/", credentials.revert_email, "email_revert"),
    *_both("account/invitation/", credentials.accept_invitation, "invitation"),
    *_both("blog/", content.post_list, "blog"),
    *_both("blog/<slug:slug>/", content.post, "post"),
    *_both("forum/", content.forum_home, "forum"),
    *_both("forum/topics/<uuid:topic_id>/", content.topic, "topic"),
    *_both("forum/<slug:slug>/", content.board, "board"),
    *_both("<slug_path:path>/", content.static_page, "page"),
]
site_patterns = [path("", include((_pages, "storefront")))]
