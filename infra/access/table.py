"""The rows. What is in no row is denied: IAM allows only what a policy names.

Actions and their resources: https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""

from __future__ import annotations

from typing import Final

from infra.access.model import Person, Refusal, Right

_DEVELOPER, _DEPLOYER, _ADMINISTRATOR = Person.DEVELOPER, Person.DEPLOYER, Person.ADMINISTRATOR

TABLES: Final = ("arn:{partition}:dynamodb:{region}:{account}:table/{prefix}-*",)
BUCKETS: Final = ("arn:{partition}:s3:::{prefix}-*",)
QUEUES: Final = ("arn:{partition}:sqs:{region}:{account}:{prefix}-*",)
SNS: Final = "arn:{partition}:sns:{region}:{account}"
TOPICS: Final = (f"{SNS}:{{prefix}}-*",)
STREAMS: Final = ("arn:{partition}:kinesis:{region}:{account}:stream/{prefix}-*",)
DOMAINS: Final = ("arn:{partition}:es:{region}:{account}:domain/{prefix}-*",)
FUNCTIONS: Final = ("arn:{partition}:lambda:{region}:{account}:function:{prefix}-*",)
SECRETS: Final = ("arn:{partition}:secretsmanager:{region}:{account}:secret:{prefix}/*",)
PARAMETERS: Final = ("arn:{partition}:ssm:{region}:{account}:parameter/{prefix}/*",)
LOGS: Final = (
    "arn:{partition}:logs:{region}:{account}:log-group:/aws/lambda/{prefix}-*:*",
    "arn:{partition}:logs:{region}:{account}:log-group:/aws/apigateway/{prefix}-*:*",
)
POOL: Final = ("{user_pool}",)
STACKS: Final = ("arn:{partition}:cloudformation:{region}:{account}:stack/{prefix}-*",)
#: The staging bucket of ``cdk bootstrap``, where templates and code are put.
STAGING: Final = ("arn:{partition}:s3:::cdk-hnb659fds-assets-{account}-{region}",)
ROLES: Final = ("arn:{partition}:iam::{account}:role/{prefix}-*",)
DEPLOYING_ROLE: Final = ("arn:{partition}:iam::{account}:role/{prefix}-deployer",)
BOUNDARIES: Final = (
    "arn:{partition}:iam::{account}:policy/{prefix}-boundary",
    "arn:{partition}:iam::{account}:policy/{prefix}-deployer-boundary",
)
DELIVERIES: Final = ("arn:{partition}:firehose:{region}:{account}:deliverystream/{prefix}-*",)
_LOG_BUCKETS: Final = ("arn:{partition}:s3:::{prefix}-access-logs-*",)
_ANSWERS: Final = ("arn:{partition}:s3:::{prefix}-athena-results-*",)
_GLUE: Final = "arn:{partition}:glue:{region}:{account}"
WORKGROUPS: Final = ("arn:{partition}:athena:{region}:{account}:workgroup/{prefix}-access-logs",)
#: Names of Glue have no hyphens.
CATALOG: Final = (f"{_GLUE}:catalog", f"{_GLUE}:database/{{database}}", f"{_GLUE}:table/{{database}}/*")
#: People's content and personal data.
PRIVATE_BUCKETS: Final = tuple(
    f"arn:{{partition}}:s3:::{{prefix}}-{name}-*" for name in ("media", "exports", "access-logs", "athena-results")
)
PRIVATE_SECRETS: Final = tuple(
    f"arn:{{partition}}:secretsmanager:{{region}}:{{account}}:secret:{{prefix}}/{name}-*"
    for name in ("media-signing", "web-push", "turn", "sfu")
)
WEB_ACLS: Final = ("arn:{partition}:wafv2:{region}:{account}:global/webacl/{prefix}-*",)

_DEVELOPERS = frozenset({_DEVELOPER})
_ADMINISTRATORS = frozenset({_ADMINISTRATOR})
_STAFF = frozenset({_DEVELOPER, _ADMINISTRATOR})
_DEPLOYERS = frozenset({_DEPLOYER})
_BUILDERS = _DEVELOPERS | _DEPLOYERS
_SECURITY = _ADMINISTRATORS | _DEPLOYERS

RIGHTS: Final[tuple[Right, ...]] = (
    Right(
        "Observe",
        "see metrics, alarms, dashboards and traces",
        (
            "cloudwatch:DescribeAlarms", "cloudwatch:GetDashboard", "cloudwatch:GetMetricData",
            "cloudwatch:GetMetricStatistics", "cloudwatch:ListDashboards", "cloudwatch:ListMetrics",
            "logs:DescribeLogGroups", "logs:GetQueryResults", "xray:BatchGetTraces", "xray:GetServiceGraph",
            "xray:GetTraceSummaries",
        ),
        test=_STAFF | _DEPLOYERS, prod=_STAFF | _DEPLOYERS,
    ),
    Right(
        "ReadLogs",
        "read and analyse the logs of functions and APIs",
        ("logs:FilterLogEvents", "logs:GetLogEvents", "logs:DescribeLogStreams", "logs:StartQuery"),
        LOGS, test=_DEVELOPERS, prod=_DEVELOPERS,
    ),
    Right(
        "AskAccessLogs",
        "query the access logs with Athena (they contain callers' addresses)",
        (
            "athena:BatchGetNamedQuery", "athena:GetNamedQuery", "athena:GetQueryExecution", "athena:GetQueryResults",
            "athena:GetWorkGroup", "athena:ListNamedQueries", "athena:StartQueryExecution", "athena:StopQueryExecution",
        ),
        WORKGROUPS, test=_STAFF, prod=_ADMINISTRATORS,
        samples=("athena:StartQueryExecution",),
    ),
    Right(
        "KnowAccessLogTables",
        "see the tables of the access logs",
        ("glue:GetDatabase", "glue:GetPartitions", "glue:GetTable"),
        CATALOG, test=_STAFF | _DEPLOYERS, prod=_SECURITY,
        samples=("glue:GetTable",),
    ),
    Right(
        "ReadAccessLogs",
        "read the access logs and Athena's results",
        ("s3:GetBucketLocation", "s3:GetObject", "s3:ListBucket"),
        (*_LOG_BUCKETS, *_ANSWERS), test=_STAFF, prod=_ADMINISTRATORS,
        samples=("s3:GetObject@logs",),
    ),
    Right(
        "KeepAnswers",
        "store Athena's results for a week",
        ("s3:PutObject",),
        _ANSWERS, test=_STAFF, prod=_ADMINISTRATORS,
        samples=("s3:PutObject@answers",),
    ),
    Right(
        "KnowFunctions",
        "see how a function is configured (no variable holds a secret), and how full queues are",
        ("lambda:GetFunctionConfiguration", "sqs:GetQueueAttributes"),
        (*FUNCTIONS, *QUEUES), test=_BUILDERS, prod=_BUILDERS,
    ),
    Right(
        "ReadData",
        "read people's data: items, objects, messages, frames, the index",
        (
            "dynamodb:GetItem", "dynamodb:Query", "dynamodb:Scan", "s3:GetObject", "s3:ListBucket",
            "sqs:ReceiveMessage", "kinesis:GetRecords", "kinesis:GetShardIterator", "es:ESHttpGet",
        ),
        (*TABLES, *BUCKETS, *QUEUES, *STREAMS, *DOMAINS), test=_DEVELOPERS,
        samples=(
            "dynamodb:GetItem", "dynamodb:Query", "dynamodb:Scan", "s3:GetObject", "s3:ListBucket",
            "sqs:ReceiveMessage", "kinesis:GetShardIterator",
        ),
    ),
    Right(
        "ChangeData",
        "change people's data, send messages and events",
        (
            "dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem", "dynamodb:BatchWriteItem", "s3:PutObject",
            "sqs:SendMessage", "sqs:DeleteMessage", "sqs:PurgeQueue", "sns:Publish",
            "kinesis:PutRecord", "kinesis:PutRecords", "es:ESHttpPut", "es:ESHttpPost", "es:ESHttpDelete",
        ),
        (*TABLES, *BUCKETS, *QUEUES, *TOPICS, *STREAMS, *DOMAINS), test=_DEVELOPERS,
        samples=(
            "dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem", "s3:PutObject", "sqs:SendMessage",
            "sqs:PurgeQueue", "sns:Publish", "kinesis:PutRecord",
        ),
    ),
    Right(
        "RunAndOpen",
        "invoke functions directly, read secrets",
        ("lambda:InvokeFunction", "secretsmanager:GetSecretValue"),
        (*FUNCTIONS, *SECRETS), test=_DEVELOPERS,
    ),
    Right(
        "ChangeResources",
        "create and change this system's resources: tables, buckets, queues, topics, streams, functions, parameters",
        ("dynamodb:*", "s3:*", "sqs:*", "sns:*", "kinesis:*", "es:*", "lambda:*", "secretsmanager:*", "ssm:*"),
        (*TABLES, *BUCKETS, *QUEUES, *TOPICS, *STREAMS, *DOMAINS, *FUNCTIONS, *SECRETS, *PARAMETERS),
        test=_BUILDERS, prod=_DEPLOYERS,
        samples=("lambda:UpdateFunctionConfiguration", "sqs:SetQueueAttributes", "dynamodb:UpdateTable",
                 "ssm:PutParameter"),
    ),
    Right(
        "LoseData",
        "delete what holds people's data",
        ("dynamodb:DeleteTable", "s3:DeleteBucket", "s3:DeleteObject", "s3:DeleteObjectVersion"),
        (*TABLES, *BUCKETS), test=_BUILDERS,
        samples=("dynamodb:DeleteTable", "s3:DeleteBucket", "s3:DeleteObject"),
    ),
    Right(
        "ManagePeople",
        "manage users: find, disable, sign out, send a password reset, add to groups",
        tuple(
            f"cognito-idp:{verb}"
            for verb in (
                "AdminAddUserToGroup", "AdminDisableUser", "AdminEnableUser", "AdminGetUser", "AdminListGroupsForUser",
                "AdminRemoveUserFromGroup", "AdminResetUserPassword", "AdminUserGlobalSignOut", "ListGroups",
                "ListUsers", "ListUsersInGroup",
            )
        ),
        POOL, test=_STAFF, prod=_ADMINISTRATORS,
    ),
    Right(
        "MakePeople",
        "create and delete accounts, set passwords (this right allows signing in as any user)",
        ("cognito-idp:AdminCreateUser", "cognito-idp:AdminSetUserPassword", "cognito-idp:AdminDeleteUser"),
        POOL, test=_DEVELOPERS,
    ),
    Right(
        "SecureAccounts",
        "see and change how accounts are protected: the pool, second factors",
        (
            "cognito-idp:DescribeUserPool", "cognito-idp:GetUserPoolMfaConfig", "cognito-idp:SetUserPoolMfaConfig",
            "cognito-idp:UpdateUserPool",
        ),
        POOL, test=_SECURITY, prod=_SECURITY,
    ),
    Right(
        "SecureEdge",
        "see and change the web ACL",
        ("wafv2:GetWebACL", "wafv2:UpdateWebACL"),
        WEB_ACLS, test=_SECURITY, prod=_SECURITY,
    ),
    Right(
        "RotateSecrets",
        "rotate secrets, without reading them",
        ("secretsmanager:DescribeSecret", "secretsmanager:RotateSecret"),
        SECRETS, test=_STAFF | _DEPLOYERS, prod=_SECURITY,
    ),
    Right(
        "ReadRoles",
        "see the rights of this system's roles",
        ("iam:GetRole", "iam:GetRolePolicy", "iam:ListRolePolicies"),
        ROLES, test=_SECURITY, prod=_SECURITY,
    ),
    Right(
        "OpenConsole",
        "find the system in the AWS console, see the history of actions",
        ("cloudtrail:LookupEvents", "cognito-idp:ListUserPools", "iam:ListRoles", "secretsmanager:ListSecrets",
         "wafv2:ListWebACLs"),
        test=_ADMINISTRATORS, prod=_ADMINISTRATORS,
        samples=("cognito-idp:ListUserPools", "iam:ListRoles", "secretsmanager:ListSecrets", "wafv2:ListWebACLs"),
    ),
    Right(
        "BecomeDeployer",
        "assume the deploying role, for an hour at a time",
        ("sts:AssumeRole",),
        DEPLOYING_ROLE, test=_DEVELOPERS, prod=_DEVELOPERS,
    ),
    Right(
        "Deploy",
        "create, change and delete the stacks of this system",
        ("cloudformation:*",),
        STACKS, test=_DEPLOYERS, prod=_DEPLOYERS,
        samples=("cloudformation:DescribeStackEvents", "cloudformation:GetTemplate", "cloudformation:CreateChangeSet",
                 "cloudformation:DeleteStack"),
    ),
    Right(
        "PlanDeployments",
        "see stacks, check templates and the account's limits",
        ("cloudformation:DescribeStacks", "cloudformation:ListStacks", "cloudformation:ValidateTemplate",
         "lambda:GetAccountSettings"),
        test=_DEPLOYERS, prod=_DEPLOYERS,
        samples=("cloudformation:ListStacks", "cloudformation:ValidateTemplate", "lambda:GetAccountSettings"),
    ),
    Right(
        "StageAssets",
        "put templates and code into CDK's staging bucket",
        ("s3:GetBucketLocation", "s3:GetEncryptionConfiguration", "s3:GetObject", "s3:ListBucket", "s3:PutObject"),
        (*STAGING, f"{STAGING[0]}/*"), test=_DEPLOYERS, prod=_DEPLOYERS,
        samples=("s3:PutObject@staging", "s3:GetObject@staging"),
    ),
    Right(
        "MakeUnnamed",
        "create and change resources that AWS names itself or scopes to the account: APIs, the distribution, pools, "
        "layers, log groups, alarms, the tables and queries of access logs",
        (
            "acm:*", "apigateway:*", "athena:*NamedQuer*", "athena:*Tag*",
            "athena:*WorkGroup*", "budgets:*", "cloudfront:*", "cloudwatch:*", "codedeploy:*", "events:*",
            "firehose:*DeliveryStream*", "glue:*Database*", "glue:*Tag*", "glue:*Table", "glue:*Tables",
            "route53:*", "ses:*", "xray:*", "cognito-identity:*", "lambda:*EventSourceMapping*",
            "lambda:*LayerVersion*", "iam:CreateServiceLinkedRole",
            *(f"cognito-idp:{verb}UserPool*" for verb in ("Create", "Delete", "Describe", "Update")),
            *(f"cognito-idp:{verb}Group" for verb in ("Create", "Delete", "Get", "Update")),
            "cognito-idp:*Tag*", "cognito-idp:GetUserPoolMfaConfig", "cognito-idp:SetUserPoolMfaConfig",
            *(f"logs:{verb}LogGroup" for verb in ("Create", "Delete")),
            *(f"logs:{verb}{what}" for verb in ("Delete", "Put")
              for what in ("QueryDefinition", "ResourcePolicy", "RetentionPolicy", "SubscriptionFilter")),
            "logs:*LogDeliver*", "logs:*Tag*", "logs:DescribeQueryDefinitions", "logs:DescribeResourcePolicies",
            "logs:DescribeSubscriptionFilters",
            *(f"wafv2:{verb}WebACL" for verb in ("Associate", "Create", "Delete", "Disassociate", "Get", "Update")),
            "wafv2:*Tag*",
        ),
        test=_DEPLOYERS, prod=_DEPLOYERS,
        samples=("cognito-idp:DescribeUserPoolClient", "events:ListRules", "logs:PutRetentionPolicy",
                 "cloudwatch:PutMetricAlarm", "lambda:ListEventSourceMappings"),
    ),
    Right(
        "MakeRoles",
        "create roles with the boundary, and pass them to services",
        (
            "iam:AttachRolePolicy", "iam:CreateRole", "iam:DeleteRole", "iam:DeleteRolePolicy", "iam:DetachRolePolicy",
            "iam:GetRole", "iam:GetRolePolicy", "iam:ListAttachedRolePolicies", "iam:ListRolePolicies", "iam:PassRole",
            "iam:PutRolePolicy", "iam:TagRole", "iam:UntagRole", "iam:UpdateAssumeRolePolicy", "iam:UpdateRole",
            "iam:UpdateRoleDescription",
        ),
        ROLES, test=_DEPLOYERS, prod=_DEPLOYERS,
        samples=("iam:CreateRole@bounded",),
    ),
    Right(
        "KnowBoundaries",
        "see the boundaries",
        ("iam:GetPolicy", "iam:GetPolicyVersion"),
        BOUNDARIES, test=_DEPLOYERS, prod=_DEPLOYERS,
    ),
    Right("NobodyMakesKeys", "make IAM users and access keys", ("iam:CreateUser", "iam:CreateAccessKey")),
    Right(
        "NobodyIsUnbounded",
        "create a role without the boundary, change or remove a boundary, change the deploying role",
        ("iam:CreateRole", "iam:CreatePolicyVersion", "iam:DeleteRolePermissionsBoundary", "iam:PutRolePolicy"),
        samples=("iam:CreateRole", "iam:CreatePolicyVersion", "iam:DeleteRolePermissionsBoundary",
                 "iam:PutRolePolicy@deployer"),
    ),
)  # fmt: skip

#: Rows of the permissions boundary of the deploying role: a denial there wins over everything that allows.
REFUSALS: Final[tuple[Refusal, ...]] = (
    Refusal(
        "NoUsers",
        "create or change IAM users, groups, keys, identity providers",
        ("iam:*User*", "iam:*Group*", "iam:*AccessKey*", "iam:*LoginProfile*", "iam:*SAMLProvider*",
         "iam:*OpenIDConnectProvider*", "organizations:*", "account:*"),
    ),
    Refusal(
        "NoBoundaryChanges",
        "change the boundaries",
        ("iam:CreatePolicyVersion", "iam:DeletePolicy", "iam:DeletePolicyVersion", "iam:SetDefaultPolicyVersion"),
    ),
    Refusal(
        "NoOwnRights",
        "change the deploying role",
        ("iam:AttachRolePolicy", "iam:DeleteRole", "iam:DeleteRolePolicy", "iam:DetachRolePolicy", "iam:PutRolePolicy",
         "iam:UpdateAssumeRolePolicy"),
        DEPLOYING_ROLE,
    ),
    Refusal(
        "NoUnboundedRoles",
        "create a role without the boundary, or with another one",
        ("iam:CreateRole", "iam:PutRolePermissionsBoundary"),
        bounded_by=BOUNDARIES[0],
    ),
    Refusal("NoBoundaryRemoval", "take the boundary off a role", ("iam:DeleteRolePermissionsBoundary",)),
    Refusal(
        "NoData",
        "read or change people's data",
        (
            "dynamodb:*Item", "dynamodb:Query", "dynamodb:Scan", "dynamodb:PartiQL*", "dynamodb:GetRecords",
            "dynamodb:ExportTableToPointInTime", "sqs:ReceiveMessage", "sqs:SendMessage", "sqs:DeleteMessage",
            "sqs:PurgeQueue", "sns:Publish", "kinesis:Get*", "kinesis:PutRecord*", "kinesis:SubscribeToShard",
            "es:ESHttp*", "lambda:InvokeFunction",
        ),
    ),
    Refusal(
        "NoObjects",
        "read or write media, exports and access logs",
        ("s3:GetObject", "s3:GetObjectVersion", "s3:ListBucket", "s3:PutObject"),
        PRIVATE_BUCKETS,
    ),
    Refusal("NoSecrets", "read secrets, but the one that CloudFormation writes into the distribution",
            ("secretsmanager:GetSecretValue",), PRIVATE_SECRETS),
    Refusal(
        "NoLoss",
        "delete what holds people's data",
        ("dynamodb:DeleteTable", "cognito-idp:DeleteUserPool", "s3:DeleteBucket", "s3:DeleteObject*"),
        (*TABLES, *POOL, *PRIVATE_BUCKETS),
        only_prod=True,
    ),
)  # fmt: skip
