"""Documents: one Markdown source, rendered to Word, PDF and HTML, and read back as people edit them."""
