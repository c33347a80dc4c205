"""Markdown -> HTML by GitHub's own renderer, before GitHub's clean-up removes anything."""

import ctypes
from collections.abc import Callable
from functools import cache

from cmarkgfm import cmark
from cmarkgfm.cmark import Options

_EXTENSIONS = ("table", "autolink", "strikethrough", "tasklist")
OPTIONS = Options.CMARK_OPT_UNSAFE | Options.CMARK_OPT_FOOTNOTES | Options.CMARK_OPT_GITHUB_PRE_LANG
OPTIONS_WITH_LINES = OPTIONS | Options.CMARK_OPT_SOURCEPOS
"""The same with `data-sourcepos`, where each block began."""


def gfm_html(markdown: str, options: int = OPTIONS) -> str:
    """Raw HTML and dangerous links stand as they are.

    As `cmark.markdown_to_html_with_extensions` does, which leaks 60 times the document's size:
    cmarkgfm 2025.10.22 frees neither the syntax tree nor the HTML.
    """
    library = cmark._cmark
    cmark.core_extensions_ensure_registered()
    parser = cmark.parser_new(options)
    try:
        for name in _EXTENSIONS:
            cmark.parser_attach_syntax_extension(parser, cmark.find_syntax_extension(name))
        cmark.parser_feed(parser, markdown)
        root = cmark.parser_finish(parser)
        html = library.lib.cmark_render_html(root, options, cmark.parser_get_syntax_extensions(parser))
        text = str(library.ffi.string(html).decode("utf-8"))
        _free_function("free")(html)
        _free_function("cmark_node_free")(root)
    finally:
        cmark.parser_free(parser)
    return text


@cache
def _free_function(name: str) -> Callable[[object], None]:
    """A function of cmark's library; one that does nothing where the library hides it."""
    try:
        function = getattr(ctypes.CDLL(cmark._cmark.__file__), name)
    except (OSError, AttributeError):
        return lambda _: None
    function.argtypes, function.restype = [ctypes.c_void_p], None
    return lambda pointer: function(int(cmark._cmark.ffi.cast("uintptr_t", pointer)))
