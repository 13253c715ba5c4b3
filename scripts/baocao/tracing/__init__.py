"""The record from mentions back to cells."""
