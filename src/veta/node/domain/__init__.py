"""What the node decides by itself, without database, clock or network."""
