"""LocalStack's plugin that listens on the configured address; its own server listens on all interfaces.

``GATEWAY_SERVER=loopback`` chooses it.
"""

from __future__ import annotations

from typing import Any

from localstack import config
from localstack.runtime.server.core import RuntimeServerPlugin
from localstack.runtime.server.twisted import TwistedRuntimeServer
from rolo.serving.twisted import TwistedGateway
from twisted.internet import endpoints, reactor


class LoopbackServer(TwistedRuntimeServer):
    """Without TLS: nothing here needs it, and LocalStack would have to download a certificate."""

    def register(self, gateway: Any, listen: list[config.HostAndPort], ssl_creds: Any = None) -> None:
        site = TwistedGateway(gateway)
        for address in listen:
            endpoints.TCP4ServerEndpoint(reactor, address.port, interface=address.host).listen(site)


class LoopbackServerPlugin(RuntimeServerPlugin):
    """LocalStack loads the server by the plugin's name."""

    name = "loopback"

    def load(self, *_: Any, **__: Any) -> LoopbackServer:
        return LoopbackServer()
