"""From an `Image` to its figures: pure functions over plain data (no imports here: the loader needs `model` alone)."""
