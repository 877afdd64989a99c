"""Decisions of the deploy and finish steps, without a target."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from infra.bundles import code_zip
from kit import locks
from kit.deploy import incremental, ui
from kit.deploy.__main__ import main as deploy_main
from kit.deploy.assembly import Stack
from kit.deploy.code import update_code
from kit.deploy.cors import cors_of_template
from kit.deploy.endpoints import named, short_name
from kit.deploy.resources import Aws, Deployed, MissingResource, Resource
from kit.deploy.ui import IMMUTABLE, REVALIDATE, SHORT, UiFile, files_of
from kit.deploy.verify import verify_deployment
from kit.settings import Settings, checkout_root


@pytest.mark.parametrize(
    ("key", "content_type", "cache"),
    [
        ("index.html", "text/html; charset=utf-8", REVALIDATE),
        ("sw.js", "text/javascript; charset=utf-8", REVALIDATE),
        ("manifest.webmanifest", "application/manifest+json", REVALIDATE),
        ("assets/index-B3xYz_-1.js", "text/javascript; charset=utf-8", IMMUTABLE),
        ("assets/figtree-latin-9f8e7d6c.woff2", "font/woff2", IMMUTABLE),
        ("assets/plain.css", "text/css; charset=utf-8", SHORT),
        ("icon.svg", "image/svg+xml", SHORT),
        ("data.bin", "application/octet-stream", SHORT),
    ],
)
def test_each_ui_file_has_its_type_and_its_time_in_caches(key: str, content_type: str, cache: str) -> None:
    file = UiFile(key, Path(key))
    assert (file.content_type, file.cache_control) == (content_type, cache)


def test_entry_points_are_uploaded_after_the_files_they_name(tmp_path: Path) -> None:
    (tmp_path / "assets").mkdir()
    for name in ("index.html", "assets/index-12345678.js", "icon.svg"):
        (tmp_path / name).write_text(name)
    assert [file.key for file in files_of(tmp_path)] == ["assets/index-12345678.js", "icon.svg", "index.html"]


class FakeS3:
    """The S3 operations that the upload uses."""

    def __init__(self) -> None:
        self.objects: dict[str, dict[str, Any]] = {}
        self.puts: list[str] = []

    def get_paginator(self, _name: str) -> FakeS3:
        return self

    def paginate(self, Bucket: str) -> list[dict[str, Any]]:
        return [{"Contents": [{"Key": key, "ETag": f'"{row["etag"]}"'} for key, row in self.objects.items()]}]

    def put_object(self, **call: Any) -> None:
        self.puts.append(call["Key"])
        self.objects[call["Key"]] = {"etag": ui.etag(call["Body"]), **call}

    def get_object(self, Bucket: str, Key: str) -> dict[str, Any]:
        return {"Body": io.BytesIO(self.objects[Key]["Body"])}

    def delete_objects(self, Bucket: str, Delete: dict[str, Any]) -> None:
        for row in Delete["Objects"]:
            del self.objects[row["Key"]]


class FakeAws(Aws):
    def __init__(self, **clients: Any) -> None:
        self.region = "us-east-1"
        self._clients = clients

    def client(self, name: str) -> Any:
        return self._clients[name]


def test_an_upload_sends_only_changed_files_and_removes_deleted_ones(tmp_path: Path) -> None:
    s3 = FakeS3()
    aws = FakeAws(s3=s3)
    (tmp_path / "index.html").write_text("one")
    (tmp_path / "old.js").write_text("old")
    assert ui.upload(aws, "ui", tmp_path) == 2
    s3.put_object(Key="config.json", Body=b"{}")

    (tmp_path / "index.html").write_text("two")
    (tmp_path / "old.js").unlink()
    (tmp_path / "new.js").write_text("new")
    s3.puts.clear()
    assert ui.upload(aws, "ui", tmp_path) == 2
    assert s3.puts == ["new.js", "index.html"]
    assert sorted(s3.objects) == ["config.json", "index.html", "new.js", "releases.json"]
    assert ui.upload(aws, "ui", tmp_path) == 0


def test_chunks_of_the_last_release_stay_for_pages_that_are_open(tmp_path: Path) -> None:
    s3 = FakeS3()
    aws = FakeAws(s3=s3)
    (tmp_path / "assets").mkdir()

    def release(name: str) -> list[str]:
        for old in (tmp_path / "assets").iterdir():
            old.unlink()
        (tmp_path / "assets" / f"page-{name}.js").write_text(name)
        ui.upload(aws, "ui", tmp_path)
        return sorted(key for key in s3.objects if key.startswith("assets/"))

    first, second, third = "aaaaaaaa", "bbbbbbbb", "cccccccc"
    assert release(first) == [f"assets/page-{first}.js"]
    assert release(second) == [f"assets/page-{first}.js", f"assets/page-{second}.js"]
    # The same build again is no new release: the files of the previous release stay.
    assert release(second) == [f"assets/page-{first}.js", f"assets/page-{second}.js"]
    assert release(third) == [f"assets/page-{second}.js", f"assets/page-{third}.js"]


@pytest.mark.parametrize(
    ("physical", "short"),
    [
        ("asyncsns-profiles", "profiles"),
        ("http://localhost:4566/000000000000/asyncsns-timelines-dlq", "timelines-dlq"),
        ("arn:aws:sns:us-east-1:000000000000:asyncsns-events", "events"),
        ("asyncsns-media-000000000000-us-east-1", "media"),
    ],
)
def test_resources_are_known_by_their_short_names(physical: str, short: str) -> None:
    assert short_name(physical) == short
    assert named([Resource("s", "L", "T", physical, "CREATE_COMPLETE", "")]) == {short: physical}


def test_cors_is_read_from_the_template() -> None:
    rules = {"AllowOrigins": ["http://localhost:8080"]}
    template = {
        "Resources": {
            "Http": {"Type": "AWS::ApiGatewayV2::Api", "Properties": {"CorsConfiguration": rules}},
            "Socket": {"Type": "AWS::ApiGatewayV2::Api", "Properties": {}},
            "Table": {"Type": "AWS::DynamoDB::Table", "Properties": {}},
        }
    }
    assert cors_of_template(template) == {"Http": rules}


class FakeDeployed(Deployed):
    def __init__(self, *resources: Resource) -> None:
        self.__dict__["resources"] = list(resources)


def _resource(type_name: str, physical: str, status: str = "CREATE_COMPLETE", reason: str = "") -> Resource:
    return Resource("stack", type_name.rsplit("::", 1)[-1], type_name, physical, status, reason)


class Absent:
    """A service in which no resource exists."""

    def __getattr__(self, _name: str) -> Any:
        from botocore.exceptions import ClientError

        def refuse(**_: Any) -> None:
            raise ClientError(
                {"Error": {"Code": "ResourceNotFoundException", "Message": "no such table"}}, "DescribeTable"
            )

        return refuse


def test_verification_reports_unknown_ids_fallbacks_and_missing_resources() -> None:
    deployed = FakeDeployed(
        _resource("AWS::Cognito::UserPool", "unknown"),
        _resource("AWS::CloudFront::Distribution", "E1", reason="not supported but was deployed as a fallback"),
        _resource("AWS::Logs::LogGroup", "fine"),
        _resource("AWS::SNS::Topic", "arn", status="CREATE_FAILED", reason="quota"),
        _resource("AWS::DynamoDB::Table", "posts"),
    )
    found = verify_deployment(FakeAws(dynamodb=Absent()), deployed)
    assert [line.split(" ", 1)[0] for line in found] == [
        "stack/UserPool",
        "stack/Distribution",
        "stack/Topic",
        "stack/Table",
    ]
    assert "unknown" in found[0]
    assert "fallback" in found[1]
    assert "CREATE_FAILED quota" in found[2]
    assert "no such table" in found[3]


def test_one_resource_is_found_by_a_word_or_the_choices_are_named() -> None:
    deployed = FakeDeployed(_resource("AWS::S3::Bucket", "asyncsns-ui"), _resource("AWS::S3::Bucket", "asyncsns-media"))
    assert deployed.one("AWS::S3::Bucket", "UI").physical_id == "asyncsns-ui"
    with pytest.raises(MissingResource, match="got 2 of: Bucket \\(asyncsns-ui\\), Bucket \\(asyncsns-media\\)"):
        deployed.one("AWS::S3::Bucket")


def test_a_changed_setting_of_the_app_causes_a_deployment(monkeypatch: pytest.MonkeyPatch) -> None:
    sources = "".join(path.read_text("utf-8") for path in (checkout_root() / "infra").rglob("*.py"))
    of_aws_alone = {"DOMAIN", "CERTIFICATE_ARN", "HOSTED_ZONE_ID", "MAIL_FROM", "GITHUB_REPOSITORY"}
    read = set(re.findall(r"ASYNCSNS_[A-Z_]*[A-Z]", sources)) - {f"ASYNCSNS_{name}" for name in of_aws_alone}
    assert "ASYNCSNS_REALTIME_REGISTRY" in read
    assert read <= set(incremental._VARIABLES), "only on AWS may they be left out: there CDK compares them"
    hashes = [incremental.Deployment(Settings()).template_hash]
    monkeypatch.setenv("ASYNCSNS_REALTIME_REGISTRY", "redis://127.0.0.1:6379")
    hashes.append(incremental.Deployment(Settings()).template_hash)
    monkeypatch.setenv("ASYNCSNS_LAMBDA_OPENSEARCH_URL", "http://search:9200")
    hashes.append(incremental.Deployment(Settings()).template_hash)
    hashes.append(incremental.Deployment(Settings(port_offset=100)).template_hash)
    assert len(set(hashes)) == 4


class FakeLambda:
    """Functions by name with the hash of their code; records updates."""

    def __init__(self, **functions: str) -> None:
        self.functions = functions
        self.updated: dict[str, bytes] = {}

    def get_paginator(self, _: str) -> FakeLambda:
        return self

    def paginate(self) -> list[dict[str, Any]]:
        return [{"Functions": [{"FunctionName": name, "CodeSha256": sha}]} for name, sha in self.functions.items()]

    def update_function_code(self, FunctionName: str, ZipFile: bytes) -> None:
        self.updated[FunctionName] = ZipFile


def _assembly(folder: Path, functions: dict[str, str]) -> list[Stack]:
    resources = {
        name: {"Type": "AWS::Lambda::Function", "Properties": {"FunctionName": name, "Handler": handler}}
        for name, handler in functions.items()
    }
    file = folder / "api.template.json"
    file.write_text(json.dumps({"Resources": {**resources, "Table": {"Type": "AWS::DynamoDB::Table"}}}))
    return [Stack("api", file, "")]


def test_after_an_edit_only_the_functions_it_concerns_get_new_code(tmp_path: Path) -> None:
    for context, text in (("posts", "posts = 1"), ("chat", "chat = 1")):
        (tmp_path / "services" / context).mkdir(parents=True)
        (tmp_path / "services" / context / "handler.py").write_text(text)
    (tmp_path / "services" / "__init__.py").touch()
    package = code_zip(tmp_path, "posts").read_bytes()
    has = base64.b64encode(hashlib.sha256(package).digest()).decode()
    stacks = _assembly(tmp_path, {"post": "services.posts.handler.handler", "chat": "services.chat.handler.handler",
                                  "custom": "index.handler", "absent": "services.chat.handler.relay"})  # fmt: skip
    client = FakeLambda(post=has, chat="older", custom="older")
    assert update_code(client, tmp_path, stacks) == ["chat"]
    assert client.updated == {"chat": code_zip(tmp_path, "chat").read_bytes()}


def test_an_edit_of_a_function_changes_no_template(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for folder in ("services", "infra"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "a.py").write_text("a = 1")

    def hashes() -> tuple[str, str]:
        deployment = incremental.Deployment(Settings(root=tmp_path))
        return deployment.template_hash, deployment.source_hash

    template, source = hashes()
    (tmp_path / "services" / "a.py").write_text("a = 2")
    assert hashes()[0] == template
    assert hashes()[1] != source
    (tmp_path / "infra" / "a.py").write_text("a = 2")
    assert hashes()[0] != template


def test_the_seeds_files_are_painted_once_and_outlive_the_state(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "kit" / "seed").mkdir(parents=True)
    ran = []

    def python(deployment: incremental.Deployment, step: str, module: str) -> str:
        ran.append(module)
        if step == "paint":
            (deployment.settings.home / "seed-files").mkdir(parents=True, exist_ok=True)
        return ""

    monkeypatch.setattr(incremental.Deployment, "_python", python)

    def runs(*names: str) -> list[str]:
        ran.clear()
        for name in names:
            getattr(incremental.Deployment(Settings(root=tmp_path)), name)()
        return ran

    assert runs("paint", "seed", "paint", "seed") == ["kit.seed.paint", "kit.seed"]
    shutil.rmtree(Settings(root=tmp_path).state)
    assert runs("paint", "seed") == ["kit.seed"]
    shutil.rmtree(Settings(root=tmp_path).home / "seed-files")
    assert runs("paint") == []  # this state has its seed
    (tmp_path / "kit" / "seed" / "story.py").write_text("")
    assert runs("paint", "seed") == ["kit.seed.paint", "kit.seed"]


def test_on_aws_functions_change_with_their_stacks(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    # Not the checkout's own lock: a running `make up` may hold it.
    monkeypatch.setattr(locks, "lock_file", lambda _: tmp_path / "lock")
    assert deploy_main(["code", "--target", "aws", "--assembly", str(tmp_path)]) == 1
    assert "python -m kit.deploy stacks" in capsys.readouterr().err
