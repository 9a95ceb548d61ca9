"""Headless Chromium, as Debian packages it, driven by selenium: what a page shows, says on its console, and fetches."""

import json
import os
import shutil
from pathlib import Path

import pytest

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
WIDE = (1280, 900)  # window, px
NARROW = (400, 800)


def browser_and_driver() -> tuple[str, str]:
    """Where they are; without them tests skip, or fail where PPINFER_REQUIRE_BROWSER=1 is set, as tools/test does."""
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    driver = shutil.which("chromedriver")
    if found is None or driver is None:
        message = "no Chromium here: apt install chromium chromium-driver"
        if os.environ.get("PPINFER_REQUIRE_BROWSER") == "1":
            pytest.fail(message)
        pytest.skip(message)
    return found, driver


class Browser:
    """One window."""

    def __init__(self, profile: Path) -> None:
        # Here, so that only these tests need it.
        from selenium import webdriver

        self._path, driver_path = browser_and_driver()
        options = webdriver.ChromeOptions()
        options.binary_location = self._path
        # Root may not use the sandbox; containers have little shared memory.
        for flag in ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"):
            options.add_argument(flag)
        options.add_argument(f"--user-data-dir={profile}")
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        self.driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(driver_path))

    def open(self, page: Path, *, window: tuple[int, int] = WIDE, scheme: str = "light") -> None:
        """Load a page until its list is there."""
        from selenium.webdriver.support.ui import WebDriverWait

        self.driver.get_log("performance")  # of the page before
        width, height = window
        screen = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", screen)
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
        self.driver.get(page.as_uri())
        WebDriverWait(self.driver, 30, 0.02).until(lambda _: self.js("document.documentElement.dataset.ready"))

    def js(self, expression: str, *arguments: object) -> object:
        """Value of an expression in the page."""
        return self.driver.execute_script(f"return {expression}", *arguments)

    def wait_for(self, expression: str) -> None:
        """Wait until it's true in the page."""
        from selenium.webdriver.support.ui import WebDriverWait

        WebDriverWait(self.driver, 10, 0.02).until(lambda _: self.js(expression), f"never true: {expression}")

    def click(self, selector: str) -> None:
        """Click what a person would; fails when something else is in front of it."""
        self.driver.find_element("css selector", selector).click()

    def press(self, *keys: str) -> None:
        """Type to whatever has the focus."""
        from selenium.webdriver.common.action_chains import ActionChains

        ActionChains(self.driver).send_keys(*keys).perform()

    def text(self, selector: str) -> str:
        return self.texts(selector)[0]

    def texts(self, selector: str) -> list[str]:
        """What stands in these elements, all at one time."""
        found = self.js("[...document.querySelectorAll(arguments[0])].map((found) => found.innerText.trim())", selector)
        assert isinstance(found, list)
        return found

    def complaints(self) -> list[str]:
        """What the console has said since this was last asked."""
        return [entry["message"] for entry in self.driver.get_log("browser")]

    def fetched(self) -> list[str]:
        """Addresses that the page has asked for, its own apart and pictures that it holds itself."""
        messages = [json.loads(entry["message"])["message"] for entry in self.driver.get_log("performance")]
        requests = [m["params"]["request"]["url"] for m in messages if m["method"] == "Network.requestWillBeSent"]
        return [url for url in requests if not url.startswith("data:") and url != self.driver.current_url]

    def close(self) -> None:
        self.driver.quit()
