"""The interactive explorer: shows an `Analysis`, opens no image. It has an issue of its own."""
