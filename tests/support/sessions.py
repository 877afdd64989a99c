"""Sessions of boto3 that know nothing of each other but the descriptions of AWS's APIs, which take long to load."""

from __future__ import annotations

import boto3
import botocore.session
from botocore.loaders import Loader, create_loader

_loader: Loader = create_loader()


def new_session() -> boto3.Session:
    """As ``boto3.Session()``: with the credentials that the environment holds when they are first needed."""
    made = botocore.session.get_session()
    made.register_component("data_loader", _loader)
    return boto3.Session(botocore_session=made)
