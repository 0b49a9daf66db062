"""Pictures of the demo for the README: `make screenshots` runs the demo and writes .github/screenshots/*.png.

The demo's people have names of every script: Debian's `fonts-droid-fallback` and `fonts-lohit-deva` hold them.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
from pathlib import Path

from playwright.async_api import Page, ViewportSize, async_playwright, expect

from tests.demo.test_run import LONG, running

FOLDER = Path(__file__).parents[1] / ".github" / "screenshots"
SIZE: ViewportSize = {"width": 1280, "height": 800}
PATIENCE = 20_000
"""Milliseconds."""


async def main() -> None:
    """Drive the demo as a visitor would, and look at it."""
    flags = ["--no-sandbox"] if os.geteuid() == 0 else []
    expect.set_options(timeout=PATIENCE)
    with tempfile.TemporaryDirectory() as folder:
        async with running(Path(folder), *LONG) as demo, async_playwright() as playwright:
            url = (await demo.says(r"Open +(http://127\.0\.0\.1:\d+/)"))[1]
            browser = await playwright.chromium.launch(executable_path=shutil.which("chromium"), args=flags)
            for scheme in ("light", "dark"):
                context = await browser.new_context(viewport=SIZE, color_scheme=scheme)
                page = await context.new_page()
                await page.goto(url)
                await page.get_by_role("button", name="Dismiss the five steps").click()
                await _pictures(page, scheme)
            await browser.close()


async def _pictures(page: Page, scheme: str) -> None:
    card = page.locator(".message", has_text="Open in Clust")
    await expect(card.nth(1)).to_be_visible()
    await _say(page, "/clust list late:yes limit:3")
    await expect(page.locator(".message-ephemeral").last).to_contain_text("newest changes first")
    await page.screenshot(path=FOLDER / f"channel-{scheme}.png")
    if scheme == "dark":
        await page.get_by_role("button", name="Clust", exact=True).click()
        await expect(page.get_by_role("heading", name="Late")).to_be_visible()
        await page.screenshot(path=FOLDER / "home-dark.png")
        return
    await _say(page, "/clust create")
    await expect(page.get_by_role("dialog", name="New application").get_by_label("First name")).to_be_visible()
    await page.screenshot(path=FOLDER / "create-light.png")
    await page.keyboard.press("Escape")
    await card.last.get_by_role("button", name="Details").click()
    await expect(page.get_by_role("dialog", name="Application")).to_contain_text("History")
    await page.screenshot(path=FOLDER / "details-light.png")
    # It stands open for Mei wherever she looks.
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("dialog")).to_have_count(0)


async def _say(page: Page, text: str) -> None:
    composer = page.locator("#composer")
    await composer.fill(text)
    await composer.press("Escape")
    await composer.press("Enter")


if __name__ == "__main__":
    asyncio.run(main())
