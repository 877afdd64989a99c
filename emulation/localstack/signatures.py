"""LocalStack's plugin that checks who may use S3 without an ``Authorization`` header: by a link, by a form, or not.

LocalStack checks links itself (``S3_SKIP_SIGNATURE_VALIDATION=0``), but knows the secrets of IAM users only, takes
``test`` for the secret of every other key, does not check the signature of a form, and serves everybody else. No
bucket is public here. Sources: Amazon S3 API Reference, "Authenticating Requests: Using Query Parameters (AWS Signature
Version 4)" and "Authenticating Requests: Browser-Based Uploads Using POST (AWS Signature Version 4)".
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Mapping
from typing import Any, Final

from localstack.aws import handlers
from localstack.aws.api import RequestContext
from localstack.aws.api.s3 import AccessDenied, SignatureDoesNotMatch
from localstack.aws.chain import HandlerChain
from localstack.http import Response
from localstack.runtime.hooks import on_infra_start
from localstack.services.s3 import presigned_url, provider
from localstack.services.s3.utils import is_presigned_url_request
from moto.sts.models import sts_backends

from emulation.settings import ACCOUNT, Settings
from emulation.signature import ALGORITHM, CredentialScope, signing_key

_SCOPE_PARTS: Final = 5
_REFUSED: Final = "Access Denied"


@on_infra_start()
def check_links_and_forms() -> None:
    """Before the first request."""
    of_user, of_policy = presigned_url.get_secret_access_key_from_access_key_id, provider.validate_post_policy

    def secret_of(access_key_id: str, region: str) -> str:
        return _known_secret(access_key_id) or of_user(access_key_id, region) or secrets.token_hex()

    def check_form(form: Mapping[str, str], *others: Any, **named: Any) -> None:
        fields = {name.lower(): value for name, value in form.items()}
        _check_signature(fields, secret_of)
        of_policy(form, *others, **named)

    presigned_url.get_secret_access_key_from_access_key_id = secret_of
    provider.validate_post_policy = check_form
    checks = handlers.parse_pre_signed_url_request.pre_signed_handlers
    checks["s3"] = SignedOnly(checks["s3"])


class SignedOnly:
    """LocalStack's check of links; a request without any signature is refused, except a form and a preflight."""

    def __init__(self, of_links: Any) -> None:
        self._of_links = of_links

    def __call__(self, chain: HandlerChain, context: RequestContext, response: Response) -> None:
        self._of_links(chain, context, response)
        request = context.request
        is_signed = "Authorization" in request.headers or is_presigned_url_request(context)
        is_form = request.method == "POST" and request.mimetype == "multipart/form-data"
        if not is_signed and not is_form and request.method != "OPTIONS":
            # The error is written as one of this operation.
            context.operation = self._of_links._get_op_from_request(request)
            raise AccessDenied(_REFUSED)


def _known_secret(access_key_id: str) -> str | None:
    """Of the root user, or of a role's session, like a function's."""
    root = Settings().credentials
    if access_key_id == root.access_key_id:
        return root.secret_access_key
    session = sts_backends[ACCOUNT]["global"].get_assumed_role_from_access_key(access_key_id)
    return str(session.secret_access_key) if session is not None else None


def _check_signature(fields: Mapping[str, str], secret_of: Any) -> None:
    """Raises AccessDenied: unsigned, or by another version. Raises SignatureDoesNotMatch."""
    scope = fields.get("x-amz-credential", "").split("/")
    if not fields.get("policy") or len(scope) != _SCOPE_PARTS or fields.get("x-amz-algorithm") != ALGORITHM:
        raise AccessDenied(_REFUSED)
    key = signing_key(secret_of(scope[0], scope[2]), CredentialScope(*scope[1:4]))
    expected = hmac.digest(key, fields["policy"].encode(), "sha256").hex()
    if not hmac.compare_digest(expected.encode(), fields.get("x-amz-signature", "").encode()):
        raise SignatureDoesNotMatch("The request signature we calculated does not match the signature you provided.")
