"""Connections in ElastiCache (Valkey, serverless) instead of the table: the cache, its VPC, and the routes out of the
VPC."""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticache as elasticache

from infra.constants import physical
from infra.constructs.functions import Placement
from infra.constructs.stack import AppStack
from infra.constructs.uses import Use

_PORT = 6379
#: GB stored and ECPUs a second: a runaway bill has a ceiling. A connection takes some 250 bytes.
_MAX_GB = 1
_MAX_ECPU = 15_000
#: Actions of Lambda for a function in a VPC; none of them has a resource that could be named beforehand.
#: https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html#configuration-vpc-permissions
_NETWORK = (
    "ec2:CreateNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:DeleteNetworkInterface",
    "ec2:AssignPrivateIpAddresses",
    "ec2:UnassignPrivateIpAddresses",
)


class ConnectionCache:
    """Off unless asked for (``ASYNCSNS_REALTIME_REGISTRY=elasticache``); docs/contexts/realtime.md says what it costs.

    The functions are in private subnets: DynamoDB through a gateway endpoint (free); API Gateway's ``@connections``,
    Kinesis and SNS through a NAT gateway, because an interface endpoint for ``execute-api`` serves private APIs only.
    """

    def __init__(self, stack: AppStack) -> None:
        self._stack = stack
        self._vpc = self._build_vpc()
        self._functions = self._build_group("SocketFunctions", "Functions that talk to sockets")
        self._functions.add_egress_rule(ec2.Peer.any_ipv4(), ec2.Port.tcp(443), "AWS APIs")
        cache_group = self._build_group("ConnectionsGroup", "The registry of connections")
        # Serverless caches listen on the port after it too, for reads that may be stale.
        for port in (_PORT, _PORT + 1):
            cache_group.add_ingress_rule(self._functions, ec2.Port.tcp(port), "Functions that talk to sockets")
            self._functions.add_egress_rule(cache_group, ec2.Port.tcp(port), "The registry of connections")
        self._cache = self._build_cache(cache_group)

    @property
    def uses(self) -> list[Use]:
        return [Use("Network", _NETWORK, ["*"])]

    @property
    def placement(self) -> Placement:
        host = self._cache.attr_endpoint_address
        environment = {"REALTIME_REGISTRY_URL": f"rediss://{host}:{_PORT}?cluster=true"}
        return Placement(environment, ("redis",), self._vpc, self._functions)

    def _build_group(self, construct_id: str, description: str) -> ec2.SecurityGroup:
        return ec2.SecurityGroup(
            self._stack, construct_id, vpc=self._vpc, description=description, allow_all_outbound=False
        )

    def _build_vpc(self) -> ec2.Vpc:
        vpc = ec2.Vpc(
            self._stack,
            "Network",
            vpc_name=physical("realtime"),
            # By name: CDK would look them up in the account, and write ``dummy1a`` where it could not.
            availability_zones=[cdk.Fn.select(number, cdk.Fn.get_azs()) for number in (0, 1)],
            nat_gateways=1,
            subnet_configuration=[
                ec2.SubnetConfiguration(name="public", subnet_type=ec2.SubnetType.PUBLIC, cidr_mask=26,
                                        map_public_ip_on_launch=False),
                ec2.SubnetConfiguration(name="functions", subnet_type=ec2.SubnetType.PRIVATE_WITH_EGRESS, cidr_mask=22),
            ],
            gateway_endpoints={
                "DynamoDb": ec2.GatewayVpcEndpointOptions(service=ec2.GatewayVpcEndpointAwsService.DYNAMODB),
            },
        )  # fmt: skip
        vpc.add_flow_log("Flow", traffic_type=ec2.FlowLogTrafficType.REJECT)
        return vpc

    def _build_cache(self, group: ec2.SecurityGroup) -> elasticache.CfnServerlessCache:
        return elasticache.CfnServerlessCache(
            self._stack,
            "Connections",
            serverless_cache_name=physical("connections"),
            description="Who is connected by which device",
            engine="valkey",
            major_engine_version="8",
            security_group_ids=[group.security_group_id],
            subnet_ids=self._vpc.select_subnets(subnet_type=ec2.SubnetType.PRIVATE_WITH_EGRESS).subnet_ids,
            cache_usage_limits=elasticache.CfnServerlessCache.CacheUsageLimitsProperty(
                data_storage=elasticache.CfnServerlessCache.DataStorageProperty(unit="GB", maximum=_MAX_GB),
                ecpu_per_second=elasticache.CfnServerlessCache.ECPUPerSecondProperty(maximum=_MAX_ECPU),
            ),
        )
