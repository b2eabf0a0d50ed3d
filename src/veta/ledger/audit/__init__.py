"""The audit: the ledger's invariants (ADR 0065), read by other hands than those that wrote them."""
