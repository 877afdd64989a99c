"""GetUser and ID tokens hold only the attributes that the app client may read.

MiniStack returns all of them. Sources: Amazon Cognito Developer Guide, "Working with user attributes", "Attribute
permissions and scopes"; API Reference, "UserPoolClientType", ``ReadAttributes``.
"""

from __future__ import annotations

import json
from typing import Any

from emulation.emulator import seams


def hide_unreadable() -> None:
    service = seams.module("services.cognito")
    get, issue = service._get_user, service._fake_token

    def get_readable(data: dict[str, Any]) -> Any:
        answer = get(data)
        claims = service._token_claims(data.get("AccessToken"))
        readable = _readable(service, str(claims.get("client_id")))
        if answer[0] != 200 or readable is None:
            return answer
        found = json.loads(answer[2])
        found["UserAttributes"] = [one for one in found["UserAttributes"] if one["Name"] in readable]
        return service.json_response(found)

    def issue_readable(sub: str, pool_id: str, client_id: str, use: str = "access", *more: Any, **named: Any) -> Any:
        readable = _readable(service, client_id) if use == "id" else None
        if readable is not None and named.get("user_attrs"):
            named["user_attrs"] = {name: value for name, value in named["user_attrs"].items() if name in readable}
        return issue(sub, pool_id, client_id, use, *more, **named)

    service._get_user, service._fake_token = get_readable, issue_readable


def _readable(service: Any, client_id: str) -> frozenset[str] | None:
    """Names of attributes; None where the client has no list, and so reads all."""
    pool = service._pool_for_client(client_id)[0]
    chosen = pool["_clients"][client_id].get("ReadAttributes") if pool else None
    return frozenset((*chosen, "sub")) if chosen else None
