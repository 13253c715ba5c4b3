"""The copy of an edition that came back signed: whose signature it bears, and what else is not as issued."""
