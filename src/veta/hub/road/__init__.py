"""What whoever stops a truck may see of a dispatch: its page by a code, its paper, and the state of each document."""
