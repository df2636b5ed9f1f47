"""`python -m layerscope`."""

from .cli import main

main()
