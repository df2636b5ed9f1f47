"""Everything that is looked for, in the order in which a file goes to the first that fits it."""

from . import package_managers

PATH_RULES = (*package_managers.RULES,)
"""Findings that a path gives away."""
