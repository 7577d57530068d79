"""Pages of blocks, the blog, the forum."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from apps.blog import public as blog
from apps.comments import public as comments
from apps.forum import public as forum
from apps.index import public as index
from apps.pages import public as pages
from apps.storefront.blocks import prepare
from apps.storefront.forms import Filled, typed
from apps.storefront.shop import ShopRequest, needs, page
from rustok.kernel.errors import DomainError
from rustok.kernel.modules import require_enabled
from rustok.kernel.pages import PageRequest


@require_safe
@page
@needs("pages")
def static_page(request: ShopRequest, path: str) -> HttpResponse:
    """Show a page of blocks; the front page has one address only."""
    if path == "home":
        return redirect(request.shop.to("home"), permanent=True)
    found = pages.page_by_path(path, request.shop.locale)
    if found is None:
        raise Http404
    blocks = prepare(request, found["blocks"])
    return render(request, "storefront/page.html", {"shop": request.shop, "page": found, "blocks": blocks})


@require_safe
@page
@needs("blog")
def post_list(request: ShopRequest) -> HttpResponse:
    """List the posts, newest first."""
    query = index.ContentQuery(locale=request.shop.locale, kind="post", page=_page_of(request, 10))
    found = index.list_content(query)
    return render(request, "storefront/blog/list.html", {"shop": request.shop, "page": found})


@require_http_methods(["GET", "HEAD", "POST"])
@page
@needs("blog")
def post(request: ShopRequest, slug: str) -> HttpResponse:
    """Show a post and what was said about it; take a comment on POST."""
    found = blog.get_post(slug, request.shop.locale)
    if found is None:
        raise Http404
    request.shop.slugs = found["slugs"]
    form, status = Filled(), 200
    if request.method == "POST":
        require_enabled("comments")
        said = typed(request.POST, "body")
        try:
            added = comments.add_comment(
                actor=request.actor, target_kind="post", target_id=found["id"], body=said["body"]
            )
            if added.status != "approved":
                messages.success(request, _("Thank you. Others see your comment once a moderator has read it."))
            return redirect(f"{request.shop.path}#comments")
        except DomainError as error:
            form, status = Filled.refused(said, error), error.status
    has_comments = request.shop.uses["comments"]
    context = {
        "shop": request.shop,
        "post": found,
        "page": comments.comments_for("post", found["id"], _page_of(request, 50), actor=request.actor)
        if has_comments
        else None,
        "form": form,
        "crumbs": [{"title": _("Journal"), "url": request.shop.to("blog")}],
    }
    return render(request, "storefront/blog/post.html", context, status=status)


@require_safe
@page
@needs("forum")
def forum_home(request: ShopRequest) -> HttpResponse:
    """List the boards."""
    boards = forum.categories(request.shop.locale)
    return render(request, "storefront/forum/boards.html", {"shop": request.shop, "boards": boards})


@require_http_methods(["GET", "HEAD", "POST"])
@page
@needs("forum")
def board(request: ShopRequest, slug: str) -> HttpResponse:
    """List the topics of a board; open one on POST."""
    shop = request.shop
    found = forum.category(slug, shop.locale)
    if found is None:
        raise Http404
    form, status = Filled(), 200
    if request.method == "POST":
        said = typed(request.POST, "title", "body")
        try:
            opened = forum.add_topic(
                actor=request.actor,
                category=slug,
                title=said["title"],
                body=said["body"],
                locale=shop.locale,
                now=timezone.now(),
            )
            return redirect(shop.to("topic", topic_id=opened.pk))
        except DomainError as error:
            form, status = Filled.refused(said, error), error.status
    topics = forum.topics(shop.locale, _page_of(request, 30), category=slug)
    context = {"shop": shop, "board": found, "page": topics, "form": form, "crumbs": _forum_crumbs(request, found)}
    return render(request, "storefront/forum/board.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@page
@needs("forum")
def topic(request: ShopRequest, topic_id: UUID) -> HttpResponse:
    """Show a topic and its replies; take a reply on POST."""
    shop = request.shop
    found = forum.topic(topic_id, shop.locale)
    if found is None:
        raise Http404
    form, status = Filled(), 200
    if request.method == "POST":
        said = typed(request.POST, "body")
        try:
            forum.add_reply(actor=request.actor, topic_id=topic_id, now=timezone.now(), **said)
            return redirect(f"{shop.path}#replies")
        except DomainError as error:
            form, status = Filled.refused(said, error), error.status
    replies = forum.replies(topic_id, _page_of(request, 50))
    crumbs = _forum_crumbs(request, found["category"], found["title"])
    context = {"shop": shop, "topic": found, "page": replies, "form": form, "crumbs": crumbs}
    return render(request, "storefront/forum/topic.html", context, status=status)


def _page_of(request: ShopRequest, size: int) -> PageRequest:
    return PageRequest(size=size, cursor=request.GET.get("cursor"))


def _forum_crumbs(request: ShopRequest, board: dict[str, str], title: str = "") -> list[dict[str, str]]:
    crumbs = [{"title": _("Forum"), "url": request.shop.to("forum")}]
    if not title:
        return [*crumbs, {"title": board["title"]}]
    here = {"title": board["title"], "url": request.shop.to("board", slug=board["slug"])}
    return [*crumbs, here, {"title": title}]
