"""The node's pages, by task."""
