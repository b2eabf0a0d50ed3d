"""What a movement is and what is decided of it: pure, without clock or database."""
