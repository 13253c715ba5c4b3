"""What the notebook of a section calls, and what it carries out."""
