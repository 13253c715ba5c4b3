"""What people are shown of each result, as lines; every ``format_*`` returns text and prints nothing."""
