"""Where Enter leads from a difference between two images: a place in the second one, or why there is none."""

from ..analysis.analyze import Analysis
from ..analysis.comparison import FindingDifference, StepDifference
from ..analysis.comparison_config import ConfigDifference
from ..analysis.comparison_files import Difference, FileDifference
from ..analysis.comparison_lists import Row
from ..analysis.comparison_packages import PackageDifference
from ..analysis.growth import PathGrowth
from ..analysis.view import Scope
from .compare_details import finding_of
from .session import Jump


def target(row: Row, after: Analysis) -> Jump | str:
    """The place in the second image, `after`; or a sentence."""
    match row:
        case StepDifference():
            if row.growth.after is None:
                return "Only the first image has this step."
            return Jump(row.growth.after, b"", Scope.CHANGES)
        case PathGrowth():
            if row.layer is None:
                return "Only the first image stores something here."
            return Jump(row.layer, row.path, Scope.CHANGES)
        case PackageDifference():
            if row.kind is Difference.REMOVED:
                return "Only the first image has this package."
            if row.layer is None or not row.path:
                return "This package has no files that hold anything."
            return Jump(row.layer, row.path, Scope.FINAL)
        case FileDifference():
            if row.kind is Difference.REMOVED:
                return "Only the first image has this file."
            return Jump(max(row.layer, 0), row.path, Scope.FINAL)
        case ConfigDifference():
            return "Settings are in no file: in the explorer, the key I shows them."
        case FindingDifference():
            return _finding(row, after)


def _finding(row: FindingDifference, after: Analysis) -> Jump | str:
    """The largest place of it."""
    found = None if row.kind is Difference.REMOVED else finding_of(after, row)
    if found is None:
        return "Only in the first image this was to be changed."
    layer = next(iter(found.layers), None)
    place = next((one for one in found.evidence if one.path), None)
    if place is not None and place.layer is not None:
        return Jump(place.layer, place.path, Scope.CHANGES)
    if layer is None:
        return "No layer holds this: it is in the configuration of the image."
    return Jump(layer, b"" if place is None else place.path, Scope.CHANGES)
