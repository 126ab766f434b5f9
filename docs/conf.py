"""How Sphinx builds the site: `python -m sphinx -W -n docs docs/_build/html`."""

import os
from pathlib import Path

from sphinx_gallery.sorting import ExplicitOrder

import sk_xavier

# Drawn to files, and the same whatever the machine's settings are.
os.environ["MPLBACKEND"] = "Agg"

project = "sk_xavier"
author = "The sk_xavier developers"
copyright = author  # noqa: A001
version = release = sk_xavier.__version__

extensions = [
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.intersphinx",
    "sphinx.ext.mathjax",
    "sphinx-mathjax-offline",  # the site needs no other host
    "numpydoc",
    "sphinx_gallery.gen_gallery",
    "sphinx_copybutton",
    "sphinx_design",
    "myst_parser",
]

# -- Sources ---------------------------------------------------------------------------------------

# Chapters and examples are scripts: the gallery runs them and writes pages into these folders.
GALLERIES = {
    "chapters/start": "start",
    "chapters/guide": "guide",
    "chapters/coming_from": "coming_from",
    "chapters/faq": "faq",
    "../examples": "auto_examples",
}

root_doc = "index"
exclude_patterns = ["_build", "chapters", "inventories"]
exclude_patterns += [f"{folder}/**.ipynb" for folder in GALLERIES.values()]
templates_path = ["_templates"]
nitpicky = True
suppress_warnings = ["config.cache"]  # functions in the settings of the gallery

myst_heading_anchors = 3

# The inventory is a file here, so that a build needs no network.
intersphinx_mapping = {"sklearn": ("https://scikit-learn.org/stable/", "inventories/sklearn.inv")}

# -- API -------------------------------------------------------------------------------------------

smartquotes = False  # default='' is two single quotes
autosummary_generate = True
autodoc_typehints = "none"  # the docstrings have them in words

numpydoc_show_class_members = False
numpydoc_xref_param_type = False
# The build fails where a docstring on the API's pages fails one of numpydoc's checks but these.
numpydoc_validation_checks = {
    "all",
    "ES01",  # no extended summary: not all need one
    "EX01",  # no example: tests/test_docstrings.py asks them of classes and functions, not methods
    "GL02",  # where quotes close: it does not know docstrings of attributes
    "GL08",  # no docstring: it does not know inherited ones
    "RT02",  # names of what is returned: scikit-learn has them too
    "SA01",  # no See Also
    "SS02",  # no capital letter: formulas are summaries of activations
}

# -- Gallery ---------------------------------------------------------------------------------------

sphinx_gallery_conf = {
    "examples_dirs": list(GALLERIES),
    "gallery_dirs": list(GALLERIES.values()),
    "filename_pattern": r"\.py$",  # all of them are run
    "copyfile_regex": r"(?!GALLERY_HEADER|README).*\.(rst|md)",  # indices, and pages without code
    "nested_sections": True,
    "subsection_order": ExplicitOrder(
        [
            f"../examples/{question}"
            for question in (
                "first_steps",
                "why_the_start_matters",
                "which_start_to_choose",
                "what_went_wrong",
                "beyond_mlpclassifier",
            )
        ]
    ),
    "within_subsection_order": "FileNameSortKey",
    "doc_module": ("sk_xavier",),
    "backreferences_dir": "api/backreferences",
    "reference_url": {"sk_xavier": None},
    "abort_on_example_error": True,
    "download_all_examples": False,
    "default_thumb_file": str(Path(__file__).parent / "_static" / "logo.svg"),
    "show_signature": False,
    "write_computation_times": False,  # their pages need other hosts
    "remove_config_comments": True,
    "min_reported_time": 10_000,
    "parallel": 2,
}

# -- Look ------------------------------------------------------------------------------------------

html_theme = "pydata_sphinx_theme"
html_title = "sk_xavier"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_logo = html_favicon = "_static/logo.svg"
html_copy_source = False
html_show_sourcelink = False
toc_object_entries_show_parents = "hide"
html_context = {"default_mode": "auto"}  # without it, the theme's script reports an error
html_theme_options = {
    "logo": {"text": "sk_xavier"},
    "header_links_before_dropdown": 6,
    "navigation_with_keys": False,
    "show_toc_level": 2,
    "secondary_sidebar_items": ["page-toc"],
    "footer_start": ["copyright"],
    "footer_end": ["sphinx-version"],
    "show_prev_next": True,
}
copybutton_prompt_text = r">>> |\.\.\. |\$ "
copybutton_prompt_is_regexp = True
