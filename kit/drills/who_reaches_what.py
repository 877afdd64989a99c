"""Which AWS actions a developer, an administrator and an end user may do: each one tried with real credentials."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import boto3
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError

from kit.client import Account, Api
from kit.drills.scene import Scene, status_of
from kit.words import Words

_ALLOWED, _DENIED = Words("allowed", "許可"), Words("denied", "拒否")
_REFUSALS = {
    "AccessDenied",
    "AccessDeniedException",
    "UnauthorizedOperation",
    "NotAuthorizedException",
    "403",
    "AuthorizationError",
}
Client = Callable[[str], Any]


@dataclass(frozen=True)
class Tried:
    """One action; ``allowed`` holds the groups that may do it."""

    en: str
    ja: str
    call: Callable[[Client, Scene, str], Any]
    allowed: frozenset[str] = frozenset()


_PEOPLE = {
    "developers": ("developer", "開発者"),
    "administrators": ("administrator", "管理者"),
    "": ("end user", "利用者"),
}


def _pool(scene: Scene) -> dict[str, str]:
    return {"UserPoolId": scene.endpoints.user_pool_id}


def _alarms(client: Client, scene: Scene, other: str) -> None:
    client("cloudwatch").describe_alarms(MaxRecords=1)


def _log(client: Client, scene: Scene, other: str) -> None:
    minute_ago = int((time.time() - 60) * 1000)
    client("logs").filter_log_events(logGroupName="/aws/lambda/asyncsns-query", startTime=minute_ago)


def _people(client: Client, scene: Scene, other: str) -> None:
    client("cognito-idp").list_users(**_pool(scene), Limit=1)


def _switch_off_and_on(client: Client, scene: Scene, other: str) -> None:
    client("cognito-idp").admin_disable_user(**_pool(scene), Username=other)
    client("cognito-idp").admin_enable_user(**_pool(scene), Username=other)


def _read_table(client: Client, scene: Scene, other: str) -> None:
    client("dynamodb").scan(TableName="asyncsns-profiles", Limit=1)


def _write_table(client: Client, scene: Scene, other: str) -> None:
    key = {"pk": {"S": f"DRILL#{scene.run}"}, "sk": {"S": "DRILL"}}
    client("dynamodb").delete_item(TableName="asyncsns-posts", Key=key)


def _list_media(client: Client, scene: Scene, other: str) -> None:
    client("s3").list_objects_v2(Bucket=scene.endpoints.document["outputs"]["MediaBucket"], MaxKeys=1)


def _change_function(client: Client, scene: Scene, other: str) -> None:
    """Should it be allowed against all expectation, ``DryRun`` changes nothing."""
    client("lambda").update_function_code(FunctionName="asyncsns-query", ZipFile=b"drill", DryRun=True)


def _give_rights(client: Client, scene: Scene, other: str) -> None:
    """To a role that does not exist, so that nothing happens were it allowed."""
    policy = "arn:aws:iam::aws:policy/AdministratorAccess"
    client("iam").attach_role_policy(RoleName=f"asyncsns-drill-{scene.run}", PolicyArn=policy)


_DEVELOPERS, _ADMINISTRATORS = frozenset({"developers"}), frozenset({"administrators"})
TRIED: tuple[Tried, ...] = (
    Tried("reads alarms", "アラームを見る", _alarms, _DEVELOPERS | _ADMINISTRATORS),
    Tried("reads a function's log", "関数のログを読む", _log, _DEVELOPERS),
    Tried("lists people of the user pool", "ユーザーの一覧を見る", _people, _ADMINISTRATORS),
    Tried("disables and enables a person", "ユーザーを無効化・有効化する", _switch_off_and_on, _ADMINISTRATORS),
    Tried("reads a table", "テーブルを読む", _read_table),
    Tried("writes a table", "テーブルに書く", _write_table),
    Tried("lists the media bucket", "メディアのバケットを見る", _list_media),
    Tried("changes a function", "関数を変更する", _change_function),
    Tried("gives itself rights", "自分に権限を付ける", _give_rights),
)


def play(scene: Scene) -> None:
    other, other_api = scene.person("other")
    post = scene.say(other_api, "mine")["id"]
    for group, (en, ja) in _PEOPLE.items():
        account, api = scene.person(en.replace(" ", ""), (group,) if group else ())
        client = _clients(scene, account)
        for tried in TRIED:
            expected = _ALLOWED if group in tried.allowed else _DENIED
            observed = _outcome(lambda t=tried, c=client: t.call(c, scene, other.email))  # type: ignore[misc]
            scene.expect(f"The {en} {tried.en}", f"{ja}: {tried.ja}", expected, observed)
        _by_the_api(scene, group, api, post)
    _strangers(scene, post)


def _by_the_api(scene: Scene, group: str, api: Api, post: str) -> None:
    en, ja = _PEOPLE[group]
    scene.expect(
        f"The {en} reads a public post", f"{ja}: 公開投稿を読む", 200, status_of(lambda: api.get(f"/v1/posts/{post}"))
    )
    scene.expect(
        f"The {en} deletes another's post",
        f"{ja}: 他人の投稿を消す",
        403,
        status_of(lambda: api.delete(f"/v1/posts/{post}")),
    )
    cases = status_of(lambda: api.get("/v1/moderation/cases"))
    allowed = 200 if group in _ADMINISTRATORS else 403
    scene.expect(f"The {en} reads moderators' cases", f"{ja}: モデレーターの案件を読む", allowed, cases)


def _strangers(scene: Scene, post: str) -> None:
    with scene.api() as nobody:
        scene.expect(
            "A stranger calls the API", "未認証: APIを呼ぶ", 401, status_of(lambda: nobody.get(f"/v1/posts/{post}"))
        )
    scene.expect("A stranger loads the UI", "未認証: UIを開く", 200, scene.fetch("/").status_code)


def _clients(scene: Scene, account: Account) -> Client:
    """Clients with the temporary credentials that the identity pool gives for the person's token."""
    place: dict[str, Any] = {"region_name": scene.endpoints.region, "endpoint_url": scene.endpoints.emulator_url}
    identity = boto3.client("cognito-identity", config=Config(signature_version=UNSIGNED), **place)
    provider = f"cognito-idp.{scene.endpoints.region}.amazonaws.com/{scene.endpoints.user_pool_id}"
    logins = {"Logins": {provider: account.id_token}}
    pool = str(scene.endpoints.document["outputs"]["IdentityPoolId"])
    found = identity.get_id(IdentityPoolId=pool, **logins)["IdentityId"]
    keys = identity.get_credentials_for_identity(IdentityId=found, **logins)["Credentials"]
    session = boto3.Session(keys["AccessKeyId"], keys["SecretKey"], keys["SessionToken"])
    once = Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"})
    return lambda service: session.client(service, config=once, **place)  # type: ignore[call-overload]


def _outcome(call: Callable[[], Any]) -> Words | str:
    try:
        call()
    except ClientError as error:
        code = str(error.response["Error"]["Code"])
        return _DENIED if code in _REFUSALS else code
    return _ALLOWED
