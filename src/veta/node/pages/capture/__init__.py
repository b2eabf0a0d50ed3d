"""One page for each kind of movement, all of one table: what is asked, in which words, and where each answer goes."""
