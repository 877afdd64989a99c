"""The finish step, for tasks that CloudFormation cannot do: CORS on emulators, the UI, addresses, caches."""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from botocore.exceptions import ClientError

from emulation.guard import HELPER_HEADERS
from emulation.settings import REGION
from emulation.signature import signed_headers
from infra.constants import PUSH_SECRET, SFU_SECRET, TURN_SECRET
from infra.picture import page
from infra.stages import PROD, stage_of
from kit import sfu, turn
from kit.deploy import signing, ui
from kit.deploy.assembly import Stack
from kit.deploy.cdk import DeployFailed
from kit.deploy.context import platform_applications
from kit.deploy.cors import reapply_cors
from kit.deploy.endpoints import browser_config, endpoints
from kit.deploy.pictures import move_public
from kit.deploy.resources import Aws, Deployed
from kit.settings import Settings


def endpoints_file(settings: Settings, target: str) -> Path:
    """On AWS each stage has a file of its own, so that a local stack of the same checkout keeps its addresses."""
    return settings.endpoints_file if target != "aws" else settings.home / f"endpoints-aws{_of_stage()}.json"


def _of_stage() -> str:
    stage = stage_of()
    return "" if stage is PROD else f"-{stage.name}"


@dataclass(frozen=True)
class Finish:
    """The finish step of one target; every method is idempotent."""

    settings: Settings
    target: str
    aws: Aws
    deployed: Deployed
    stacks: list[Stack]

    @property
    def is_local(self) -> bool:
        return self.target != "aws"

    def run(self) -> list[str]:
        """Run the step; returns one line for each action."""
        done = []
        if self.is_local:
            count = reapply_cors(self.aws, self.deployed, {s.name: s.template for s in self.stacks})
            done.append(f"CORS of {count} API(s) set by the API")
            done.append(self._trust_media_key())
            moved = move_public(self.aws, self.deployed.outputs["MediaBucket"])
            done.append(f"public pictures: {moved} moved")
            done.append(self._make_platform_applications())
            done.append(self._hand_out_push_keys())
            done += self._hand_out_turn_secret()
            done += self._hand_out_sfu_secret()
        config = browser_config(self.settings, self.target, self.aws, self.deployed, self._vapid_public_key())
        found = endpoints(self.settings, config, self.aws, self.deployed)
        done.append(f"UI: {self._upload_ui(config)} file(s) uploaded")
        self._write_endpoints(found)
        done.append(self._check_search())
        if self.is_local:
            done.append(self._reload_edge())
        done.append(self._invalidate(found["distribution"]["id"]))
        done += [f"left out here: {text}" for text in self._left_out()]
        return done

    def _left_out(self) -> list[str]:
        """Resource types that the target's CloudFormation refuses, from the outputs ``LeftOut…``."""
        outputs = self.deployed.outputs
        return [outputs[key] for key in sorted(outputs) if key.startswith("LeftOut")]

    def _trust_media_key(self) -> str:
        """Set the trusted key group for private media when the template could not."""
        if self.deployed.of_type("AWS::CloudFront::KeyGroup"):
            return "the key group is part of the stack"
        distribution = self.deployed.one("AWS::CloudFront::Distribution").physical_id
        file = self.settings.home / "keys" / "media.pem"
        key_id = signing.trust_key(self.aws, distribution, signing.local_key(file))
        origin = self.settings.public_url("edge")
        signing.hand_out(self.aws, file, {"origin": origin, "keyPairId": key_id, "distributionId": distribution})
        return f"private media trust key {key_id}"

    def _hand_out_push_keys(self) -> str:
        """The key pair that the app made; on AWS the deployer supplies it."""
        signing.keep_secret(self.aws, PUSH_SECRET, (self.settings.home / "keys" / "web-push.json").read_text("utf-8"))
        return "the keys of Web Push are a secret"

    def _hand_out_turn_secret(self) -> list[str]:
        if not turn.is_wanted(self.settings):
            return []
        signing.keep_secret(self.aws, TURN_SECRET, turn.secret(self.settings))
        return ["calls may go through the TURN server"]

    def _hand_out_sfu_secret(self) -> list[str]:
        if not sfu.is_wanted(self.settings):
            return []
        signing.keep_secret(self.aws, SFU_SECRET, sfu.secret(self.settings))
        return ["group calls may go through the media server"]

    def _make_platform_applications(self) -> str:
        """CloudFormation has no type for them; on AWS they are made once by hand, with real credentials."""
        sns = self.aws.client("sns")
        names = []
        for arn in platform_applications().values():
            platform, name = arn.split("/")[-2:]
            # No platform is asked. The second is of APNs alone; LocalStack asks for it always.
            secrets = {"PlatformCredential": "local", "PlatformPrincipal": "local"}
            sns.create_platform_application(Name=name, Platform=platform, Attributes=secrets)
            names.append(name)
        return f"platform applications for phones: {', '.join(names)}"

    def _upload_ui(self, config: dict[str, Any]) -> int:
        bucket = self.deployed.one("AWS::S3::Bucket", "ui").physical_id
        dist = self.settings.root / "frontend-static" / "dist"
        count = ui.upload(self.aws, bucket, dist) if dist.is_dir() else 0
        body = json.dumps(config, indent=2).encode()
        ui.put_object(self.aws, bucket, "config.json", body, "application/json", ui.REVALIDATE)
        templates = {one.name: one.template for one in self.stacks}
        picture = json.dumps(page.document(templates, inside=self.is_local)).encode()
        ui.put_object(self.aws, bucket, "architecture.json", picture, "application/json", ui.REVALIDATE)
        return count

    def _vapid_public_key(self) -> str | None:
        """The output of the notifications stack; None where Web Push has no keys."""
        return self.deployed.outputs.get("VapidPublicKey") or None

    def _write_endpoints(self, found: dict[str, Any]) -> None:
        file = endpoints_file(self.settings, self.target)
        old = _read(file)
        if "logins" in old:
            found["logins"] = old["logins"]
        temporary = file.with_suffix(".tmp")
        temporary.write_text(json.dumps(found, indent=2) + "\n", "utf-8")
        temporary.replace(file)

    def _check_search(self) -> str:
        if not self.is_local:
            domains = self.deployed.of_type("AWS::OpenSearchService::Domain")
            return f"search: {len(domains)} domain(s)"
        url = self.settings.url("search")
        keys, host = self.settings.emulation.credentials, urlsplit(url).netloc
        status = _request("GET", f"{url}/", signed_headers(keys, REGION, "es", "GET", host, "/"))
        return f"search answers {status}"

    def _reload_edge(self) -> str:
        """Tell the edge to read the deployment again.

        Raises:
            DeployFailed: it does not answer 200.
        """
        for name in ("gateway", "edge"):
            url = f"{self.settings.url(name)}/_reload"
            status = _request("POST", url)
            if status != 200:
                raise DeployFailed(f"POST {url}: expected 200, got {status or 'no answer'}")
        return "edge reloaded"

    def _invalidate(self, distribution: str) -> str:
        """Entry points have no hash in their names: drop cached copies of everything (one path, one charge)."""
        reference = f"finish-{time.time_ns()}"
        batch = {"Paths": {"Quantity": 1, "Items": ["/*"]}, "CallerReference": reference}
        try:
            self.aws.client("cloudfront").create_invalidation(DistributionId=distribution, InvalidationBatch=batch)
        except ClientError as error:
            raise DeployFailed(f"CloudFront invalidation: {error}") from error
        return "cached copies invalidated"


def _read(file: Path) -> dict[str, Any]:
    try:
        loaded: dict[str, Any] = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return loaded if isinstance(loaded, dict) else {}


def _request(method: str, url: str, further: Mapping[str, str] | None = None) -> int | None:
    """HTTP status, None when nothing answers."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=10)
    try:
        headers = {**HELPER_HEADERS, "content-length": "0", **(further or {})}
        connection.request(method, parts.path or "/", headers=headers)
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()
