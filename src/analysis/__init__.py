"""From an `Image` to its figures: pure functions over plain data.

Nothing is imported here: the loader needs `model`, and nothing else of it.
"""
