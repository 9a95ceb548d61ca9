"""The page of a report in a browser: its list, views, keys, themes, and what it must never do."""

import re

from report_pages import HOSTILE

# As WebDriver writes them.
DOWN, UP, RIGHT, HOME, END, PAGE_DOWN = "\ue015", "\ue013", "\ue014", "\ue011", "\ue010", "\ue00f"
ENTER, ESC, TAB = "\ue007", "\ue00c", "\ue004"
ROWS = "#list tbody tr[data-row]"
FOCUS_STOP = (
    "((at) => at.id || at.dataset.view || at.dataset.layout || at.className || at.tagName)(document.activeElement)"
)
FOCUSED_ROW, LIST_BODY = "document.activeElement", "document.querySelector('.dt-scroll-body')"
FOCUSED = "document.activeElement.dataset.row"


def shown_rows(browser) -> list[int]:
    return [int(row) for row in browser.js(f"[...document.querySelectorAll('{ROWS}')].map((tr) => tr.dataset.row)")]


def search(browser, text: str, expected: str) -> None:
    browser.js("document.activeElement.blur()")
    browser.press("/", text)  # which replaces what was searched for before
    browser.wait_for(f"document.getElementById('status').textContent.startsWith('{expected}')")


# ---- what it shows ---------------------------------------------------------------------------------------------------


def test_totals_run_and_histograms(browser, small):
    browser.open(small)
    tiles = dict(
        zip(browser.texts(".tile dt"), (text.split("\n")[0] for text in browser.texts(".tile dd")), strict=True)
    )
    assert tiles["images"] == "39"
    assert tiles["errors"] == "4"
    assert tiles["low confidence"] == "10"
    assert tiles["images a second"] == "30.0"
    assert browser.text(".run tbody tr").split() == ["decode", "23.1", "%", "0.60"]
    assert browser.js("document.querySelectorAll('.bin').length") == 20
    labels = browser.js("[...document.querySelectorAll('.bin')].map((bin) => bin.getAttribute('aria-label'))")
    assert sum(int(re.search(r": ([\d,]+) image", label)[1]) for label in labels) == 35
    assert browser.text("#errors-heading ~ .classes").split() == ["decode", "3", "read", "1"]
    assert browser.text("#status") == "39 images, thumbnails of 35 of 39"


def test_names_are_never_code(browser, small):
    browser.open(small)
    for text, expected in (("photo", "30 of"), ("hacked", "19 of"), ("bold", "12 of")):
        search(browser, text, expected)
        browser.click("[data-layout=gallery]")
        browser.click("[data-layout=list]")
        browser.click(ROWS)
        browser.press(RIGHT, ESC)
    browser.js("dispatchEvent(new Event('beforeprint'))")
    assert browser.js("window.hacked") is None
    assert browser.js("document.querySelectorAll('#list b, #printed b, .classes b').length") == 0
    search(browser, "onerror", "4 of")  # the file and the errors' messages
    assert HOSTILE[0] in browser.texts("#list td.file .first")
    search(browser, "{{ 7", "1 of")
    assert browser.texts("#list td.file .first") == [HOSTILE[3]]


def test_a_name_that_is_not_utf8(browser, small):
    browser.open(small)
    search(browser, "xe9", "1 of")
    assert browser.texts("td.file .first") == ["caf\\xe9.png"]
    assert browser.js("document.querySelectorAll('td.picture img').length") == 1  # found by its very bytes


def test_pictures_are_decoded(browser, small):
    browser.open(small)
    browser.wait_for("document.querySelector('td.picture img').naturalWidth === 60")


# ---- search, sort, views ---------------------------------------------------------------------------------------------


def test_search_finds_files_classes_and_errors(browser, small):
    browser.open(small)
    search(browser, "photo_07", "1 of 39")
    browser.press(ESC)
    assert browser.text("#status").startswith("39 images")
    search(browser, "tabby", "12 of")  # best of six, second of six
    search(browser, "no such", "1 of")
    search(browser, "zebra", "0 of")
    assert browser.text("#list tbody") == "No image is like that."


def test_sorting_by_heading_and_by_choice(browser, small):
    browser.open(small)
    browser.click("#list th.confidence")
    browser.wait_for("document.getElementById('sort').value === '4 asc'")
    scores = [float(text) for text in browser.texts("td.confidence .figure")]
    assert scores == sorted(scores)
    assert scores[0] == 0.3
    assert browser.js("document.querySelector('#list th.confidence').ariaSort") == "ascending"
    browser.click("#sort option[value='4 desc']")
    scores = [float(text) for text in browser.texts("td.confidence .figure")]
    assert scores == sorted(scores, reverse=True)
    assert scores[0] == 0.9
    browser.click("#sort option[value='2 asc']")
    paths = browser.js("[...document.querySelectorAll('td.file span[title]')].map((path) => path.title)")
    assert paths == sorted(paths)
    assert len(paths) == 39


def test_views_and_filters(browser, small):
    browser.open(small)
    browser.click("[data-view=errors]")
    assert len(shown_rows(browser)) == 4
    assert browser.text("td.answer") == "error: read\nno such file"
    browser.click("[data-view=low]")
    scores = [float(text) for text in browser.texts("td.confidence .figure")]
    assert scores == sorted(scores)  # the lowest first
    assert max(scores) < 0.5
    assert len(shown_rows(browser)) == 10
    browser.click("[data-view=all]")
    assert browser.text("td.number") == "1"  # the order of the run again
    browser.click(".bin[data-bin='6']")  # 0.30 to 0.35
    assert browser.texts("td.confidence .figure") == ["0.300", "0.320", "0.340"]
    assert browser.js("document.querySelector('.bin[data-bin=\"6\"]').ariaPressed") == "true"
    browser.click(".chip")
    browser.click(".classes button[data-name]:nth-child(2)")
    label, _, count = browser.text(".classes button[data-name]:nth-child(2)").replace("\n", " ").rpartition(" ")
    assert browser.text("#status").startswith(f"{count} of 39")
    assert {text.split("\n")[0] for text in browser.texts("td.answer")} == {label.strip()}
    browser.click(".chip")
    browser.click("[data-stage=decode]")
    assert len(shown_rows(browser)) == 3


def test_gallery(browser, small):
    browser.open(small)
    browser.click("[data-layout=gallery]")
    assert browser.js("document.querySelectorAll('#gallery .card').length") == 35
    assert "thumbnails of 35 of 39, which are those below" in browser.text("#status")
    browser.click("[data-view=errors]")
    assert browser.text("#gallery") == "None of these images has a thumbnail."
    browser.click("[data-view=all]")
    browser.click("#gallery .card")
    assert browser.text("#details-name") == "photo_00.png"


# ---- one image -------------------------------------------------------------------------------------------------------


def test_a_click_shows_all_answers(browser, small):
    browser.open(small)
    browser.click(f"{ROWS}[data-row='1']")
    assert browser.text("#details-name") == "photo_01.png"
    assert browser.texts(".answers th") == ["lynx", "</script><script>window.hacked=1</script>"]
    assert browser.texts(".answers td:nth-child(3)") == ["0.3200", "0.1000"]
    browser.click("#next")
    assert browser.text("#details-name") == "photo_02.png"
    browser.click("#close")
    assert browser.js("document.getElementById('details').open") is False
    search(browser, "gone", "1 of")
    browser.click(ROWS)
    assert "no such file" in browser.text("#details-body")


# ---- keys ------------------------------------------------------------------------------------------------------------


def test_the_whole_page_by_keys(browser, small):
    browser.open(small)
    browser.press("/", "photo", DOWN)
    browser.wait_for(f"{FOCUSED} === '0'")
    browser.press(DOWN, DOWN, UP)
    assert browser.js(FOCUSED) == "1"
    browser.press(ENTER)
    assert browser.text("#details-name") == "photo_01.png"
    browser.press(RIGHT)
    assert browser.text("#details-name") == "photo_02.png"
    browser.press(ESC)
    assert browser.js("document.getElementById('details').open") is False
    browser.wait_for(f"{FOCUSED} === '2'")
    browser.press("/", ESC)
    assert browser.js("document.getElementById('search').value") == ""


def test_tab_reaches_everything_once(browser, small):
    browser.open(small)
    stops = []
    for _ in range(60):
        browser.press(TAB)
        stop = browser.js(FOCUS_STOP)
        if stop in ("BODY", "HTML"):
            break
        stops.append(stop)
    assert stops[:2] == ["skip", "theme"]
    assert {"all", "low", "errors", "list", "gallery", "sort", "search", "dt-scroll-body"} <= set(stops)
    assert len([stop for stop in stops if stop.startswith("bin")]) == 1  # arrow keys go through the others
    assert len(stops) < 30


def test_arrow_keys_go_through_the_histogram(browser, small):
    browser.open(small)
    browser.js("document.querySelector('.bin:not(:disabled)').focus()")
    browser.press(RIGHT, ENTER)
    assert browser.js("document.querySelector('.bin[aria-pressed=true]').dataset.bin") == "7"


# ---- many records ----------------------------------------------------------------------------------------------------


def test_only_rows_in_sight_are_drawn_and_all_are_reached(browser, large):
    browser.open(large)
    assert browser.text("#status") == "20,000 images, thumbnails of 0 of 20,000"
    assert browser.js("document.getElementById('records').getAttribute('aria-rowcount')") == "20001"
    browser.press("/", DOWN)
    for key, row in ((END, 19_999), (UP, 19_998), (HOME, 0), (PAGE_DOWN, None), (END, 19_999)):
        browser.press(key)
        if row is not None:
            browser.wait_for(f"{FOCUSED} === '{row}'")
            assert browser.js("document.activeElement.getAttribute('aria-rowindex')") == str(row + 2)
            box, frame = (
                browser.js(f"{element}.getBoundingClientRect().toJSON()") for element in (FOCUSED_ROW, LIST_BODY)
            )
            assert frame["top"] - 1 <= box["top"]
            assert box["bottom"] <= frame["bottom"] + 1
        assert len(shown_rows(browser)) < 150
    search(browser, "image_012345", "1 of 20,000")
    assert browser.texts("td.number") == ["12,346"]
    assert browser.js("document.querySelector('.no-thumbnail').title") in ("not among the thumbnails",)


def test_sorting_many(browser, large):
    browser.open(large)
    browser.click("#sort option[value='4 desc']")
    assert browser.texts("td.confidence .figure")[0] == "0.999"
    browser.press("/", DOWN)
    browser.press(END)
    browser.wait_for("document.activeElement.classList.contains('bad')")  # bad images have no score: they come last


def test_why_there_is_no_thumbnail(browser, large):
    browser.open(large)
    browser.click("#sort option[value='4 asc']")
    browser.click(ROWS)
    assert "No thumbnail: no such file" in browser.text("#details-body")
