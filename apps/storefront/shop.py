"""What every storefront page knows: the tenant's brand, the reader's locale, currency and appearance, the cart."""

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property, wraps
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django_htmx.middleware import HtmxDetails

from apps.cart import public as carts
from apps.storefront import menus
from apps.storefront.links import in_locale, link, localize, modules_behind
from apps.storefront.theme import Theme, theme_of
from apps.storefront.words import explain
from rustok.kernel.access import PUBLIC, Actor
from rustok.kernel.edges.declared import declared
from rustok.kernel.errors import DomainError
from rustok.kernel.modules import ModuleDisabled, all_modules, is_enabled, modules_off, require_enabled
from rustok.kernel.tenancy import NoTenant, Tenant, current_tenant

MODES = ("auto", "light", "dark")
CART_COOKIE = "__Host-cart" if settings.HTTPS else "cart"
COUNT_COOKIE = "cart_items"
YEAR = 365 * 24 * 3600
CART_AGE = 60 * 24 * 3600

View = Callable[..., HttpResponse]


class Shop:
    """The shop as one request sees it; what costs a query is found out only when a template asks."""

    def __init__(self, request: HttpRequest, tenant: Tenant, prefix: str | None) -> None:
        self.request = request
        self.tenant = tenant
        self.prefix = prefix
        self.locale = prefix or tenant.default_locale
        self.path = request.path
        #: What stands around a page.
        self.frame = "storefront/base.html"
        #: What the page is called in other locales: locale → slug.
        self.slugs: Mapping[str, str] = {}
        self._new_token = ""

    @cached_property
    def uses(self) -> dict[str, bool]:
        """Which modules the tenant uses, by slug."""
        off = modules_off()
        return {module.slug: module.slug not in off for module in all_modules()}

    @cached_property
    def theme(self) -> Theme:
        """The tenant's brand."""
        return theme_of(self.tenant.theme, name=self.tenant.name)

    @property
    def theme_url(self) -> str:
        """The address of the brand's stylesheet; it changes when the brand does."""
        return f"{link('theme', locale=None)}?{self.theme.digest}"

    @property
    def icon_url(self) -> str:
        """The address of the brand's icon."""
        return f"{link('icon', locale=None)}?{self.theme.digest}"

    @property
    def direction(self) -> str:
        """Whether the locale is written left to right."""
        return "rtl" if translation.get_language_bidi() else "ltr"

    @property
    def og_locale(self) -> str:
        """The locale as Open Graph spells it."""
        return self.locale.replace("-", "_")

    @property
    def currencies(self) -> Sequence[str]:
        """What the tenant sells in."""
        return self.tenant.currencies

    @property
    def currency(self) -> str:
        """The currency that the reader chose, if the tenant still sells in it."""
        chosen = self.request.COOKIES.get("currency", "")
        return chosen if chosen in self.tenant.currencies else self.tenant.default_currency

    @property
    def mode(self) -> str:
        """Light, dark, or as the system says."""
        chosen = self.request.COOKIES.get("mode", "")
        return chosen if chosen in MODES else "auto"

    @cached_property
    def canonical(self) -> str:
        """The address that search engines should keep."""
        return next(one["absolute"] for one in self.languages if one["current"])

    @cached_property
    def languages(self) -> list[dict[str, Any]]:
        """The same page in every locale of the tenant."""
        found = []
        for locale in self.tenant.locales:
            default = locale == self.tenant.default_locale
            called = {"slug": self.slugs[locale]} if locale in self.slugs else {}
            url = in_locale(self.path, None if default else locale, **called)
            found.append(
                {
                    "locale": locale,
                    "url": url,
                    "absolute": self.request.build_absolute_uri(url),
                    "current": locale == self.locale,
                    "default": default,
                }
            )
        return found

    @cached_property
    def header_menu(self) -> list[dict[str, Any]]:
        """The links at the top."""
        return self._menu("header")

    @cached_property
    def footer_menu(self) -> list[dict[str, Any]]:
        """The links at the bottom."""
        return self._menu("footer")

    @property
    def cart_token(self) -> str:
        """The secret of the reader's cart."""
        return self._new_token or self.request.COOKIES.get(CART_COOKIE, "")

    def use_cart(self, token: str) -> None:
        """Go on with this cart, or with none: read it anew, and keep it in the reader's browser."""
        self._new_token = token
        self.__dict__.pop("cart", None)

    @cached_property
    def cart(self) -> Any:
        """The document of the cart that the reader's cookie names; None if there is none, or it is an order."""
        if not self.cart_token or not self.uses["cart"]:
            return None
        return carts.cart_by_token(token=self.cart_token, locale=self.locale)

    @property
    def cart_count(self) -> int:
        """How many items lie in the cart: counted if it was read, else as the browser was told last."""
        if "cart" in self.__dict__:
            return sum(line["quantity"] for line in self.cart["lines"]) if self.cart else 0
        told = self.request.COOKIES.get(COUNT_COOKIE, "")
        return int(told) if self.cart_token and told.isascii() and told.isdigit() and len(told) < 7 else 0

    def keep_cart(self, response: HttpResponse) -> None:
        """Tell the browser of the cart, if it was read: its secret, where no script can read it, and its count."""
        if not self.cart_token or not (self._new_token or "cart" in self.__dict__) or not self.uses["cart"]:
            return
        if self.cart is None:
            self.drop_cart(response)
            return
        options: dict[str, Any] = {"max_age": CART_AGE, "samesite": "Lax", "secure": settings.HTTPS, "httponly": True}
        response.set_cookie(CART_COOKIE, self.cart_token, **options)
        response.set_cookie(COUNT_COOKIE, str(self.cart_count), **options)

    def drop_cart(self, response: HttpResponse) -> None:
        """Let the browser forget a cart that is an order now, or is gone."""
        self._new_token = ""
        self.__dict__.pop("cart", None)
        for name in (CART_COOKIE, COUNT_COOKIE):
            response.delete_cookie(name, samesite="Lax")

    def to(self, name: str, **kwargs: Any) -> str:
        """Return the path of a page in the reader's locale."""
        return link(name, locale=self.prefix, **kwargs)

    def _menu(self, location: str) -> list[dict[str, Any]]:
        """Answer the links of a menu, without those that lead to a module that is off."""
        items = menus.menu(location, self.locale) if self.uses["navigation"] else []
        return [
            {"title": item["label"], "url": self._localized(item["url"]), "current": self._stands_in(item["url"])}
            for item in items
            if is_enabled(*modules_behind(item["url"]))
        ]

    def _localized(self, url: str) -> str:
        return localize(url, locale=self.prefix)

    def _stands_in(self, url: str) -> bool:
        return url != "/" and self.path.startswith(self._localized(url))


class ShopRequest(HttpRequest):
    """A request as `page` hands it to a view."""

    shop: Shop
    actor: Actor
    htmx: HtmxDetails


def needs(*slugs: str) -> Callable[[View], View]:
    """Say which modules a view has nothing to show without: while one is off, there is no such page."""

    def mark(view: View) -> View:
        @wraps(view)
        def serve(request: ShopRequest, **kwargs: Any) -> HttpResponse:
            require_enabled(*slugs)
            return view(request, **kwargs)

        serve.needs = slugs  # type: ignore[attr-defined]
        return serve

    return mark


def page(view: View) -> View:
    """Serve a view in the reader's locale, with `request.shop`; a refusal becomes a page, never a 500."""
    return _served(view, shops_only=True)


def everywhere(view: View) -> View:
    """Serve a view as `page` does, and also where there is no shop: whoever works there has an account, too."""
    return _served(view, shops_only=False)


def _served(view: View, *, shops_only: bool) -> View:
    @declared(PUBLIC)
    @wraps(view)
    def serve(request: ShopRequest, locale: str | None = None, **kwargs: Any) -> HttpResponse:
        try:
            tenant = current_tenant()
        except NoTenant:
            return nothing_here()
        sells = is_enabled("storefront") and not is_platform(tenant)
        if shops_only and is_platform(tenant) and request.path == "/":
            return redirect("admin:index")
        if shops_only and not sells:
            return nothing_here()
        request.shop = shop = Shop(request, tenant, locale)
        shop.frame = "storefront/base.html" if sells else "storefront/bare.html"
        with translation.override(shop.locale):
            response = _answer(view, request, kwargs)
        shop.keep_cart(response)
        response.headers.setdefault("Content-Language", shop.locale)
        patch_vary_headers(response, ["Cookie"])
        return response

    return serve


def _answer(view: View, request: ShopRequest, kwargs: dict[str, Any]) -> HttpResponse:
    try:
        return view(request, **kwargs)
    except (Http404, ModuleDisabled):
        return refusal(request, status=404)
    except DomainError as error:
        return refusal(request, status=error.status, detail=explain(error))


def is_platform(tenant: Tenant) -> bool:
    """Tell whether this is the operators' own tenant, which sells nothing."""
    return bool(getattr(tenant, "is_platform", False))


def nothing_here() -> HttpResponse:
    """Answer where there is no shop, with nothing to learn from it."""
    return HttpResponse("Not found\n", status=404, content_type="text/plain")


def refusal(request: ShopRequest, *, status: int, detail: str = "") -> HttpResponse:
    """Say what the shop cannot do, in the shop's own frame."""
    context = {"shop": request.shop, "status": status, "detail": detail}
    return render(request, "storefront/error.html", context, status=status)
