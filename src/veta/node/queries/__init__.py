"""What the node's pages and processes read."""
