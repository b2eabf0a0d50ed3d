"""`veta serve hub`: one supervisor over web workers, the sequencer, the log's publisher and the jobs worker."""

from veta.config.serve.supervisor import Plan, supervise

__all__ = ["Plan", "supervise"]
