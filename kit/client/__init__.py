"""A person with a terminal: sign in, call the API, hold a socket. For seed, demo, bench, load and end-to-end tests.

Only what the browser may do, by the same public addresses; ``accounts`` alone uses an operator's rights, and only to
confirm people whose mail nobody reads.
"""

from kit.client.accounts import Account, Accounts
from kit.client.api import Api, Problem
from kit.client.endpoints import Endpoints
from kit.client.fleet import Device, Fleet
from kit.client.socket import Socket, SocketError

__all__ = ["Account", "Accounts", "Api", "Device", "Endpoints", "Fleet", "Problem", "Socket", "SocketError"]
