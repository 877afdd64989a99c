"""Full-text search: the OpenSearch domain and the function that keeps it up with the tables."""

from __future__ import annotations

import json
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_logs as logs
from aws_cdk import aws_opensearchservice as opensearch
from constructs import Construct

from infra.constants import POSTS, PROFILES, physical
from infra.constructs.functions import CONSUMER_TIMEOUT, python_function
from infra.constructs.stack import AppStack
from infra.constructs.triggers import changes_of
from infra.constructs.uses import searches
from infra.stacks.data import DataStack
from infra.targets import Target

_ENGINE = "OpenSearch_2.19"


class SearchStack(AppStack):
    """One small node: enough to begin with; grow ``instance_count`` and make it zone-aware before people depend on it.

    The functions' roles define who may call the domain.
    https://docs.aws.amazon.com/opensearch-service/latest/developerguide/ac.html
    """

    def __init__(self, scope: Construct, target: Target, data: DataStack) -> None:
        super().__init__(scope, "search", target)
        self.domain = self._build_domain()
        self.domain.add_resource_dependency(self._may_log)
        self.domain_arn = self.domain.attr_arn
        self.endpoint = target.opensearch_endpoint or f"https://{self.domain.attr_domain_endpoint}"
        self.indexer = python_function(
            self,
            "indexer",
            "search.handler.indexer",
            uses=searches(self.endpoint, self.domain_arn, index=True),
            triggers=[changes_of(data.tables[POSTS]), changes_of(data.tables[PROFILES])],
            layers=["search"],
            timeout=CONSUMER_TIMEOUT,
        )
        self.output("SearchEndpoint", self.endpoint)
        self.output("SearchDomain", self.domain.ref)

    def _build_domain(self) -> opensearch.CfnDomain:
        domain = opensearch.CfnDomain
        made = domain(
            self,
            "Domain",
            domain_name=physical("search"),
            engine_version=_ENGINE,
            cluster_config=domain.ClusterConfigProperty(
                instance_type=self.target.stage.search_instance, instance_count=1
            ),
            ebs_options=domain.EBSOptionsProperty(
                ebs_enabled=True, volume_type="gp3", volume_size=self.target.stage.search_gb
            ),
            encryption_at_rest_options=domain.EncryptionAtRestOptionsProperty(enabled=True),
            node_to_node_encryption_options=domain.NodeToNodeEncryptionOptionsProperty(enabled=True),
            domain_endpoint_options=domain.DomainEndpointOptionsProperty(
                enforce_https=True, tls_security_policy="Policy-Min-TLS-1-2-PFS-2023-10"
            ),
            access_policies=self._access(),
            log_publishing_options=self._slow_logs(),
        )
        # Otherwise a new version of the engine would replace the domain, whose name is taken.
        made.cfn_options.update_policy = cdk.CfnUpdatePolicy(enable_version_upgrade=True)
        return made

    def _access(self) -> dict[str, object]:
        """Principals of this account, as far as their own roles allow it; nobody without a signature."""
        statement = {
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:{self.partition}:iam::{self.account}:root"},
            "Action": "es:ESHttp*",
            "Resource": f"arn:{self.partition}:es:{self.region}:{self.account}:domain/{physical('search')}/*",
        }
        return {"Version": "2012-10-17", "Statement": [statement]}

    def _slow_logs(self) -> dict[str, Any]:
        """https://docs.aws.amazon.com/opensearch-service/latest/developerguide/createdomain-configure-slow-logs.html"""
        group = logs.LogGroup(
            self,
            "SlowLogs",
            log_group_name=f"/aws/opensearch/{physical('search')}",
            retention=self.log_retention,
            removal_policy=cdk.RemovalPolicy.DESTROY,
        )
        document = json.dumps({"Version": "2012-10-17", "Statement": [self._writes_slow_logs()]})
        self._may_log = logs.CfnResourcePolicy(
            self, "MayLog", policy_name=physical("search-logs"), policy_document=document
        )
        option = {"cloudWatchLogsLogGroupArn": group.log_group_arn, "enabled": True}
        return {"SEARCH_SLOW_LOGS": option, "INDEX_SLOW_LOGS": option}

    def _writes_slow_logs(self) -> dict[str, Any]:
        group = f"log-group:/aws/opensearch/{physical('search')}:*"
        return {
            "Effect": "Allow",
            "Principal": {"Service": "es.amazonaws.com"},
            "Action": ["logs:PutLogEvents", "logs:CreateLogStream"],
            "Resource": f"arn:{self.partition}:logs:{self.region}:{self.account}:{group}",
            "Condition": {"StringEquals": {"aws:SourceAccount": self.account}},
        }
