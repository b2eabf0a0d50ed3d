"""Reads of the hub for who stands above it: the document of its API."""

import json

from veta.hub.api.app import api


def openapi_document() -> str:
    """The OpenAPI document, as committed and as served."""
    return json.dumps(api.get_openapi_schema(), ensure_ascii=False, indent=1) + "\n"
