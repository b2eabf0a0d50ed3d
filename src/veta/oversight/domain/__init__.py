"""The validation of a title as values: its steps, its outcome, its petition; and who is bound and linked to nobody."""
