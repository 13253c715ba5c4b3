"""A period from raw files to finished reports."""
