"""Puts the parts of the edge together."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

from emulation.aws.invocation_frames import socket_path
from emulation.aws.upstream import Upstream
from emulation.edge import certificate, edge_log
from emulation.edge.authorizer import Authorizer
from emulation.edge.aws_front import AwsFront
from emulation.edge.cache import Cache
from emulation.edge.cloudfront import CloudFrontApp
from emulation.edge.deployed import Deployed
from emulation.edge.distribution import Distribution
from emulation.edge.functions import FunctionRunner
from emulation.edge.gateway import Administration, GatewayApp
from emulation.edge.gateway_metrics import GatewayMetrics
from emulation.edge.http_api import HttpApiFront
from emulation.edge.integration import FunctionIntegration
from emulation.edge.invoker import Invoker
from emulation.edge.log_file import LogFile
from emulation.edge.logs import log
from emulation.edge.origin import Origins
from emulation.edge.tracing import Tracer
from emulation.edge.viewer import Viewer
from emulation.edge.websocket import WebSocketFront
from emulation.edge.xray_front import TraceReader
from emulation.settings import HOST, PORTS, Settings


class Edge:
    """Everything one process holds; use as an async context manager."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.upstream = Upstream(settings.url("emulator"), settings.credentials)
        #: Has the APIs and distributions. Another one than the emulator only where that lacks them.
        self.companion = Upstream(settings.companion_url, settings.credentials)
        self.deployed = Deployed(self.companion)
        self.tracer = Tracer(*_daemon(settings), name="gateway")
        self.gateway_log = LogFile(settings.logs / "gateway-access.log")
        self.invoker, self.authorizer = Invoker(socket_path(settings.state)), Authorizer(self.companion)
        metrics = GatewayMetrics()
        self.http_apis = HttpApiFront(
            self.companion,
            lambda: self.deployed.apis,
            self.tracer,
            self.gateway_log,
            FunctionIntegration(self.invoker, self.authorizer),
            metrics,
        )
        self.sockets = WebSocketFront(
            settings.companion_url, lambda: self.deployed.apis, lambda: self.deployed.exact_frames, metrics=metrics
        )
        self.admin = Administration(self.deployed, self.http_apis, self.sockets)
        self.console = Upstream(settings.url("console"))
        aws = AwsFront(self.companion, TraceReader(self.companion, self.console))
        self.gateway = GatewayApp(self.http_apis, self.sockets, aws, self.admin)
        self.outside = Upstream("")
        self.origins = Origins(self.upstream, self.outside, self.http_apis)
        self.cache = Cache()
        self.functions = FunctionRunner()
        self.viewer_log = LogFile(settings.logs / "cloudfront-access.log", edge_log.HEADER)
        viewer = Viewer(self.origins, self.cache, self.functions)
        self.cloudfront = CloudFrontApp(
            viewer, lambda: self.deployed.distributions, self.admin, self.viewer_log, self.tracer.within("cloudfront")
        )
        self.admin.empty_cache = self.cache.clear
        self.deployed.on_change = self._changed
        self.certificate: tuple[Path, Path] = certificate.ensure(settings.state / "edge")

    async def __aenter__(self) -> Edge:
        await self.upstream.__aenter__()
        await self.companion.__aenter__()
        await self.outside.__aenter__()
        await self.console.__aenter__()
        return self

    async def __aexit__(self, *_: object) -> None:
        self.invoker.close()
        await self.functions.close()
        await self.console.__aexit__()
        await self.outside.__aexit__()
        await self.companion.__aexit__()
        await self.upstream.__aexit__()
        self.tracer.close()

    def flush(self) -> None:
        """Write buffered access log lines."""
        self.gateway_log.flush()
        self.viewer_log.flush()

    def _changed(self, before: dict[str, Distribution], after: dict[str, Distribution]) -> None:
        """A changed distribution starts with an empty cache; new invalidations remove their paths."""
        self.origins.forget_policies()
        self.authorizer.forget()
        for identity, distribution in after.items():
            known = before.get(identity)
            new = distribution.invalidations.keys() - (known.invalidations.keys() if known else ())
            for invalidation in new if known else ():
                gone = self.cache.purge(identity, distribution.invalidations[invalidation])
                log("invalidated", distribution=identity, invalidation=invalidation, entries=gone)
            if known is not None and replace(known, invalidations={}) != replace(distribution, invalidations={}):
                self.cache.purge(identity, ("/*",))
        self.admin.notes["notEnforced"] = sorted({n for d in after.values() for n in d.not_enforced})


def _daemon(settings: Settings) -> tuple[str, int]:
    """Where the X-Ray daemon listens."""
    daemon = urlsplit(settings.url("xray"))
    return daemon.hostname or HOST, daemon.port or PORTS["xray"]
