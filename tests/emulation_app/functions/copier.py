"""Consumer of the table's stream: one object for each note."""

from __future__ import annotations

import os
from typing import Any

import boto3

S3 = boto3.client("s3")


def handler(event: dict[str, Any], context: object) -> None:
    for record in event["Records"]:
        note = record["dynamodb"]["NewImage"]
        S3.put_object(Bucket=os.environ["BUCKET"], Key=note["id"]["S"], Body=note["text"]["S"].encode())
