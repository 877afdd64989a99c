"""Which state a request may have changed, by its service and operation: it must be on disk before the response."""

from __future__ import annotations

from urllib.parse import unquote

from emulation.emulator import journalled

_READ_OPERATIONS = (
    "Get", "List", "Describe", "Query", "Scan", "BatchGet", "Head", "Lookup", "Filter", "Validate", "TransactGet",
)  # fmt: skip
#: The journal records changes of these row by row; see ``journalled``. Services by credential scope.
JOURNALLED = {
    "dynamodb": frozenset({
        "PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem", "TransactWriteItems",
        "ExecuteStatement", "BatchExecuteStatement", "ExecuteTransaction",
    }),
    "sqs": frozenset({
        "SendMessage", "SendMessageBatch", "ReceiveMessage", "DeleteMessage", "DeleteMessageBatch", "PurgeQueue",
        "ChangeMessageVisibility", "ChangeMessageVisibilityBatch", "SetQueueAttributes", "AddPermission",
        "RemovePermission", "TagQueue", "UntagQueue", "CreateQueue", "DeleteQueue",
    }),
    "kinesis": frozenset({"PutRecord", "PutRecords", "SubscribeToShard"}),
    # Their messages are in queues, or wait for their function.
    "sns": frozenset({"Publish", "PublishBatch"}),
    "events": frozenset({"PutEvents"}),
    "cognito-idp": frozenset({
        "SignUp", "ResendConfirmationCode", "ConfirmSignUp", "InitiateAuth", "RespondToAuthChallenge", "RevokeToken",
        "ForgotPassword", "ConfirmForgotPassword", "ChangePassword", "GlobalSignOut", "UpdateUserAttributes",
        "DeleteUserAttributes", "VerifyUserAttribute", "DeleteUser", "AssociateSoftwareToken", "VerifySoftwareToken",
        "SetUserMFAPreference", "AdminCreateUser", "AdminConfirmSignUp", "AdminSetUserPassword",
        "AdminResetUserPassword", "AdminUpdateUserAttributes", "AdminDeleteUserAttributes", "AdminInitiateAuth",
        "AdminRespondToAuthChallenge", "AdminSetUserMFAPreference", "AdminAddUserToGroup", "AdminRemoveUserFromGroup",
        "AdminUserGlobalSignOut", "AdminDisableUser", "AdminEnableUser", "AdminDeleteUser", "CreateGroup",
        "DeleteGroup", "CreateUserPool", "UpdateUserPool", "SetUserPoolMfaConfig", "DeleteUserPool",
        "CreateUserPoolClient", "UpdateUserPoolClient", "DeleteUserPoolClient",
    }),
}  # fmt: skip
#: Of a service with such operations: everything that is written together with the journal.
_WITH_JOURNAL = journalled.STATES
#: Credential scope of a request -> state files its requests may change. A service not listed may change all.
_TOUCHES: dict[str, frozenset[str]] = {
    "dynamodb": _WITH_JOURNAL,
    "sqs": _WITH_JOURNAL,
    "kinesis": _WITH_JOURNAL,
    "sns": frozenset({"sns"}),
    "events": frozenset({"eventbridge"}),
    "cognito-idp": _WITH_JOURNAL,
    "s3": frozenset({"s3"}),
    "cloudfront": frozenset({"cloudfront"}),
    "monitoring": frozenset({"cloudwatch"}),
    "logs": frozenset({"cloudwatch_logs"}),
    "execute-api": frozenset(),  # frames to open sockets
}
ALL = "*"

Headers = list[tuple[bytes, bytes]]


def touched_services(method: str, path: str, headers: Headers, body: bytes = b"", query: bytes = b"") -> frozenset[str]:
    """State files that a request may have changed: empty for a read, ``{"*"}`` when it cannot be told.

    ``body`` is its beginning: protocols without a header for it name the operation there.
    """
    if method in ("GET", "HEAD", "OPTIONS") and not path.startswith("/v2/email"):
        return frozenset()
    if path.startswith("/_aws/execute-api/") or path.endswith("/invocations"):
        return frozenset()  # what the function itself changes comes as requests of its own
    target, scope = _header(headers, b"x-amz-target"), scope_of(headers)
    service, _, operation = target.rpartition(".")
    operation = operation or _action(body)
    if service.startswith("DynamoDBStreams") or operation.removeprefix("Admin").startswith(_READ_OPERATIONS):
        return frozenset()
    if not scope and target.startswith("AWSCognito"):
        scope = "cognito-idp"
    if operation in JOURNALLED.get(scope, ()):
        return frozenset()
    is_form = method == "POST" and not scope and not query and _is_form(headers)
    if is_form or (scope == "s3" and _of_an_object(path, query)):
        return frozenset()  # objects are files, written before the answer
    return _TOUCHES.get(scope, frozenset({ALL}))


def _of_an_object(path: str, query: bytes) -> bool:
    _, _, key = path.strip("/").partition("/")
    return bool(key) or query.startswith(b"delete")


def _is_form(headers: Headers) -> bool:
    """A browser's upload to a bucket; nothing else takes forms with files. The signature is one of its fields."""
    return _header(headers, b"content-type").startswith("multipart/form-data")


def _action(body: bytes) -> str:
    """``Publish`` of ``Action=Publish&TopicArn=…``, wherever it stands."""
    for parameter in body.split(b"&"):
        name, _, value = parameter.partition(b"=")
        if name == b"Action":
            return unquote(value.decode("latin-1"))
    return ""


def scope_of(headers: Headers) -> str:
    """``dynamodb`` of ``AWS4-HMAC-SHA256 Credential=KEY/20260101/us-east-1/dynamodb/aws4_request, ...``."""
    _, found, rest = _header(headers, b"authorization").partition("Credential=")
    parts = rest.partition(",")[0].split("/")
    return parts[3] if found and len(parts) >= 5 else ""


def _header(headers: Headers, wanted: bytes) -> str:
    return next((value.decode("latin-1") for name, value in headers if name == wanted), "")
