"""Settings of the functions of accounts."""

from __future__ import annotations

from services.common.settings import CommandSettings, EventSettings, FrameSettings, FunctionSettings, QueueSettings


class ExportLinkSettings(FunctionSettings):
    """Settings of a function that signs links to exports."""

    table_accounts: str
    bucket_exports: str
    #: Where browsers fetch them, when that differs from the S3 endpoint of the function.
    s3_public_endpoint: str = ""


class AccountSettings(CommandSettings):
    """Settings of the function that takes commands."""

    table_accounts: str
    table_profiles: str
    queue_accounts: str


class WorkerSettings(QueueSettings, EventSettings, FrameSettings):
    """Settings of the function that exports and deletes a person's data in all contexts, and ends their sessions."""

    table_accounts: str
    table_profiles: str
    table_posts: str
    table_timelines: str
    table_media: str
    table_chat: str
    table_calls: str
    table_live: str
    table_notifications: str
    table_realtime: str
    table_moderation: str
    table_idempotency: str
    bucket_exports: str
    bucket_media: str
    queue_accounts: str
    user_pool_id: str
