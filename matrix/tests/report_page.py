"""A report as a reader has it: opened from disk in Debian's Chromium, without a window. And ways to
alter a run behind its back."""

import json
import sqlite3
import time
from pathlib import Path

from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

PATIENCE_S = 60  # until a page that does not come counts as broken; no result depends on it
SWITCHES = ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--disable-extensions",
            "--disable-background-networking", "--no-first-run")


def start_browser():
    options = Options()
    options.binary_location = "/usr/bin/chromium"
    for switch in SWITCHES:
        options.add_argument(switch)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    return webdriver.Chrome(service=Service("/usr/bin/chromedriver"), options=options)


class Page:
    """What a test does with a report. Nothing waits for a time to pass: the page's main element says
    what has been drawn."""

    def __init__(self, browser):
        self.browser = browser

    def script(self, text, *words):
        return self.browser.execute_script(text, *words)

    def each(self, selector, expression="node.textContent"):
        """What the expression is of each node."""
        nodes = "[...document.querySelectorAll(arguments[0])]"
        return self.script(f"return {nodes}.map(node => {expression})", selector)

    def table(self, selector):
        """{first cell: other cells} of the lines of a table's body."""
        lines = self.each(f"{selector} tbody tr", "[...node.children].map(cell => cell.textContent)")
        return {line[0]: line[1:] for line in lines}

    def until(self, what, condition):
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end:
            found = condition()
            if found:
                return found
            time.sleep(0.02)
        raise AssertionError(f"never came: {what}; the page says: {self.text[:400]}")

    def open(self, path, fragment=""):
        self.browser.get("about:blank")
        self.browser.get(Path(path).resolve().as_uri() + fragment)
        self.until_ready()
        return self

    def until_ready(self):
        self.until("the page", lambda: self.each("#main", "node.dataset.ready") not in ([], [None]))

    def drawn(self, change):
        """Makes the change and returns when the view that it leads to stands there."""
        before = self.script("return document.querySelector('#main').dataset.turn")
        change()
        self.until("another view", lambda: self.script(
            "const {turn, drawn} = document.querySelector('#main').dataset;"
            "return turn !== arguments[0] && turn === drawn", before))

    def go(self, fragment):
        if self.script("return location.hash") != fragment:
            self.drawn(lambda: self.script("location.hash = arguments[0]", fragment))
        return self

    def reload(self):
        self.browser.refresh()
        self.until_ready()

    @property
    def fragment(self):
        return self.script("return location.hash")

    @property
    def text(self):
        return "".join(self.each("#main"))

    @property
    def title(self):
        return self.find("main h1").text

    def find(self, selector):
        return self.browser.find_element(By.CSS_SELECTOR, selector)

    def all(self, selector):
        return self.browser.find_elements(By.CSS_SELECTOR, selector)

    def click(self, selector):
        self.drawn(lambda: self.script("document.querySelector(arguments[0]).click()", selector))

    def press(self, *keys):
        self.browser.switch_to.active_element.send_keys(*keys)

    def command(self, name, **words):
        return self.browser.execute_cdp_cmd(name, words)

    def set_width(self, width, height=900):
        self.command("Emulation.setDeviceMetricsOverride", width=width, height=height,
                     deviceScaleFactor=1, mobile=False)

    def set_media(self, media="", dark=False):
        scheme = "dark" if dark else "light"
        self.command("Emulation.setEmulatedMedia", media=media,
                     features=[{"name": "prefers-color-scheme", "value": scheme}])

    def complaints(self):
        """What the browser's console says since the last time."""
        return [entry["message"] for entry in self.browser.get_log("browser")]

    def number_of_cases(self):
        """As the title of the cases' view has it."""
        return int(self.title.split()[0].replace(",", ""))


def change(folder, sql, *words):
    """Alters a run's results behind its back."""
    database = sqlite3.connect(f"{folder}/results.db")
    database.execute(sql, words)
    database.commit()
    database.close()


def rows(folder, sql, *words):
    database = sqlite3.connect(f"file:{folder}/results.db?mode=ro", uri=True)
    found = database.execute(sql, words).fetchall()
    database.close()
    return found


def change_documents(folder, alter):
    """Every document of a run through `alter(object)`, which changes it."""
    database = sqlite3.connect(f"{folder}/results.db")
    for number, text in database.execute("SELECT id, json FROM documents").fetchall():
        document = json.loads(text)
        alter(document)
        words = (number, json.dumps(document))
        database.execute("UPDATE documents SET json = ?2 WHERE id = ?1", words)
    database.commit()
    database.close()


__all__ = ["By", "Keys", "Page", "change", "change_documents", "rows", "start_browser"]
