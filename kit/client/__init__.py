"""A client of the network: sign in, call the API, keep a socket open. For seed, demo, bench, load and end-to-end tests.

It does only what the browser may do, at the same public addresses. Only ``accounts`` uses an operator's rights, to
confirm accounts without reading their mail.
"""

from kit.client.accounts import Account, Accounts
from kit.client.api import Api, Problem
from kit.client.endpoints import Endpoints
from kit.client.fleet import Device, Fleet
from kit.client.socket import Socket, SocketError

__all__ = ["Account", "Accounts", "Api", "Device", "Endpoints", "Fleet", "Problem", "Socket", "SocketError"]
