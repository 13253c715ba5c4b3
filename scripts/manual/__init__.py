"""Pictures of the manual, taken of the program itself: ``python -m manual`` writes them to ``docs/hinh``."""
