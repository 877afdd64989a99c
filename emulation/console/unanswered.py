"""What a page says when the server behind it does not respond, refuses, or answers something else."""

from __future__ import annotations

import httpx

_DOES = "`make status` shows what runs, `make up` starts what is missing."


def sentence(server: str, error: Exception) -> str:
    """``server``: as a sentence begins with it."""
    from botocore.exceptions import ClientError, ConnectionError, HTTPClientError

    if isinstance(error, httpx.TransportError | HTTPClientError | ConnectionError):
        return f"{server} does not respond. {_DOES}"
    if isinstance(error, httpx.HTTPStatusError):
        return f"{server} answered with status {error.response.status_code}. {_DOES}"
    if isinstance(error, ClientError):
        return f"{server} refused the request: {error.response['Error']['Code']}."
    return f"The console could not read this page ({type(error).__name__}). The reason is in its log."
