"""
The houses that come with baocao; each is found by its entry point, and none is imported by the core.

A house of one's own is a distribution with one object of
:class:`baocao.project.house.House` and an entry point in the group
``baocao.houses``.
"""
