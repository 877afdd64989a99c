"""Amazon Cognito as its documents describe it, where MiniStack's differs. One module per rule.

MiniStack stays as it is: each rule wraps functions of its ``services.cognito``, whose names are in ``cognito_names``.
"""

from __future__ import annotations

from collections.abc import Callable

from emulation.emulator.cognito import (
    attributes,
    challenges,
    codes,
    contacts,
    creation,
    identity_roles,
    identity_tokens,
    inputs,
    lockout,
    mails,
    mfa,
    operations,
    proofs,
    quotas,
    reading,
    refresh_tokens,
    requests,
    revocation,
    usernames,
)

#: In this order: what comes later wraps what came before, so it looks at a request first.
RULES: tuple[Callable[[], None], ...] = (
    proofs.compute_with_gmp,
    usernames.resolve_in_any_case,
    identity_roles.give_roles_by_group,
    identity_tokens.ask_the_user_pool,
    mails.ask_the_trigger,
    codes.send_random_codes,
    lockout.lock_out,
    challenges.ask_for_sessions,
    contacts.confirm_before_use,
    reading.hide_unreadable,
    creation.create_once,
    attributes.keep_from_writing,
    mfa.ask_for_enrolment,
    refresh_tokens.seal,
    revocation.refuse_other_tokens,
    operations.add_missing,
    requests.remember,
    inputs.validate,
    quotas.throttle,
)
