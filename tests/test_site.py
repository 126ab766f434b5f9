"""The built site in Chromium, as wide as a phone and as a desk.

Every page fits, is quiet, works without another host, and its links and images answer; the search,
the menu, the copy buttons and the dark colours work. The pages must have been built:

    python -m sphinx -W -n docs docs/_build/html
    python -m pytest -m browser

The environment may name another folder (SITE), the browser (CHROMIUM), and a folder that gets
pictures of the pages (SCREENSHOTS).
"""

import functools
import http.server
import os
import re
import shutil
import sys
import threading
import urllib.error
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urldefrag, urlsplit

import pytest

pytestmark = pytest.mark.browser

PHONE, DESK = 390, 1280
WIDTHS = [PHONE, DESK]
SITE = Path(__file__).parent.parent / "docs" / "_build" / "html"
CHROMIUMS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Whatever a page asks another host for fails here as it would without a network.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]

# What may scroll sideways: code, outputs, tables and formulas, each in a box of its own.
BOXES = """pre, div.highlight, .pst-scrollable-table-container, .output_subarea,
           div.math, span.math, mjx-container"""

# What leads to a page, with its title.
ENTRY = "a, .sphx-glr-thumbcontainer"

HELPERS = """
const WHITE = [255, 255, 255, 1];
const text = e => (e.textContent || "").trim().replace(/\\s+/g, " ").slice(0, 40);
function name(e) {
  const classes = [...e.classList].slice(0, 3).map(c => "." + c).join("");
  const section = e.closest("section[id], dt[id]");
  const where = section && section !== e ? ` in #${section.id}` : "";
  return `<${e.localName}${e.id ? "#" + e.id : ""}${classes}> "${text(e)}"${where}`;
}
const shown = e => e.checkVisibility({ visibilityProperty: true, opacityProperty: true });
const style = e => getComputedStyle(e);
"""

# The elements that make the page, or a box that should not, wider than it is.
FITS = """
function innermost(box, right) {
  const wide = [...box.querySelectorAll("*")].filter(e => {
    const r = e.getBoundingClientRect();
    return r.width > 0 && r.right > right + 1 && !e.parentElement.closest(BOXES);
  });
  return wide.filter(e => !wide.some(other => other !== e && e.contains(other)))
             .slice(0, 3).map(name).join(", ");
}
function fits() {
  const found = [], root = document.documentElement, width = root.clientWidth;
  if (root.scrollWidth > width)
    found.push(`scrolls to ${root.scrollWidth} px: ${innermost(document.body, width)}`);
  for (const e of document.body.querySelectorAll("*")) {
    if (e.clientWidth < 2 || e.scrollWidth <= e.clientWidth + 1 || !shown(e)) continue;
    const { overflowX, textOverflow } = style(e);
    if (overflowX === "visible" || e.closest("svg, select, input, mjx-container *")) continue;
    const inside = innermost(e, e.getBoundingClientRect().left + e.clientWidth);
    if (/auto|scroll/.test(overflowX)) {
      if (!e.closest(BOXES)) found.push(`${name(e)} scrolls: ${inside}`);
    } else if (textOverflow !== "ellipsis") found.push(`${name(e)} is cut off: ${inside}`);
  }
  return found;
}
"""

# The diagrams of estimators are scikit-learn's, and so are their colours, buttons and warnings.
LEFT_OUT = "script, style, svg, [disabled], .sk-top-container"
WARNINGS_LEFT_OUT = ("Expected copy-paste icon is missing from the DOM structure",)

# Text whose contrast is below the 4.5 (large: 3) of WCAG 2.2, 1.4.3.
CONTRAST = """
const pixel = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
const parsed = new Map();
function rgba(color) {
  if (!parsed.has(color)) {
    pixel.clearRect(0, 0, 1, 1);
    pixel.fillStyle = color;
    pixel.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = pixel.getImageData(0, 0, 1, 1).data;
    parsed.set(color, [r, g, b, a / 255]);
  }
  return parsed.get(color);
}
const over = (top, below) =>
  [0, 1, 2].map(i => top[i] * top[3] + below[i] * (1 - top[3])).concat(1);
function background(e) {
  if (!e) return WHITE;
  const color = rgba(style(e).backgroundColor);
  return color[3] === 1 ? color : over(color, background(e.parentElement));
}
function luminance(color) {
  const [r, g, b] = color.slice(0, 3).map(c => c / 255)
    .map(c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
function contrast() {
  const found = new Set(), texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const e = texts.currentNode.parentElement;
    if (!texts.currentNode.data.trim() || !shown(e) || e.closest(LEFT_OUT))
      continue;
    const { color, fontSize, fontWeight } = style(e), size = parseFloat(fontSize);
    const below = background(e);
    const both = [luminance(over(rgba(color), below)), luminance(below)];
    const [dark, light] = both.sort((a, b) => a - b);
    const least = size >= 24 || (size >= 18.66 && fontWeight >= 700) ? 3 : 4.5;
    const ratio = (light + 0.05) / (dark + 0.05);
    if (ratio < least) found.add(`contrast ${ratio.toFixed(2)} < ${least}: ${name(e)}`);
  }
  return [...found].slice(0, 5);
}
"""

LOOK = """
async () => {
  await window.MathJax?.startup?.promise;
  await document.fonts.ready;
  const still = document.createElement("style");
  still.textContent = "* { transition: none !important }";
  document.head.append(still);
  const images = [...document.images];
  for (const image of images) {
    image.loading = "eager";
    await image.decode().catch(() => {});
  }
  const seen = {
    title: document.title,
    lang: document.documentElement.lang,
    headings: [...document.querySelectorAll("h1, h2, h3, h4, h5, h6")].filter(shown).map(
      e => [Number(e.localName[1]), text(e)]),
    ids: [...document.querySelectorAll("[id], a[name]")].map(e => e.id || e.name),
    links: [...document.querySelectorAll("[href], [src]")].filter(e => !e.closest("svg")).map(e => {
      const attribute = e.hasAttribute("href") ? "href" : "src";
      return [e.getAttribute(attribute), e[attribute], name(e)];
    }),
    images: images.map(e => ({
      name: `${e.getAttribute("src")}`,
      width: e.naturalWidth,
      // Without words of its own, a picture is an ornament of the entry that it is in.
      told: e.hasAttribute("alt") && (e.alt || e.closest(ENTRY)?.innerText || "").trim() !== "",
    })),
    plainMath: [...document.querySelectorAll(".math")].filter(
      e => !e.querySelector("mjx-container")).map(name),
    wrongMath: [...document.querySelectorAll("mjx-merror, [data-mjx-error]")].map(name),
    small: [...document.querySelectorAll("button, summary, input")].filter(shown).filter(e => {
      if (e.closest(LEFT_OUT)) return false;
      const { width, height } = e.getBoundingClientRect();
      return width > 1 && (width < 24 || height < 24);  // 1: for screen readers alone
    }).map(name),
    prompts: document.querySelector("pre .gp") !== null,
    figures: document.querySelector("img.sphx-glr-single-img") !== null,
    tables: document.querySelector(".output_subarea table") !== null,
    fits: fits(),
    light: contrast(),
  };
  const theme = document.documentElement.dataset.theme;
  document.documentElement.dataset.theme = "dark";
  seen.dark = contrast();
  document.documentElement.dataset.theme = theme;
  still.remove();
  return seen;
}
"""
SCRIPT = f"""(() => {{
const BOXES = `{BOXES}`, ENTRY = `{ENTRY}`, LEFT_OUT = `{LEFT_OUT}`;
{HELPERS} {FITS} {CONTRAST}
return (%s)();
}})()"""


class Handler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def list_directory(self, _path):
        self.send_error(404, "A folder without a page")


class Server(http.server.ThreadingHTTPServer):
    def handle_error(self, request, address):
        """Chromium hangs up on what the page before had asked for."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, address)


@contextmanager
def served(folder):
    """The address at which the files of `folder` answer."""
    server = Server(("127.0.0.1", 0), functools.partial(Handler, directory=folder))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@functools.cache
def answer(url):
    """The status that a URL is answered with, asked for once."""
    try:
        with urllib.request.urlopen(
            urllib.request.Request(url, method="HEAD"), timeout=20
        ) as reply:
            return reply.status
    except urllib.error.HTTPError as error:
        error.close()
        return error.code


@dataclass
class Site:
    folder: Path
    address: str

    @property
    def pages(self):
        found = (page.relative_to(self.folder) for page in self.folder.rglob("*.html"))
        return sorted(page.as_posix() for page in found if page.parts[0] != "_static")


@dataclass
class Tab:
    """A page of the browser, and what it complained of since it was last asked."""

    page: object
    site: Site
    complaints: list = field(default_factory=list)

    def __post_init__(self):
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.complaints.append(f"uncaught: {error}"))
        self.page.on("requestfailed", lambda request: self._failed(request))
        self.page.on("request", self._request)
        self.page.on("response", self._response)

    def _console(self, message):
        if message.type in ("error", "warning") and message.text not in WARNINGS_LEFT_OUT:
            self.complaints.append(f"console {message.type}: {message.text}")

    def _failed(self, request):
        # Chromium gives up loading what a page asked for when the next page is opened.
        if request.failure != "net::ERR_ABORTED":
            self.complaints.append(f"request failed: {request.url} ({request.failure})")

    def _request(self, request):
        if not request.url.startswith((self.site.address, "data:", "blob:")):
            self.complaints.append(f"request to another host: {request.url}")

    def _response(self, response):
        if response.status >= 400:
            self.complaints.append(f"status {response.status}: {response.url}")

    def open(self, path):
        self.complaints.clear()
        self.page.goto(self.site.address + path, wait_until="load")

    def run(self, function):
        return self.page.evaluate(SCRIPT % function)

    def look(self, path):
        self.open(path)
        return {"page": path, **self.run(LOOK), "complaints": list(self.complaints)}

    def picture(self, name):
        """Save the whole page as a picture if they are asked for."""
        if folder := os.environ.get("SCREENSHOTS"):
            Path(folder).mkdir(parents=True, exist_ok=True)
            self.page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


@contextmanager
def tab(browser, site, width, scheme="light"):
    with browser.new_context(
        viewport={"width": width, "height": 844},
        color_scheme=scheme,
        reduced_motion="reduce",
        permissions=["clipboard-read", "clipboard-write"],
    ) as context:
        page = context.new_page()
        page.set_default_timeout(20_000)
        yield Tab(page, site)


# -- What can be wrong with a page: each returns complaints ----------------------------------------


def fits(_site, looks):
    return [(look["page"], found) for look in looks for found in look["fits"]]


def quiet(_site, looks):
    return [(look["page"], found) for look in looks for found in look["complaints"]]


def links(site, looks):
    ids = {site.address + look["page"]: set(look["ids"]) for look in looks}
    for look in looks:
        for raw, url, element in look["links"]:
            target, fragment = urldefrag(url)
            scheme = urlsplit(url).scheme
            if raw.startswith("/") or scheme == "file":
                yield look["page"], f"absolute path: {raw}, {element}"
            elif scheme not in ("http", "https", "mailto", "data"):
                yield look["page"], f"unknown kind of link: {raw}, {element}"
            elif target.startswith(site.address):
                path = target.partition("?")[0]
                path += "index.html" * path.endswith("/")
                if (status := answer(path)) != 200:
                    yield look["page"], f"{status}: {raw}, {element}"
                elif fragment and path in ids and unquote(fragment) not in ids[path]:
                    yield look["page"], f"no such fragment: {raw}, {element}"


def images(_site, looks):
    for look in looks:
        for image in look["images"]:
            if not image["width"]:
                yield look["page"], f"image did not load: {image['name']}"
            if not image["told"]:
                yield look["page"], f"image without alt text: {image['name']}"


def math(_site, looks):
    for look in looks:
        for element in look["plainMath"]:
            yield look["page"], f"formula is not drawn: {element}"
        for element in look["wrongMath"]:
            yield look["page"], f"formula is wrong: {element}"


def headings(_site, looks):
    for look in looks:
        tops = [text for level, text in look["headings"] if level == 1]
        if len(tops) != 1 or not tops[0]:
            yield look["page"], f"h1 is not one: {tops}"
        levels = [level for level, _ in look["headings"]]
        for above, (level, text) in zip(levels, look["headings"][1:], strict=False):
            if level > above + 1:
                yield look["page"], f"h{level} after h{above}: {text}"
        if not look["title"].strip():
            yield look["page"], "no title"
        if look["lang"] != "en":
            yield look["page"], f"language {look['lang']!r}"


def contrast(_site, looks):
    for look in looks:
        for scheme in ("light", "dark"):
            for found in look[scheme]:
                yield look["page"], f"{scheme}: {found}"


def targets(_site, looks):
    """Buttons are large enough for a finger: 24 px, WCAG 2.2, 2.5.8."""
    for look in looks:
        for element in look["small"]:
            yield look["page"], f"smaller than 24 px: {element}"


CHECKS = [fits, quiet, links, images, math, headings, contrast, targets]


def told(complaints):
    """Each complaint once, with the pages that it is about."""
    pages = {}
    for page, complaint in complaints:
        pages.setdefault(complaint, []).append(page)
    return [
        f"{', '.join(where[:3])}{f' and {len(where) - 3} more' * (len(where) > 3)}: {complaint}"
        for complaint, where in pages.items()
    ]


# -- The browser and the site ----------------------------------------------------------------------


@pytest.fixture(scope="session")
def browser():
    asked = os.environ.get("CHROMIUM")
    path = asked or next(filter(None, map(shutil.which, CHROMIUMS)), None)
    if not path:
        pytest.skip(f"none of {', '.join(CHROMIUMS)} is installed, and CHROMIUM names no other")
    sync_api = pytest.importorskip("playwright.sync_api")
    with (
        sync_api.sync_playwright() as playwright,
        playwright.chromium.launch(executable_path=path, args=FLAGS) as browser,
    ):
        yield browser


@pytest.fixture(scope="session")
def site():
    folder = Path(os.environ.get("SITE", SITE)).resolve()
    if not (folder / "index.html").exists():
        assert "SITE" not in os.environ, f"no site in {folder}"
        pytest.skip(f"no site in {folder}: python -m sphinx -W -n docs docs/_build/html")
    with served(folder) as address:
        yield Site(folder, address)


@pytest.fixture(scope="session")
def looked(browser, site):
    """Looks at every page once a width."""

    @functools.cache
    def at(width):
        looks = []
        with tab(browser, site, width) as opened:
            for path in site.pages:
                looks.append(opened.look(path))
                if is_pictured(path):
                    opened.picture(f"{path.removesuffix('.html').replace('/', '-')}-{width}")
        return looks

    return at


def is_pictured(path):
    """Of the API's many pages, that are all alike, a few are enough."""
    few = ("XavierMLPClassifier.", "GlorotUniform.", "signal_propagation.")
    return "/generated/" not in path or any(name in path for name in few)


# -- The site --------------------------------------------------------------------------------------


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize("width", WIDTHS)
def test_every_page(site, looked, width, check):
    complaints = told(check(site, looked(width)))
    shown = "\n".join(["", *complaints[:30]])
    if complaints:
        pytest.fail(f"{len(complaints)} complaints:{shown}", pytrace=False)


def test_the_pages_have_what_is_looked_at(looked):
    """A site without formulas, figures, tables or prompts would pass some checks unseen."""
    looks = looked(DESK)
    for kind in ("figures", "tables", "prompts"):
        assert any(look[kind] for look in looks), kind
    for part in ("guide/", "start/", "coming_from/", "auto_examples/", "api/", "faq/"):
        assert any(look["page"].startswith(part) for look in looks), part


def found_by(opened):
    """The pages that a finished search lists."""
    opened.page.get_by_text("Search finished", exact=False).wait_for()
    hrefs = opened.page.eval_on_selector_all(
        "ul.search li a", "links => links.map(a => a.href.split(/[?#]/)[0])"
    )
    return [href.removeprefix(opened.site.address) for href in hrefs]


def assert_initializer_is_found(opened):
    found = found_by(opened)
    assert "api/generated/sk_xavier.initializers.GlorotUniform.html" in found, found
    assert any(page.startswith("guide/") for page in found), found
    assert opened.run("fits") == []


@pytest.mark.parametrize("width", WIDTHS)
def test_search_finds_an_initializer(browser, site, width):
    with tab(browser, site, width) as opened:
        opened.open("search.html?q=glorot_uniform")
        assert_initializer_is_found(opened)
        opened.picture(f"search-glorot_uniform-{width}")
        link = opened.page.locator("ul.search li a").first
        href = link.get_attribute("href")
        link.click()
        opened.page.wait_for_url("**/" + href.partition("?")[0].partition("#")[0] + "*")
        assert opened.page.locator("h1").count() == 1
        assert opened.complaints == []


@pytest.mark.parametrize("width", WIDTHS)
def test_search_dialog(browser, site, width):
    with tab(browser, site, width) as opened:
        opened.open("guide/index.html")
        opened.page.locator("button.search-button__button:visible").click()
        field = opened.page.locator("dialog#pst-search-dialog input[type=search]")
        field.fill("glorot_uniform")
        assert opened.run("fits") == []
        field.press("Enter")
        opened.page.wait_for_url("**/search.html?q=glorot_uniform*")
        assert_initializer_is_found(opened)
        assert opened.complaints == []


def test_menu_of_the_phone(browser, site):
    with tab(browser, site, PHONE) as opened:
        opened.open("guide/index.html")
        menu = opened.page.locator("#pst-primary-sidebar-modal")
        assert not menu.is_visible()
        opened.page.locator("button.primary-toggle").click()
        menu.wait_for(state="visible")
        assert opened.run("fits") == []
        opened.picture(f"menu-{PHONE}")
        menu.get_by_role("link", name="API", exact=True).first.click()
        opened.page.wait_for_url("**/api/index.html")
        assert not menu.is_visible()
        assert opened.complaints == []


def test_contents_of_a_page_on_the_phone(browser, site, looked):
    page = next(
        look["page"]
        for look in looked(PHONE)
        if "/index" not in look["page"] and look["figures"] and len(look["headings"]) > 3
    )
    with tab(browser, site, PHONE) as opened:
        opened.open(page)
        opened.page.locator("button.secondary-toggle").click()
        contents = opened.page.locator("#pst-secondary-sidebar-modal")
        contents.wait_for(state="visible")
        assert opened.run("fits") == []
        contents.locator("a[href^='#']:visible").last.click()
        opened.page.wait_for_url("**#*")
        assert opened.complaints == []


def copied(opened, block):
    block.scroll_into_view_if_needed()
    block.hover()
    opened.page.evaluate("navigator.clipboard.writeText('nothing')")
    block.locator("button.copybtn").click()
    opened.page.wait_for_function("navigator.clipboard.readText().then(t => t !== 'nothing')")
    return opened.page.evaluate("navigator.clipboard.readText()")


def test_copy_button_leaves_prompts_and_output_out(browser, site, looked):
    pages = [look["page"] for look in looked(DESK) if look["prompts"]][:5]
    with tab(browser, site, DESK) as opened:
        for page in pages:
            opened.open(page)
            block = opened.page.locator("div.highlight:has(pre .gp)").first
            lines = block.locator("pre").inner_text().splitlines()
            expected = [line[4:] for line in lines if line.startswith((">>> ", "... "))]
            if not expected:  # a shell's
                expected = [line[2:] for line in lines if line.startswith("$ ")]
            assert copied(opened, block).splitlines() == expected, page
            assert opened.complaints == []


def test_copy_button_of_a_chapter(browser, site):
    with tab(browser, site, PHONE) as opened:
        opened.open("guide/xavier.html")
        block = opened.page.locator("div.highlight-Python div.highlight").first
        code = copied(opened, block)
        compile(code, "copied", "exec")
        assert code.strip() == block.locator("pre").inner_text().strip()


def test_switch_of_colours(browser, site):
    with tab(browser, site, DESK) as opened:
        opened.open("index.html")
        theme = "document.documentElement.dataset.theme"
        assert opened.page.evaluate(theme) == "light"
        opened.page.locator("button.theme-switch-button:visible").click()
        opened.page.locator("button.theme-change-button[data-mode=dark]:visible").click()
        assert opened.page.evaluate(theme) == "dark"
        opened.open("guide/index.html")  # it is remembered
        assert opened.page.evaluate(theme) == "dark"
        assert opened.run("() => luminance(background(document.body))") < 0.05


@pytest.mark.parametrize("width", WIDTHS)
def test_dark_pages(browser, site, looked, width):
    """The colours that the system asks for; the pictures are to be looked at."""
    looks = looked(width)
    pages = ["index.html", "auto_examples/index.html", "coming_from/differences.html"]
    for kind in ("figures", "tables"):
        guide = (look["page"] for look in looks if look["page"].startswith("guide/") and look[kind])
        pages += list(guide)[:2]
    with tab(browser, site, width, scheme="dark") as opened:
        for page in dict.fromkeys(pages):
            look = opened.look(page)
            assert opened.page.evaluate("document.documentElement.dataset.theme") == "dark"
            assert opened.run("() => luminance(background(document.body))") < 0.05
            assert look["dark"] == look["fits"] == look["complaints"] == []
            opened.picture(f"{page.removesuffix('.html').replace('/', '-')}-{width}-dark")


# -- The checks can fail ---------------------------------------------------------------------------

HEAD = '<title>Page</title><link rel="icon" href="data:,">'


@pytest.fixture
def complaints_about(browser, tmp_path):
    """What each check complains of, on pages of the given bodies, the first at index.html."""

    def complain(*bodies, width=PHONE, head=HEAD, lang="en", h1="<h1>Page</h1>"):
        for number, body in enumerate(bodies):
            path = tmp_path / (f"{number}.html" if number else "index.html")
            path.write_text(
                f'<!doctype html><html lang="{lang}"><head><meta name="viewport" '
                f'content="width=device-width">{head}</head><body>{h1}{body}</body></html>',
                "utf-8",
            )
        with served(tmp_path) as address:
            site = Site(tmp_path, address)
            with tab(browser, site, width) as opened:
                looks = [opened.look(path) for path in site.pages]
            found = {check.__name__: told(check(site, looks)) for check in CHECKS}
        return {
            check: [complaint.replace(address, "/") for complaint in complaints]
            for check, complaints in found.items()
            if complaints
        }

    return complain


PICTURE = "data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/>"
LONG = "wide " * 400
RIGHT = f"""
<h2 id="part">Part</h2><p>Words, <a href="#part">a link</a>, <a href="1.html#part">another</a>, and
<a href="https://example.org/">one elsewhere</a>.</p><pre style="overflow-x: auto">{LONG}</pre>
<img src="{PICTURE}" alt="Nothing"><a href="1.html"><img src="{PICTURE}" alt="">Named</a>
<button style="width: 24px; height: 24px">x</button>"""


@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_is_wrong_with_a_right_page(complaints_about, width):
    assert complaints_about(RIGHT, RIGHT, width=width) == {}


@pytest.mark.parametrize(
    ("body", "check", "complaint"),
    [
        (
            '<div id="wide" style="width: 500px">x</div>',
            "fits",
            'index.html: scrolls to 508 px: <div#wide> "x"',
        ),
        (
            '<article style="overflow-x: auto"><p style="width: 500px">x</p></article>',
            "fits",
            'index.html: <article> "x" scrolls: <p> "x"',
        ),
        (
            '<p style="overflow: hidden"><code style="padding-right: 500px">x</code></p>',
            "fits",
            'index.html: <p> "x" is cut off: <code> "x"',
        ),
        ("<script>console.error('oh')</script>", "quiet", "index.html: console error: oh"),
        ("<script>console.warn('oh')</script>", "quiet", "index.html: console warning: oh"),
        ("<script>throw Error('oh')</script>", "quiet", "index.html: uncaught: oh"),
        ('<a href="no.html">x</a>', "links", 'index.html: 404: no.html, <a> "x"'),
        ('<a href=".">x</a>', None, None),
        ('<a href="#no">x</a>', "links", 'index.html: no such fragment: #no, <a> "x"'),
        (
            '<a href="index.html#no">x</a>',
            "links",
            'index.html: no such fragment: index.html#no, <a> "x"',
        ),
        (
            '<a href="/index.html">x</a>',
            "links",
            'index.html: absolute path: /index.html, <a> "x"',
        ),
        (
            '<a href="file:///x.html">x</a>',
            "links",
            'index.html: absolute path: file:///x.html, <a> "x"',
        ),
        (f'<img src="{PICTURE}">', "images", f"index.html: image without alt text: {PICTURE}"),
        (
            f'<img src="{PICTURE}" alt="">',
            "images",
            f"index.html: image without alt text: {PICTURE}",
        ),
        (
            '<span class="math">\\(x\\)</span>',
            "math",
            'index.html: formula is not drawn: <span.math> "\\(x\\)"',
        ),
        (
            '<span class="math"><mjx-container><mjx-merror>x</mjx-merror></mjx-container></span>',
            "math",
            'index.html: formula is wrong: <mjx-merror> "x"',
        ),
        ("<h1>Two</h1>", "headings", "index.html: h1 is not one: ['Page', 'Two']"),
        ("<h3>Three</h3>", "headings", "index.html: h3 after h1: Three"),
        (
            '<p style="color: #888">x</p>',
            "contrast",
            'index.html: light: contrast 3.54 < 4.5: <p> "x"',
        ),
        (
            '<button style="height: 20px; width: 99px">x</button>',
            "targets",
            'index.html: smaller than 24 px: <button> "x"',
        ),
    ],
)
def test_each_check_complains_of_a_wrong_page(complaints_about, body, check, complaint):
    found = complaints_about(body)
    if check == "contrast":  # this page has no dark colours
        found["contrast"] = [line for line in found["contrast"] if "light: " in line]
    assert found == ({check: [complaint]} if check else {})


def test_a_wide_page_fits_on_a_desk(complaints_about):
    assert complaints_about('<div style="width: 500px">x</div>', width=DESK) == {}


def test_a_missing_picture_is_three_complaints(complaints_about):
    found = complaints_about('<img src="no.png" alt="x">')
    assert found.keys() == {"quiet", "links", "images"}
    assert found["images"] == ["index.html: image did not load: no.png"]
    assert found["links"] == ['index.html: 404: no.png, <img> ""']
    assert "index.html: status 404: /no.png" in found["quiet"]


def test_another_host_is_complained_of(complaints_about):
    found = complaints_about('<script src="https://example.org/x.js"></script>')
    assert found.keys() == {"quiet"}
    assert "index.html: request to another host: https://example.org/x.js" in found["quiet"]
    assert any("request failed" in complaint for complaint in found["quiet"])


def test_title_and_language_are_looked_at(complaints_about):
    head = '<link rel="icon" href="data:,">'
    assert complaints_about("x", head=head) == {"headings": ["index.html: no title"]}
    assert complaints_about("x", lang="") == {"headings": ["index.html: language ''"]}
    assert complaints_about("x", h1="") == {"headings": ["index.html: h1 is not one: []"]}


def test_folders_without_a_page_are_dead_links(complaints_about, tmp_path):
    (tmp_path / "folder").mkdir()
    assert complaints_about('<a href="folder/">x</a>') == {
        "links": ['index.html: 404: folder/, <a> "x"']
    }


def test_a_complaint_about_many_pages_is_told_once():
    many = [(f"{page}.html", "oh") for page in range(5)]
    assert told(many) == ["0.html, 1.html, 2.html and 2 more: oh"]
    assert told([*many[:2], ("0.html", "ah")]) == ["0.html, 1.html: oh", "0.html: ah"]
    assert not re.search("more", told(many[:3])[0])
