"""What may be done in a call: each command looks at the call as it stands and drafts one event, or refuses."""
