"""The documentation's Python runs without a warning, and each chapter is in the index of its part.

What they print is looked at part by part, in `test_guide_*.py`.
"""

import ast
import doctest
import re

import pytest
from scripts import CHAPTERS, printed_by

SCRIPTS = sorted(CHAPTERS.glob("*/*.py"))


def name(script):
    return script.relative_to(CHAPTERS).with_suffix("").as_posix()


@pytest.mark.parametrize("chapter", [name(script) for script in SCRIPTS])
def test_chapter_runs(chapter):
    assert printed_by(chapter)


@pytest.mark.parametrize("script", SCRIPTS, ids=name)
def test_chapter_has_a_label_and_a_title(script):
    doc = ast.get_docstring(ast.parse(script.read_text("utf-8")))
    label, empty, title, underline, *_ = doc.splitlines()
    assert re.fullmatch(r"\.\. _\w+:", label)
    assert empty == ""
    assert underline == "=" * len(title)


@pytest.mark.parametrize("part", sorted({script.parent for script in SCRIPTS}), ids=name)
def test_index_lists_every_chapter(part):
    listed = re.findall(r"^   (\w+)$", (part / "index.rst").read_text("utf-8"), re.M)
    pages = [page.stem for page in part.iterdir() if page.is_file() and page.stem != "index"]
    assert sorted(listed) == sorted(pages)


PAGES = list(CHAPTERS.parent.glob("*.rst")) + sorted(CHAPTERS.glob("*/*.rst"))


@pytest.mark.parametrize(
    "page", PAGES, ids=lambda page: page.relative_to(CHAPTERS.parent).as_posix()
)
def test_doctests_of_a_page(page):
    text = page.read_text("utf-8")
    assert "code-block:: python" not in text  # doctests are run, such blocks are not
    failed, tried = doctest.testfile(str(page), module_relative=False)
    assert failed == 0
    assert tried == text.count(">>> ")
