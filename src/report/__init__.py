"""Writers of an `Analysis`: one file per format, none of them with terminal control."""
