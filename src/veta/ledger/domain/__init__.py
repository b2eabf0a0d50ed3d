"""Pure words and arithmetic of the ledger: accounts, postings, origins and compositions. It knows no law."""
