"""The commands that are first words, such as `build`; each waits for nothing that others need."""
