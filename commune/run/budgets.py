"""`make budgets`: what a first visit costs, measured in a real browser, beside what may be.

Starts the site as people get it (granian, static files hashed and compressed, an embedded PostgreSQL and Redis of its
own, the demo's words), opens each page with an empty cache, and ends with 1 when anything is over.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import signal
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from commune.embedded import ROOT, Unavailable, attach
from commune.embedded.processes import until
from commune.run.address import Address
from commune.run.browser import of_playwright, of_the_system, works

VISITS = 5  # of each page: sizes are the largest of them, the time the least: other work adds to it, and only adds
SETTLED = 700  # milliseconds after loading in which things may still move
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]

# What may be (DESIGN: first visit, cold cache, compressed). Avatars and images of posts are not counted.
ALLOWED = {
    "requests": 8.0,
    "HTML kB": 20.0,
    "CSS kB": 15.0,
    "JS kB": 25.0,
    "fonts kB": 45.0,
    "CLS": 0.01,
    "LCP ms": 300.0,
}
KINDS = {"Document": "HTML kB", "Stylesheet": "CSS kB", "Script": "JS kB", "Font": "fonts kB"}
NOT_COUNTED = ("/a/", "/avatars/")

OBSERVE = """
window.__measured = {cls: 0, lcp: 0};
new PerformanceObserver((list) => list.getEntries().forEach((entry) => {
  if (!entry.hadRecentInput) window.__measured.cls += entry.value;
})).observe({type: "layout-shift", buffered: true});
new PerformanceObserver((list) => list.getEntries().forEach((entry) => window.__measured.lcp = entry.startTime))
  .observe({type: "largest-contentful-paint", buffered: true});
"""


@dataclass(frozen=True)
class Page:
    """A page as somebody sees it."""

    name: str
    path: str
    language: str
    session: str = ""

    def __str__(self) -> str:
        return f"{self.name}, {self.language}, {'member' if self.session else 'visitor'}"


@dataclass
class Visit:
    """What one visit cost."""

    costs: dict[str, float] = field(default_factory=lambda: dict.fromkeys(ALLOWED, 0.0))

    def add(self, kind: str, url: str, size: float) -> None:
        if kind == "Image" and any(part in url for part in NOT_COUNTED):
            return
        self.costs["requests"] += 1
        if kind in KINDS:
            self.costs[KINDS[kind]] += size / 1000


def over(costs: dict[str, float]) -> list[str]:
    """What costs more than is allowed."""
    return [name for name, allowed in ALLOWED.items() if costs[name] > allowed]


def together(visits: list[Visit]) -> dict[str, float]:
    """Visits of one page as one: the largest size, the shortest time."""
    return {name: (min if name == "LCP ms" else max)(visit.costs[name] for visit in visits) for name in ALLOWED}


def table(measured: dict[str, dict[str, float]]) -> str:
    """Measured and allowed, a line for each page; what is over stands between asterisks."""
    width = max(map(len, measured), default=0)
    lines = [f"{'':{width}}  " + "".join(f"{name:>10}" for name in ALLOWED)]
    for page, costs in measured.items():
        too_much = over(costs)
        cells = [f"*{_said(name, costs[name])}*" if name in too_much else _said(name, costs[name]) for name in ALLOWED]
        lines.append(f"{page:{width}}  " + "".join(f"{cell:>10}" for cell in cells))
    lines.append(f"{'at most':{width}}  " + "".join(f"{_said(name, most):>10}" for name, most in ALLOWED.items()))
    return "\n".join(lines)


def _said(name: str, value: float) -> str:
    return f"{value:.3f}" if name == "CLS" else f"{value:.1f}" if name.endswith("kB") else f"{value:.0f}"


# --- In the browser


def visit(browser: Browser, site: str, page: Page) -> Visit:
    """One first visit, with nothing in the cache."""
    context = browser.new_context(
        viewport={"width": 1280, "height": 800}, locale="fr-FR" if page.language == "fr" else "en-GB"
    )
    if page.session:
        context.add_cookies([{"name": "sessionid", "value": page.session, "url": site}])
    tab = context.new_page()
    tab.add_init_script(OBSERVE)
    seen: dict[str, tuple[str, str]] = {}
    sizes: defaultdict[str, float] = defaultdict(float)
    network = context.new_cdp_session(tab)
    network.send("Network.enable")
    network.on("Network.requestWillBeSent", lambda e: seen.update({e["requestId"]: (e["type"], e["request"]["url"])}))
    network.on("Network.loadingFinished", lambda e: sizes.update({e["requestId"]: e["encodedDataLength"]}))
    answer = tab.goto(f"{site}{page.path}", wait_until="load")
    if answer is None or answer.status != 200:
        raise SystemExit(f"{page}: {page.path} answers {answer.status if answer else 'nothing'}.")
    tab.wait_for_timeout(SETTLED)
    measured = tab.evaluate("() => window.__measured")
    made = Visit()
    for request, (kind, url) in seen.items():
        if not url.startswith("data:"):
            made.add(kind, url, sizes[request])
    made.costs["CLS"], made.costs["LCP ms"] = measured["cls"], measured["lcp"]
    context.close()
    return made


def measure(site: str, pages: list[Page]) -> dict[str, dict[str, float]]:
    found = next((path for path in [*of_the_system(), *of_playwright()] if works(path)), None)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=ARGUMENTS)
        for page in pages:  # the server's first answers are slower: it reads its templates
            visit(browser, site, page)
        measured = {str(page): together([visit(browser, site, page) for _ in range(VISITS)]) for page in pages}
        browser.close()
    return measured


# --- The site


def environment(home: Path, address: Address, live: Address) -> dict[str, str]:
    """As in production, but for a proxy and its certificate."""
    return {
        **os.environ,
        "COMMUNE_HOME": str(home),
        "COMMUNE_DEVELOPMENT": "0",
        "DJANGO_SETTINGS_MODULE": "commune.settings",
        "SECRET_KEY": secrets.token_hex(32),
        "HOST": address.host,
        "PORT": str(address.port),
        "SITE_URL": address.local_url,
        "LIVE_URL": f"{live.local_url}/live/",
    }


@contextlib.contextmanager
def served(home: Path) -> Iterator[tuple[str, list[Page]]]:
    """The site with something to read in it, for as long as it is looked at."""
    address = Address("127.0.0.1", 8000).neighbour()
    live = address.neighbour()
    env = environment(home, address, live)
    answers = home / "pages.json"
    filling = "import sys, django; django.setup(); from commune.run.filling import fill; fill(sys.argv[1])"
    subprocess.run([sys.executable, "-c", filling, str(answers)], cwd=ROOT, env=env, check=True)  # noqa: S603 - ours
    pages = [Page(**page) for page in json.loads(answers.read_text())]
    granian = [sys.executable, "-m", "granian", "--host", address.host, "--workers", "1", "--no-ws"]
    web = [*granian, "--interface", "wsgi", "--port", str(address.port), "--blocking-threads", "8"]
    ears = [*granian, "--interface", "asgi", "--port", str(live.port), "commune.live.app:application"]
    with (home / "log" / "budgets.log").open("wb") as log:
        parts = [
            subprocess.Popen(command, cwd=ROOT, env=env, stdout=log, stderr=log, process_group=0)  # noqa: S603 - ours
            for command in ([*web, "commune.wsgi:application"], ears)
        ]
        try:
            if not until(address.healthy, 60.0, pause=0.1):
                raise SystemExit("The site did not answer.")
            yield address.local_url, pages
        finally:
            for part in parts:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(part.pid, signal.SIGTERM)
                with contextlib.suppress(subprocess.TimeoutExpired):
                    part.wait(10)
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(part.pid, signal.SIGKILL)


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="commune-budgets-") as folder:
        home = Path(folder)
        for name in ("DATABASE_URL", "DATABASE_URL_FILE", "REDIS_URL", "REDIS_URL_FILE"):
            os.environ.pop(name, None)  # never in somebody's own database
        try:
            services = attach(home, durable=False)
        except Unavailable as error:
            sys.stderr.write(f"{error}\n")
            return 1
        try:
            with served(home) as (site, pages):
                measured = measure(site, pages)
        finally:
            services.release()
    sys.stdout.write(f"First visit, empty cache, compressed; of {VISITS} the largest sizes and the shortest time.\n\n")
    sys.stdout.write(f"{table(measured)}\n")
    faults = {page: too_much for page, costs in measured.items() if (too_much := over(costs))}
    for page, too_much in faults.items():
        sys.stdout.write(f"Over: {page}: {', '.join(too_much)}\n")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
