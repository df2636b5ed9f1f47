"""How two images differ, as text, as Markdown and as JSON."""
