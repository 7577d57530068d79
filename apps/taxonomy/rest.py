"""REST: `/api/v1/categories/` and `/api/v1/tags/`."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from apps.taxonomy import inputs, selectors, services
from apps.taxonomy.models import Category, Tag
from rustok.kernel.access import PUBLIC
from rustok.kernel.edges.rest import Endpoint, Request, found, page_of, page_response, requested_locale
from rustok.kernel.edges.versions import expected_version, versioned
from rustok.kernel.pages import Page, paginate

__all__ = ["CategoriesView", "CategoryByPathView", "CategoryTreeView", "CategoryView", "TagView", "TagsView"]

_READ_AND_WRITE_CATEGORIES = {
    "GET": PUBLIC,
    "POST": "categories.create",
    "PATCH": "categories.update",
    "DELETE": "categories.delete",
}
LOCALE = OpenApiParameter("locale", description="BCP 47; else Accept-Language, else the shop's default.")
PAGING = [
    OpenApiParameter("page_size", OpenApiTypes.INT, description="1 to 100; 20 if left out."),
    OpenApiParameter("cursor", description="From `next` or `previous`."),
    OpenApiParameter("include", description="`count` adds how many there are."),
]
IF_MATCH = OpenApiParameter(
    "If-Match", location=OpenApiParameter.HEADER, description="The entity tag of the version that you change."
)


class CategoryReferenceOutput(serializers.Serializer[Any]):
    """A category as others name it."""

    id = serializers.UUIDField()
    path = serializers.CharField()
    name = serializers.CharField()


class CategoryOutput(CategoryReferenceOutput):
    """A category."""

    slug = serializers.CharField()
    parent_id = serializers.UUIDField(allow_null=True)
    position = serializers.IntegerField()
    description = serializers.CharField()
    ancestors = CategoryReferenceOutput(many=True)
    children = CategoryReferenceOutput(many=True)
    resolved_locale = serializers.CharField(allow_null=True)
    version = serializers.IntegerField()
    updated_at = serializers.DateTimeField()


class CategoryNodeOutput(CategoryReferenceOutput):
    """A category with all that is under it."""

    slug = serializers.CharField()
    children = serializers.ListField(child=serializers.DictField())


class CategoryPageOutput(serializers.Serializer[Any]):
    """A page of categories."""

    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)
    count = serializers.IntegerField(required=False)
    results = CategoryOutput(many=True)


class TagOutput(serializers.Serializer[Any]):
    """A tag."""

    id = serializers.UUIDField()
    slug = serializers.CharField()
    name = serializers.CharField()


class TagPageOutput(serializers.Serializer[Any]):
    """A page of tags."""

    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)
    count = serializers.IntegerField(required=False)
    results = TagOutput(many=True)


def _answer(request: Request, category: Category, status: int = 200) -> Response | HttpResponse:
    document = selectors.category_document(category, requested_locale(request))
    return versioned(request, document, category.version, status=status, locale=document["resolved_locale"])


class CategoriesView(Endpoint):
    """All categories."""

    permission = _READ_AND_WRITE_CATEGORIES

    @extend_schema(operation_id="categories_list", parameters=[LOCALE, *PAGING], responses=CategoryPageOutput)
    def get(self, request: Request) -> Response:
        """List categories by path."""
        locale = requested_locale(request)
        page = paginate(selectors.categories(), ["path"], page_of(request))
        documents = selectors.category_documents(page.results, locale)
        response = page_response(request, Page(documents, page.next, page.previous, page.count))
        response["Content-Language"] = locale
        return response

    @extend_schema(parameters=[LOCALE], request=inputs.CategoryInput, responses={201: CategoryOutput})
    def post(self, request: Request) -> Response | HttpResponse:
        """Put a category into the tree."""
        category = services.create_category(actor=request.actor, **inputs.CategoryInput.parse(request.data))
        return _answer(request, category, status=201)


class CategoryTreeView(Endpoint):
    """The tree."""

    permission = PUBLIC

    @extend_schema(operation_id="categories_tree", parameters=[LOCALE], responses=CategoryNodeOutput(many=True))
    def get(self, request: Request) -> Response:
        """Answer the whole tree, roots first."""
        locale = requested_locale(request)
        return Response(selectors.category_tree(locale), headers={"Content-Language": locale})


class CategoryView(Endpoint):
    """One category."""

    permission = _READ_AND_WRITE_CATEGORIES

    @extend_schema(parameters=[LOCALE], responses=CategoryOutput)
    def get(self, request: Request, category_id: UUID) -> Response | HttpResponse:
        """Answer a category."""
        return _answer(request, found(selectors.find_category(category_id)))

    @extend_schema(parameters=[LOCALE, IF_MATCH], request=inputs.CategoryInput, responses=CategoryOutput)
    def patch(self, request: Request, category_id: UUID) -> Response | HttpResponse:
        """Rename or move a category; a locale that is null is taken away."""
        category = services.update_category(
            actor=request.actor,
            category_id=category_id,
            expected_version=expected_version(request),
            **inputs.CategoryInput.parse(request.data, partial=True),
        )
        return _answer(request, category)

    @extend_schema(parameters=[IF_MATCH], responses={204: None})
    def delete(self, request: Request, category_id: UUID) -> Response:
        """Take an empty category out of the tree."""
        services.delete_category(
            actor=request.actor, category_id=category_id, expected_version=expected_version(request)
        )
        return Response(status=204)


class CategoryByPathView(Endpoint):
    """One category, by its path."""

    permission = PUBLIC

    @extend_schema(operation_id="categories_retrieve_by_path", parameters=[LOCALE], responses=CategoryOutput)
    def get(self, request: Request, path: str) -> Response | HttpResponse:
        """Answer the category of a path such as `camping/tents`."""
        document = found(selectors.category_by_path(path, requested_locale(request)))
        return versioned(request, document, document["version"], locale=document["resolved_locale"])


class TagsView(Endpoint):
    """All tags."""

    permission = _READ_AND_WRITE_CATEGORIES

    @extend_schema(operation_id="tags_list", parameters=PAGING, responses=TagPageOutput)
    def get(self, request: Request) -> Response:
        """List tags by slug."""
        return page_response(request, paginate(selectors.tags(), ["slug"], page_of(request)), selectors.tag_document)

    @extend_schema(request=inputs.TagInput, responses={201: TagOutput})
    def post(self, request: Request) -> Response | HttpResponse:
        """Make a tag."""
        return _tag(request, services.create_tag(actor=request.actor, **inputs.TagInput.parse(request.data)), 201)


class TagView(Endpoint):
    """One tag."""

    permission = _READ_AND_WRITE_CATEGORIES

    @extend_schema(responses=TagOutput)
    def get(self, request: Request, tag_id: UUID) -> Response | HttpResponse:
        """Answer a tag."""
        return _tag(request, found(selectors.find_tag(tag_id)))

    @extend_schema(parameters=[IF_MATCH], request=inputs.TagNameInput, responses=TagOutput)
    def patch(self, request: Request, tag_id: UUID) -> Response | HttpResponse:
        """Rename a tag; its slug stays."""
        name = inputs.TagNameInput.parse(request.data)["name"]
        version = expected_version(request)
        return _tag(
            request, services.update_tag(actor=request.actor, tag_id=tag_id, name=name, expected_version=version)
        )

    @extend_schema(parameters=[IF_MATCH], responses={204: None})
    def delete(self, request: Request, tag_id: UUID) -> Response:
        """Delete a tag that nothing has."""
        services.delete_tag(actor=request.actor, tag_id=tag_id, expected_version=expected_version(request))
        return Response(status=204)


def _tag(request: Request, tag: Tag, status: int = 200) -> Response | HttpResponse:
    return versioned(request, selectors.tag_document(tag), tag.version, status=status)
