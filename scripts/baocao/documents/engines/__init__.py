"""Engines that render one Markdown source."""
