"""A person with a terminal: sign in, call the API, hold a socket. For seed, demo, bench, load and end-to-end tests.

Only what the browser may do, by the same public addresses; ``accounts`` alone uses an operator's rights, and only to
confirm people whose mail nobody reads.
"""

from local.client.accounts import Account, Accounts
from local.client.api import Api, Problem
from local.client.endpoints import Endpoints
from local.client.fleet import Device, Fleet
from local.client.socket import Socket, SocketError

__all__ = ["Account", "Accounts", "Api", "Device", "Endpoints", "Fleet", "Problem", "Socket", "SocketError"]
