"""REST paths of the catalogue, under `/api/v1/`; `key` is an id or a handle."""

from django.urls import path

from apps.product import rest

urlpatterns = [
    path("products/", rest.ProductsView.as_view()),
    path("products/<str:key>/", rest.ProductView.as_view()),
    path("products/<str:key>/publish/", rest.PublishView.as_view()),
    path("products/<str:key>/unpublish/", rest.UnpublishView.as_view()),
    path("products/<str:key>/variants/", rest.VariantsView.as_view()),
    path("products/<str:key>/images/", rest.ImagesView.as_view()),
    path("products/<str:key>/images/<uuid:image_id>/", rest.ImageView.as_view()),
    path("variants/<uuid:variant_id>/", rest.VariantView.as_view()),
    path("collections/", rest.CollectionsView.as_view()),
    path("collections/<str:key>/", rest.CollectionView.as_view()),
]
