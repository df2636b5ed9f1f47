"""layerscope: what every layer of a container image put there, and what of it is wasted."""

__version__ = "0.1.0"
