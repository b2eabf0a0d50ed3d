"""Who verifies the log, from the texts alone: RFC 6962, C2SP, `docs/log.md`. It shares no code with who writes it.

An import contract holds that. Signatures are checked by libsodium and canonical JSON is `rfc8785`'s, where the writer
uses OpenSSL and its own; trees, notes and digests are written here a second time.
"""
