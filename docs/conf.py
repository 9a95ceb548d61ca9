"""Settings of Sphinx for the documentation site. `tools/docs` builds it."""

import sys
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.ext.napoleon import Config, GoogleDocstring

sys.path.insert(0, str(Path(__file__).parent))
import generated_text
import ppinfer

project = "ppinfer"
release = version = ppinfer.__version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx_copybutton"]
nitpicky = False  # annotations name types of NumPy and of the standard library, which are not part of this site

myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3

autodoc_mock_imports = ["ray", "pyarrow"]  # of the extra ray; docstrings need neither
autodoc_member_order = "bysource"
autodoc_typehints = "description"
autodoc_typehints_description_target = "documented"
python_use_unqualified_type_names = True
smartquotes = False  # they turn --flag into a dash
default_role = "literal"  # docstrings have code in single backticks

html_theme = "furo"
html_title = "ppinfer"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_show_copyright = False
html_copy_source = False
html_show_sourcelink = False
copybutton_exclude = ".linenos, .gp, .go"


def read_google_style(app: Sphinx, what: str, name: str, thing: object, options: object, lines: list[str]) -> None:
    """Turn Args, Returns and Raises into fields, as the extension napoleon does.

    The extension also takes the text before a colon in a property's docstring for a type; these docstrings are prose.
    """
    if what not in ("property", "attribute"):
        lines[:] = GoogleDocstring(lines, Config(), app, what=what, name=name, obj=thing, options=options).lines()


def setup(app: Sphinx) -> None:
    """Fill in generated text, and read the docstrings."""
    app.connect("source-read", generated_text.insert)
    app.connect("autodoc-process-docstring", read_google_style)
