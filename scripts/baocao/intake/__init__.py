"""What comes in: blank workbooks that go out, submissions that come back, who is due, what is returned."""
