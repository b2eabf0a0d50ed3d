"""Pure words and formats of the certificates: what they say, how they are signed, and how anybody checks them."""
