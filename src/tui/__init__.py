"""The explorer: shows an `Analysis` in a terminal. It opens no image; the command line hands it a loader."""
