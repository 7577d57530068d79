"""The platform's URLs, with a product list that asks nothing but the index."""

from django.urls import path

from apps.index.public import content_detail, content_list, rest_detail, rest_list
from rustok.kernel.access import PUBLIC
from rustok.kernel.edges.rest import Endpoint
from rustok.urls import urlpatterns as real


class Products(Endpoint):
    permission = PUBLIC

    def get(self, request):
        return rest_list(request)


class Product(Endpoint):
    permission = PUBLIC

    def get(self, request, key):
        return rest_detail(request, key)


class Posts(Endpoint):
    permission = PUBLIC

    def get(self, request):
        return content_list(request, kind="post")


class Post(Endpoint):
    permission = PUBLIC

    def get(self, request, key):
        return content_detail(request, key, kind="post")


urlpatterns = [
    path("api/v1/test/products/", Products.as_view()),
    path("api/v1/test/products/<str:key>/", Product.as_view()),
    path("api/v1/test/posts/", Posts.as_view()),
    path("api/v1/test/posts/<str:key>/", Post.as_view()),
    *real,
]
