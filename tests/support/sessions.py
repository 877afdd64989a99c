"""boto3 sessions that share only the loaded API descriptions, which are slow to load."""

from __future__ import annotations

import boto3
import botocore.session
from botocore.loaders import Loader, create_loader

_loader: Loader = create_loader()


def new_session() -> boto3.Session:
    """Like ``boto3.Session()``: it uses the environment's credentials at the time of their first use."""
    made = botocore.session.get_session()
    made.register_component("data_loader", _loader)
    return boto3.Session(botocore_session=made)
