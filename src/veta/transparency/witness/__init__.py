"""A witness of the log (C2SP tlog-witness): anyone's process, on the verifier's code, with nothing of who writes."""
