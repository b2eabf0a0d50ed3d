"""The node's automatic port for the test format (docs/conformance.md): its real parts, asked over HTTP and killed."""
