"""`veta serve`: one supervisor over the web workers and the other processes of a deployment."""

from veta.config.serve.home import Home
from veta.config.serve.supervisor import Plan, supervise

__all__ = ["Home", "Plan", "supervise"]
