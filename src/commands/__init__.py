"""The commands that are first words: `build`, `cache`, `init`; each waits for nothing that others need."""
