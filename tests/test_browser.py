"""The journey of a researcher, in a real browser."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.corpus import EXAMPLES, index, read

CHROMIUM = os.environ.get("CHROMIUM") or next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
SCREENSHOTS = os.environ.get("ZOUFANG_SCREENSHOTS")
"""Where to leave the screenshots; nowhere unless asked."""

QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine (set CHROMIUM to its path)"),
]


@pytest.fixture(scope="module")
def address(tmp_path_factory) -> Iterator[str]:
    """A real server on a port of its own, over the samples."""
    data = tmp_path_factory.mktemp("browser")
    index(data, read(EXAMPLES))
    command = [str(Path(sys.executable).with_name("zoufang")), "serve", "--port", "0", "--data", str(data)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        match = re.search(r"http://\S+", server.stdout.readline())
        assert match, "the server did not say where it is"
        yield match[0]
        server.terminate()


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield browser
        browser.close()


def screenshot(page, name: str) -> None:
    if SCREENSHOTS:
        page.screenshot(path=f"{SCREENSHOTS}/{name}.png")


@pytest.mark.parametrize(
    ("scheme", "width"), [("light", 1280), ("dark", 1280), ("light", 390)], ids=["light", "dark", "phone"]
)
def test_search_narrow_read_and_come_back(browser, address, scheme, width):
    page = browser.new_page(
        viewport={"width": width, "height": 900}, color_scheme=scheme, java_script_enabled=False
    )
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))

    page.goto(address)
    assert page.locator(".total").inner_text() == "48"

    page.get_by_role("searchbox").fill("大走訪")
    page.get_by_role("searchbox").press("Enter")
    everything = int(page.locator(".total").inner_text())
    assert 1 < everything < 48
    assert {mark.inner_text() for mark in page.locator(".hits mark").all()} == {"大走访", "大走訪"}
    screenshot(page, f"search-{scheme}-{width}")

    year = page.locator("#facet-year + ul a", has_text="2012")
    count = int(year.locator(".count").inner_text())
    year.click()
    assert int(page.locator(".total").inner_text()) == count < everything
    assert page.locator("#facet-year + ul a[aria-current]").inner_text().startswith("2012")
    page.get_by_role("link", name="最早").click()
    dates = page.locator(".hits .date").all_inner_texts()
    assert dates == sorted(dates)
    assert len(dates) == count

    title = page.locator(".hits h2 a").first
    name = title.inner_text()
    title.click()
    assert page.get_by_role("heading", level=1).inner_text() == name
    assert page.locator(".body mark").count() >= 1
    assert page.locator(".evidence tbody tr").count() >= 3
    screenshot(page, f"article-{scheme}-{width}")

    page.go_back()
    page.get_by_role("link", name="清除筛选").click()
    assert int(page.locator(".total").inner_text()) == everything

    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert all(url.startswith(address) for url in asked)
    assert complaints == []
    page.close()


def test_the_journey_can_be_made_by_keyboard(browser, address):
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto(f"{address}?q=走访")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.locator(".hits h2 a").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/articles/**")
    assert page.get_by_role("heading", level=1).count() == 1
    page.close()


def test_facets_open_without_leaving_the_page(browser, address):
    page = browser.new_page(viewport={"width": 1280, "height": 900}, java_script_enabled=False)
    page.goto(address)
    province = page.locator("#facet-region + ul > li").first
    assert not province.locator("ul a").first.is_visible()
    province.locator("summary").first.click()
    assert province.locator("ul a").first.is_visible()
    assert page.url.rstrip("/") == address.rstrip("/")
    page.close()
