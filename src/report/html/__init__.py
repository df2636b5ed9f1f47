"""The page that holds a whole report, with nothing to load from elsewhere."""
