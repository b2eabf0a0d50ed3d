"""The audit: the ledger's invariants (design §5, assurance §2), read by other hands than those that wrote them."""
