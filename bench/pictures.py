"""Pictures of every screen of the app and the notebooks, and of every page of the printed report, to look at.

They go into a folder: app-PAGE-SIZE.png, lab-NOTEBOOK-SIZE.png, report-N.png (where pdftoppm is on the path).
What a script can see is told: sideways scroll, text that is cut, controls without a name.

Run: python -m bench.pictures FOLDER [app] [lab] [report]
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from bench.echo import PATIENCE_MS, QUIET, opened
from bench.serving import ends_in_order, served

SIZES = ((1440, 900), (1280, 720), (1024, 768), (390, 844))
PAGES = ("", "foundation_model", "improvement", "deployment", "data_storage", "operations", "plan", "log",
         "pilot", "prompt", "priorities", "owners", "milestones")  # fmt: skip
NOTEBOOKS = ("00_start", "01_foundation_model", "02_improvement", "03_deployment", "04_data_storage",
             "05_operations", "06_plan")  # fmt: skip
OPEN = "path => window.jupyterapp.commands.execute('docmanager:open', {path}).then(() => true)"
SETTLED = """() => !document.querySelector('.app-waiting')
    && !document.body.innerText.includes('Looking for the nearest')"""
SEEN = """() => {
    const faults = [];
    if (document.documentElement.scrollWidth > innerWidth) faults.push('sideways scroll of the page');
    for (const e of document.querySelectorAll('.adv *')) {
        if (!e.checkVisibility() || e.closest('svg, .adv-unseen, .adv-lazy, select')) continue;
        if (e.clientWidth < 2 || !(e.innerText || '').trim()) continue;
        const said = e.innerText.trim().slice(0, 60), style = getComputedStyle(e);
        if (['hidden', 'clip'].includes(style.overflowX) && e.scrollWidth > e.clientWidth + 1)
            faults.push('cut: ' + said);
        if (e.getBoundingClientRect().right > innerWidth + 1) faults.push('beyond the edge: ' + said);
    }
    return [...new Set(faults)].slice(0, 5);
}"""


def taken(page, folder, name):
    for wide, high in SIZES:
        page.set_viewport_size({"width": wide, "height": high})
        page.wait_for_timeout(700)  # layouts settle
        page.screenshot(path=folder / f"{name}-{wide}x{high}.png")
        for fault in page.evaluate(SEEN):
            print(f"{name} at {wide}×{high}: {fault}", flush=True)


def app(browser, folder, work):
    with served(["advisor", "app", "--port", "0"], work) as (_, address):
        page = opened(browser, address)
        for name in PAGES:
            page.goto(address + name)
            page.wait_for_function(SETTLED, timeout=PATIENCE_MS)
            taken(page, folder, f"app-{name or 'start'}")


def lab(browser, folder, work):
    with served(["advisor", "lab"], work) as (_, address):
        page = opened(browser, address)
        for name in NOTEBOOKS:
            page.wait_for_function("window.jupyterapp?.shell?.currentWidget?.sessionContext")
            page.evaluate(OPEN, f"notebooks/{name}.ipynb")
            front = page.locator(".jp-NotebookPanel:not(.lm-mod-hidden)")
            front.locator("article.adv").first.wait_for(timeout=PATIENCE_MS)
            page.wait_for_timeout(5000)
            taken(page, folder, f"lab-{name}")


def report(_browser, folder, work):
    command = ["advisor", "report", "contact_centre", "-o", str(work), "--format", "pdf"]
    subprocess.run([sys.executable, "-m", *command], check=True)
    printer = shutil.which("pdftoppm")
    if printer is None:
        print("pdftoppm is not on the path: the report's pages are not drawn")
        return
    found = next(work.rglob("*.pdf"))
    subprocess.run([printer, "-png", "-r", "80", str(found), str(folder / "report")], check=True)


def main():
    if len(sys.argv) < 2:
        print(__doc__)
        return 2
    ends_in_order()
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    wanted = sys.argv[2:] or ["app", "lab", "report"]
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=QUIET)
        for kind, take in (("app", app), ("lab", lab), ("report", report)):
            if kind in wanted:
                take(browser, folder, Path(name))
        browser.close()
    print(f"{len(list(folder.glob('*.png')))} pictures in {folder}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
