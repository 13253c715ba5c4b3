"""Make an issued edition again and judge it."""
