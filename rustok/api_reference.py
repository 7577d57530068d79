"""What the reference of the REST API says of itself (drf-spectacular); nothing here comes from the environment."""

__all__ = ["SPECTACULAR_SETTINGS"]

SPECTACULAR_SETTINGS: dict[str, object] = {
    "TITLE": "RusToK API",
    "DESCRIPTION": "Content and commerce of one tenant. Errors are RFC 9457 problem documents.",
    "VERSION": "1.0.0",
    "OAS_VERSION": "3.1.1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": r"/api/v1/",
    "COMPONENT_SPLIT_REQUEST": True,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "ENUM_NAME_OVERRIDES": {
        "ProductStatusEnum": ["draft", "active", "archived"],
        "NewProductStatusEnum": ["draft", "archived"],
        "ProductKindEnum": ["physical", "digital", "external", "grouped"],
        "OrderStatusEnum": "apps.order.models.Order.Status",
        "CartStatusEnum": ["open", "completed"],
        "ChargeStatusEnum": ["captured", "authorized", "failed"],
        "CommentStatusEnum": ["pending", "approved", "spam"],
        "ContentStatusEnum": ["draft", "published"],
        "NodeKindEnum": "apps.content.models.Kind",
        "NewNodeKindEnum": ["page", "post"],
        "TenantStatusEnum": "apps.tenant.models.Tenant.Status",
        "TenantJobStateEnum": "apps.tenant.models.Job.State",
        "TenantJobKindEnum": "apps.tenant.models.Job.Kind",
        "DeadLetterStateEnum": "apps.outbox.models.DeadLetter.State",
        "EventDeliveryStateEnum": ["delivered", "waiting", "leased", "parked", "dead", "discarded"],
    },
}
