"""What must hold between the numbers of a period, and what it says."""
