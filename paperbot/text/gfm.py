"""Markdown -> HTML by GitHub's own renderer, before GitHub's clean-up removes anything."""

from cmarkgfm.cmark import Options, markdown_to_html_with_extensions

_EXTENSIONS = ("table", "autolink", "strikethrough", "tasklist")
_OPTIONS = Options.CMARK_OPT_UNSAFE | Options.CMARK_OPT_FOOTNOTES | Options.CMARK_OPT_GITHUB_PRE_LANG


def gfm_html(markdown: str) -> str:
    """Raw HTML and dangerous links stand as they are."""
    return str(markdown_to_html_with_extensions(markdown, _OPTIONS, _EXTENSIONS))


def gfm_html_with_lines(markdown: str) -> str:
    """The same with `data-sourcepos`, where each block began."""
    options = _OPTIONS | Options.CMARK_OPT_SOURCEPOS
    return str(markdown_to_html_with_extensions(markdown, options, _EXTENSIONS))
