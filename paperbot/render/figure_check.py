"""What a page says about the check of a summary's figures."""

from paperbot.model import Grounding, Summary
from paperbot.text import FigureMarks

MOSTLY_MISSING = "most of this summary's figures are not in the paper: read with care"


def figure_marks(summary: Summary, pdf_url: str) -> FigureMarks:
    """The marks beside the figures; `pdf_url` is the PDF of the version that the model read."""
    grounding = summary.grounding
    if grounding is None:
        return FigureMarks()
    return FigureMarks(grounding.missing, grounding.other_row, tuple(grounding.pages.items()), pdf_url)


def figure_check_text(grounding: Grounding | None) -> str:
    """How much is proved, for example "18 of 18 exact figures found; 14 short ones prove little".

    Empty where no figure was checked.
    """
    if grounding is None or not grounding.checked:
        return ""
    if grounding.exact_found is None:  # of an older release, which did not tell exact figures from short ones
        return f"{grounding.found} of {_counted(grounding.checked, 'figure')} found in the paper"
    parts = []
    if grounding.exact_checked:
        exact = _counted(grounding.exact_checked, "exact figure")
        parts.append(f"{grounding.exact_found} of {exact} found in the paper")
    found = grounding.found - grounding.exact_found
    checked = grounding.checked - grounding.exact_checked - len(grounding.worked_out)
    if checked:
        short = _counted(checked, "short one" if parts else "short figure")
        are_all_found = found == checked and parts
        parts.append(
            f"{short} prove{'s' * (checked == 1)} little" if are_all_found else f"{found} of {short} found"
        )
    if grounding.worked_out:
        parts.append(f"{len(grounding.worked_out)} worked out from others")
    return "; ".join(parts)


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'s' * (number != 1)}"
