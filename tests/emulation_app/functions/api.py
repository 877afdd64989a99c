"""``POST /notes`` with a text; ``GET /copies/{id}``."""

from __future__ import annotations

import json
import os
import uuid
from typing import Any

import boto3
from botocore.exceptions import ClientError

TABLE = boto3.resource("dynamodb").Table(os.environ["TABLE"])
S3 = boto3.client("s3")


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    if event["requestContext"]["http"]["method"] == "POST":
        note = {"id": uuid.uuid4().hex, "text": event["body"], "region": os.environ["AWS_REGION"]}
        TABLE.put_item(Item=note)
        return {"statusCode": 201, "body": json.dumps(note)}
    try:
        found = S3.get_object(Bucket=os.environ["BUCKET"], Key=event["rawPath"].removeprefix("/copies/"))
    except ClientError as error:
        return {"statusCode": 404, "body": error.response["Error"]["Code"]}
    return {"statusCode": 200, "body": found["Body"].read().decode()}
