"""Settings of Sphinx for the documentation site. `tools/docs` builds it."""

import sys
from pathlib import Path

from sphinx.application import Sphinx

sys.path.insert(0, str(Path(__file__).parent))
import generated_text
import ppinfer

project = "ppinfer"
author = "the ppinfer authors"
release = version = ppinfer.__version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx_copybutton"]
exclude_patterns = ["README.md"]
nitpicky = False  # annotations name types of NumPy and of the standard library, which are not part of this site

myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3

autodoc_member_order = "bysource"
autodoc_typehints = "description"
autodoc_typehints_description_target = "documented"
python_use_unqualified_type_names = True
default_role = "literal"  # docstrings have code in single backticks

html_theme = "furo"
html_title = "ppinfer"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_sourcelink = False
copybutton_exclude = ".linenos, .gp, .go"


def setup(app: Sphinx) -> None:
    """Let each page say where generated text goes."""
    app.connect("source-read", generated_text.insert)
