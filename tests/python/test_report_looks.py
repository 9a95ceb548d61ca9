"""How the page of a report looks: themes, narrow windows, print; and what it says when something isn't there."""

from browser import NARROW
from ppinfer.report import write_report
from report_records import bad, good, many, write_jsonl

ROWS = "#list tbody tr[data-row]"
BRIGHTNESS = (
    "getComputedStyle(document.body).backgroundColor.match(/\\d+/g).slice(0, 3).reduce((a, b) => a + Number(b), 0) / 3"
)


def test_themes(browser, small):
    browser.open(small, scheme="dark")
    assert browser.js(BRIGHTNESS) < 60
    browser.click("#theme option[value=light]")
    assert browser.js(BRIGHTNESS) > 200
    browser.open(small, scheme="dark")
    assert browser.js(BRIGHTNESS) > 200  # it's remembered
    browser.click("#theme option[value=auto]")
    browser.open(small, scheme="light")
    assert browser.js(BRIGHTNESS) > 200


def test_a_narrow_window_needs_no_scrolling_sideways(browser, small, large):
    widest = "Math.max(...[...document.querySelectorAll('main *')].map((found) => found.getBoundingClientRect().right))"
    for page in (large, small):
        browser.open(page, window=NARROW)
        assert browser.js("document.documentElement.scrollWidth") <= NARROW[0]
        assert browser.js(widest) <= NARROW[0]
    assert browser.texts("td.file .first")[0] == "photo_00.png"
    browser.click(ROWS)
    assert browser.js("document.getElementById('details').getBoundingClientRect().right") <= NARROW[0]
    assert browser.js(
        "document.querySelector('#details').scrollWidth <= document.querySelector('#details').clientWidth"
    )


def test_print_has_a_plain_table(browser, large):
    browser.open(large)
    browser.js("dispatchEvent(new Event('beforeprint'))")
    assert browser.js("document.querySelectorAll('#printed tbody tr').length") == 100
    assert (
        browser.js("document.querySelector('#printed p').textContent")
        == "The first 100 images of the 20,000 in the list."
    )


def test_no_records(browser, tmp_path):
    (tmp_path / "none.jsonl").touch()
    write_report(tmp_path / "none.jsonl", tmp_path / "page.html")
    browser.open(tmp_path / "page.html")
    assert "No records" in browser.text("main")


def test_views_without_images_say_so(browser, tmp_path):
    records = write_jsonl(tmp_path / "r", [good("a.jpg", (0, 0.9))])
    write_report(records, tmp_path / "page.html", low_confidence=0.7)
    browser.open(tmp_path / "page.html")
    browser.click("[data-view=errors]")
    assert browser.text("#list tbody") == "No errors: every image was classified."
    assert browser.text("#status") == "0 of 1 image"
    browser.click("[data-view=low]")
    assert browser.text("#list tbody") == "No image has a best score below 0.7."
    browser.click("[data-layout=gallery]")
    assert browser.text("#gallery") == "No image has a best score below 0.7."


def test_a_browser_that_cannot_unpack_says_so(browser, small):
    script = {"source": "delete window.DecompressionStream"}
    old = browser.driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", script)
    browser.open(small)
    browser.driver.execute_cdp_cmd("Page.removeScriptToEvaluateOnNewDocument", old)
    assert browser.text("#status").startswith("This browser can't unpack the list")
    assert "All above is complete." in browser.text("#status")


def test_records_without_scores(browser, tmp_path):
    records = [{**good(f"{n}.jpg"), "attributes": ["Male", "Hat"], "attribute_flags": [1, 1]} for n in range(3)]
    write_report(write_jsonl(tmp_path / "r", records), tmp_path / "page.html")
    browser.open(tmp_path / "page.html")
    assert browser.texts("h2") == ["First attributes", "Images"]
    assert browser.texts("td.answer") == ["Male"] * 3
    assert browser.texts("td.others") == ["Hat"] * 3


def test_records_without_classes(browser, tmp_path):
    records = write_jsonl(tmp_path / "r", [{**good("a.jpg"), "embedding": [0.6, 0.8]}, bad("b.jpg")])
    write_report(records, tmp_path / "page.html")
    browser.open(tmp_path / "page.html")
    assert "The records have no classes" in browser.text("main")
    assert browser.texts(".tile dt") == ["images", "errors"]
    assert browser.texts("td.answer .second")[0] == "no class"


def test_a_sampled_list_says_so(browser, tmp_path):
    write_report(write_jsonl(tmp_path / "r", many(1000)), tmp_path / "page.html", most_rows=100)
    browser.open(tmp_path / "page.html")
    assert "The list holds 100 of 1,000 records: all 10 errors, the 25 least certain" in browser.text("#images")
    assert browser.text("#status") == "100 of 1,000 images, thumbnails of 0 of 100"
    assert browser.text(".tile dd") == "1,000"
