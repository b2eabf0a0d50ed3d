"""Django settings of the node: the hub's, with the node's own applications, addresses, permissions and sign-in.

`veta.config.node_environment.in_node` sets home, database and origin first: nothing of the node lies in the hub's.
"""

import os

from veta.config.settings import *  # noqa: F403 - a deployment is the same site with other applications
from veta.config.settings import CSRF_COOKIE_NAME as _HUB_CSRF
from veta.config.settings import INSTALLED_APPS as _HUB_APPS
from veta.config.settings import MIDDLEWARE as _HUB_LAYERS
from veta.config.settings import SESSION_COOKIE_NAME as _HUB_SESSION
from veta.config.settings import VETA_HOME

INSTALLED_APPS = [
    "veta.node" if app == "veta.site" else app for app in _HUB_APPS if not app.startswith("veta.") or app == "veta.site"
]
INSTALLED_APPS.insert(INSTALLED_APPS.index("veta.node") + 1, "veta.site")
# Around the table of permissions, whose refusals it sees.
MIDDLEWARE = [*_HUB_LAYERS[:-1], "veta.node.revoked.SaysRevoked", _HUB_LAYERS[-1]]
ROOT_URLCONF = "veta.config.node_urls"
DOORS = []
DEPLOYMENT = "veta.node.deployment.NODE"
LOGIN_REDIRECT_URL = "home"
# A cookie's host has no port: hub and node on one machine would end each other's sessions.
SESSION_COOKIE_NAME = _HUB_SESSION.replace("veta_", "veta_node_")
CSRF_COOKIE_NAME = _HUB_CSRF.replace("veta_", "veta_node_")

# Which operator this node is, where its hub answers, and that hub's public origin where it is another address.
NODE_OPERATOR = os.environ.get("VETA_NODE_OPERATOR", "")
NODE_HUB_URL = os.environ.get("VETA_HUB_URL", "http://127.0.0.1:8600")
NODE_HUB_ORIGIN = os.environ.get("VETA_HUB_ORIGIN", "")
# Where the hub is told to call with events: this node's own address, as the hub sees it.
NODE_WEBHOOK_URL = os.environ.get("VETA_NODE_WEBHOOK_URL", "")
NODE_HOME = VETA_HOME
