from rustok.kernel.modules import ModuleConfig


class ContentConfig(ModuleConfig):
    """Nodes: what can be written, translated and published; pages, posts and topics specialise them."""

    name = "apps.content"
    slug = "content"
    verbose_name = "Content"
    requires = ("accounts", "outbox")
