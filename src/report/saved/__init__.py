"""A JSON report read back: an analysis without its image."""
