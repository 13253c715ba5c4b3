"""A project: its folder, its parameters, and the words that everything else is made of."""
