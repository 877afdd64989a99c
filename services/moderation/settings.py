"""Settings of the functions of moderation."""

from __future__ import annotations

from services.common.settings import CommandSettings, EventSettings, QueueSettings


class ModerationSettings(CommandSettings):
    """Settings of the function that takes reports, appeals and decisions; it reads what is reported and who is
    staff."""

    table_moderation: str
    table_audit: str
    table_posts: str
    table_profiles: str
    table_chat: str
    table_live: str
    queue_accounts: str
    user_pool_id: str


class ModerationProjectorSettings(EventSettings):
    """Settings of the consumer of the table's stream."""

    table_moderation: str


class ApplierSettings(QueueSettings):
    """Settings of the function that applies decisions: to posts, to people, to whether they may send commands."""

    table_posts: str
    table_profiles: str
    table_idempotency: str
    queue_moderation: str
