"""Settings of Sphinx for the site, the man page and the EPUB. ``website/build.py`` puts the pages together."""

from pathlib import Path

from docutils import nodes
from pygments.lexers.special import TextLexer
from sphinx.application import Sphinx

from primanota import __version__
from website.accessible import improve

project = "Primanota"
author = "The Primanota authors"
copyright = author  # noqa: A001 - Sphinx's name; without a year, so that each build has the same bytes
release = version = __version__
language = "en"

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
root_doc = "index"
source_suffix = {".md": "markdown"}
myst_heading_anchors = 4  # the fragments that GitHub gives to headings
myst_links_external_new_tab = False

autodoc_typehints = "signature"
autodoc_preserve_defaults = True
autodoc_member_order = "bysource"
autodoc_class_signature = "separated"
python_use_unqualified_type_names = True
python_maximum_signature_line_length = 88
add_module_names = False
toc_object_entries = False

html_theme = "furo"
html_title = f"Primanota {__version__}"
html_static_path = ["static"]
html_css_files = ["site.css"]
html_js_files = ["site.js"]
html_copy_source = False
html_show_sourcelink = False
html_show_copyright = False
html_theme_options = {"navigation_with_keys": False}
pygments_style = "default"
pygments_dark_style = "github-dark"

today = project  # the man page has it where others have a day, so that each build has the same bytes
man_pages = [("docs/commands", "primanota", "the book of first entry, from Qonto or statement files", "", 1)]
epub_title = project
epub_show_urls = "no"
epub_exclude_files = ["search.html"]
epub_basename = "primanota"


def setup(app: Sphinx) -> None:
    """Show CSV as text, since Pygments has no lexer for it; improve the pages when they are written."""
    app.add_lexer("csv", TextLexer)
    app.connect("doctree-resolved", _without_links)
    app.connect("build-finished", _improve)


def _without_links(app: Sphinx, page: nodes.document, _: str) -> None:
    """Leave links to other pages out of the man page, which has none to go to."""
    if app.builder.name == "man":
        for link in [*page.findall(nodes.reference)]:
            if link.get("internal") or "refid" in link:
                link.replace_self(link.children)


def _improve(app: Sphinx, error: Exception | None) -> None:
    if app.builder.name == "html" and not error:
        improve(Path(app.outdir))
