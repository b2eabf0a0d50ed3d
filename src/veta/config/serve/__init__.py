"""`veta serve hub`: one supervisor over web workers, the sequencer and the jobs worker."""

from veta.config.serve.supervisor import Plan, supervise

__all__ = ["Plan", "supervise"]
