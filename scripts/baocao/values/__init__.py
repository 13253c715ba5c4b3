"""Numbers that remember the cells they came from."""
