"""Settings of tools and tests, which look at both deployments: the hub's, with the node's tables."""

from pathlib import Path

from veta.config.settings import *  # noqa: F403 - the same, and one application more
from veta.config.settings import INSTALLED_APPS as _HUB_APPS
from veta.config.settings import VETA_HOME

INSTALLED_APPS = [*_HUB_APPS]
INSTALLED_APPS.insert(INSTALLED_APPS.index("veta.site"), "veta.node")
NODE_OPERATOR = "DEMO-OTTM-1"
NODE_HUB_URL = "http://127.0.0.1:1"
NODE_HOME: Path = VETA_HOME / "node"
NODE_HUB_ORIGIN = NODE_WEBHOOK_URL = ""
