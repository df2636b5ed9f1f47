"""What of a growth is worth a line: the steps and the directories that grew most."""

from ..analysis.growth import Growth, LayerGrowth, PathGrowth


def largest_steps(growth: Growth, count: int) -> list[LayerGrowth]:
    """The layers of the image that store more than in the baseline, most first."""
    grown = [one for one in growth.layers if one.after is not None and one.stored > 0]
    return sorted(grown, key=lambda one: -one.stored)[:count]


def largest_places(growth: Growth, count: int) -> list[PathGrowth]:
    """The directories that grew, most first; none where the paths are not known."""
    return [one for one in growth.directories or () if one.growth > 0][:count]
