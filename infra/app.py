"""The CDK app: the single description of the system, for every target."""

from __future__ import annotations

import os
import sys

import aws_cdk as cdk

from infra.constructs.stack import AppStack
from infra.stacks.access import AccessStack
from infra.stacks.accounts import AccountsStack
from infra.stacks.api import ApiStack, Below
from infra.stacks.auth import AuthStack
from infra.stacks.background import BackgroundStack
from infra.stacks.data import DataStack
from infra.stacks.edge import EdgeStack
from infra.stacks.layers import LayersStack
from infra.stacks.media import MediaStack
from infra.stacks.messaging import MessagingStack
from infra.stacks.observability import ObservabilityStack, Watched
from infra.stacks.realtime import RealtimeStack
from infra.stacks.search import SearchStack
from infra.targets import AWS, CONTEXT_KEY, Target, target_of


def build(app: cdk.App, target: Target) -> list[AppStack]:
    """All stacks in order of dependency."""
    auth = AuthStack(app, target)
    data = DataStack(app, target)
    messaging = MessagingStack(app, target)
    media = MediaStack(app, target, data, messaging)
    search = SearchStack(app, target, data)
    realtime = RealtimeStack(app, target, data, messaging, media)
    accounts = AccountsStack(app, target, auth, data, messaging, media)
    api = ApiStack(app, target, Below(auth, data, media, search, realtime, messaging, accounts))
    background = BackgroundStack(app, target, data, messaging, realtime.registry)
    edge = EdgeStack(app, target, api, media)
    with_functions: list[AppStack] = [auth, media, search, realtime, accounts, api, background, edge]
    stacks = [data, messaging, *with_functions]
    watched = Watched.of(
        stacks,
        data.tables,
        http_api=api.gate.api_id,
        socket_api=realtime.sockets.api_id,
        distribution=edge.distribution.distribution_id,
    )
    stacks.append(ObservabilityStack(app, target, watched))
    if target.emulated:
        layers = LayersStack(app, target)
        for stack in with_functions:
            stack.add_stack_dependency(layers)
        stacks.insert(0, layers)
    else:
        access = AccessStack(app, target)
        for stack in stacks:
            stack.bound_roles()
            stack.add_stack_dependency(access)
        stacks.insert(0, access)
    for stack in stacks:
        stack.report_left_out()
    return stacks


def main() -> None:
    """Synthesize for ``-c target=…`` or the environment's ``TARGET`` (default: aws)."""
    app = cdk.App()
    name = app.node.try_get_context("target") or os.environ.get("TARGET") or AWS
    try:
        target = target_of(str(name), app.node.try_get_context(CONTEXT_KEY))
    except ValueError as error:
        sys.exit(str(error))
    build(app, target)
    app.synth()


if __name__ == "__main__":
    main()
