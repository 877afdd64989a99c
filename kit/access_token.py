"""``make token``: signs in and prints the access token that the HTTP API takes, for curl and other clients."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from emulation.private import keep_private
from kit import console
from kit.client import Accounts, Endpoints
from kit.deploy.finish import endpoints_file
from kit.settings import Settings


def login_of(name: str, password: str | None, logins: Sequence[Mapping[str, Any]]) -> tuple[str, str]:
    """Address and password.

    Args:
        name: handle or address of a seeded login; the first one if empty. With ``password``, any address.

    Raises:
        ValueError: no such login; the message lists them.
    """
    if name and password:
        return name, password
    for one in logins:
        if not name or name in (one["handle"], one["email"]):
            return str(one["email"]), str(one["password"])
    known = ", ".join(str(one["handle"]) for one in logins) or "none: `make up` without SEED=no adds them"
    raise ValueError(
        f"LOGIN: expected a seeded login ({known}), got {name or 'nothing'}. "
        "For another account, give its address and set ASYNCSNS_LOGIN_PASSWORD."
    )


def main(arguments: list[str] | None = None) -> int:
    """0: the token is on standard output; 1: the sign-in failed; 2: no such login."""
    keep_private()
    parser = argparse.ArgumentParser(prog="make token", description=__doc__)
    parser.add_argument("--login", dest="name", default="")
    parser.add_argument("--target", default="embedded", choices=["embedded", "compose", "aws"])
    options = parser.parse_args(arguments)
    settings = Settings.load()
    try:
        endpoints = Endpoints.load(endpoints_file(settings, options.target))
        logins = endpoints.document.get("logins", [])
        email, password = login_of(options.name, os.environ.get("ASYNCSNS_LOGIN_PASSWORD"), logins)
        if options.target != "aws":
            os.environ.update(settings.aws_environment())
        account = Accounts(endpoints).sign_in(email, password)
    except ValueError as error:
        print(console.red(f"make token: {error}"), file=sys.stderr)
        return 2
    except (FileNotFoundError, BotoCoreError, ClientError) as error:
        print(console.red(f"make token: {error}"), file=sys.stderr)
        return 1
    print(account.access_token)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
