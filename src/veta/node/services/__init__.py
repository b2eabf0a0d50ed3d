"""What the node writes, one transaction each."""
