"""What other modules may use of content."""

from apps.content.inputs import NODE_WORDS, NodeOutput, PublishInput, TextsField, UnpublishInput
from apps.content.selectors import (
    NodeView,
    find_node,
    get_node,
    list_nodes,
    lists_drafts,
    locale_chain,
    may_see_drafts,
    nodes_by_ids,
    texts_of,
)
from apps.content.services import (
    Texts,
    check_locale,
    create_node,
    delete_node,
    lock_node,
    publish_node,
    register_kind,
    signature,
    unpublish_node,
    update_node,
)

__all__ = [
    "NODE_WORDS",
    "NodeOutput", "NodeView", "PublishInput", "Texts", "TextsField", "UnpublishInput", "check_locale", "create_node",
    "delete_node", "find_node", "get_node", "list_nodes", "lists_drafts", "locale_chain", "lock_node", "may_see_drafts",
    "nodes_by_ids",
    "publish_node", "register_kind", "signature", "texts_of", "unpublish_node", "update_node",
]  # fmt: skip
