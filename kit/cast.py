"""People and an operator for programs that play on the running network: the demo and the drills."""

from __future__ import annotations

from typing import Any

import boto3

from kit.client import Account, Accounts, Api, Endpoints
from kit.settings import Settings


class Cast:
    """``run`` is in the names of all people, so that runs do not see each other's data."""

    endpoints: Endpoints
    run: str

    def aws(self, service: str, **more: Any) -> Any:
        """A client with the operator's rights: the emulator's root locally, the environment's on AWS."""
        local: dict[str, Any] = {}
        if self.endpoints.emulator_url:
            local = {
                "endpoint_url": self.endpoints.emulator_url,
                **Settings.load().emulation.credentials.for_boto3(),
            }
        return boto3.client(service, region_name=self.endpoints.region, **local, **more)  # type: ignore[call-overload]

    def password(self) -> str:
        return f"Demo-{self.run}-2026!"

    def join(self, name: str, groups: tuple[str, ...] = ()) -> Account:
        """A new person with a profile, in ``groups`` of the user pool."""
        account = Accounts(self.endpoints).join(f"{name}-{self.run}@example.com", self.password(), groups)
        with Api(self.endpoints, account) as api:
            api.put("/v1/me", {"handle": f"{name}_{self.run}", "displayName": name.title()})
        return account

    def api(self, account: Account | None = None) -> Api:
        return Api(self.endpoints, account)
