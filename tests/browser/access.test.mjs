// Everybody can use it: the rules of accessibility, the keyboard alone, a phone.

import assert from "node:assert/strict";
import test from "node:test";
import { accessibilityViolations, withSite } from "./harness.mjs";
import { PATIENCE, node, open, pauseButton, playButton, playUntil } from "./lab.mjs";

const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };

for (const colorScheme of ["light", "dark"]) {
  for (const [size, viewport] of [["a desk", {}], ["a phone", phone]]) {
    test(`gallery and lab break no rule of accessibility, ${colorScheme}, on ${size}`, async () => {
      await withSite(
        async ({ page, url }) => {
          await page.goto(`${url}#/gallery`);
          await page.getByRole("heading", { level: 3 }).first().waitFor({ timeout: PATIENCE });
          assert.deepEqual(await accessibilityViolations(page), []);
          await open(page, url, "#/s/single-leader?seed=1&at=300ms");
          assert.deepEqual(await accessibilityViolations(page), []);
          await page.locator(".stage-buttons button").first().click();
          await playUntil(page, page.getByRole("alert").filter({ hasText: "◆ Broken at" }));
          assert.deepEqual(await accessibilityViolations(page), []);
        },
        { colorScheme, ...viewport },
      );
    });
  }
}

test("dialogs and menus break no rule of accessibility", async () => {
  await withSite(async ({ page, url }) => {
    await open(page, url, "#/s/g-counter?seed=1&at=300ms");
    for (const button of ["Share", "Help", "About this system"]) {
      await page.getByRole("button", { name: button, exact: true }).click();
      await page.getByRole("dialog").waitFor();
      assert.deepEqual(await accessibilityViolations(page), [], button);
      await page.keyboard.press("Escape");
      await page.getByRole("dialog").waitFor({ state: "detached" });
    }
    await page.keyboard.press("l");
    await page.getByText("inside a peer: clicks counted").waitFor();
    assert.deepEqual(await accessibilityViolations(page), [], "the legend");
    await page.getByRole("button", { name: "Legend" }).click();
    await page.getByText("inside a peer: clicks counted").waitFor({ state: "detached" });
    await page.locator("[data-node]").first().click({ button: "right" });
    await page.getByRole("menu").waitFor();
    assert.deepEqual(await accessibilityViolations(page), []);
  });
});

test("the keyboard alone is enough", async () => {
  await withSite(async ({ page, url }) => {
    await open(page, url, "#/s/single-leader?seed=1");
    const leader = page.locator('[data-node][aria-label*=", leader"]');
    await page.keyboard.press("Space");
    await leader.first().waitFor({ timeout: PATIENCE });
    if (await pauseButton(page).isVisible()) await page.keyboard.press("Space");
    await playButton(page).waitFor({ timeout: PATIENCE });

    // The main button is two keys away from the top of the page.
    await page.getByRole("button", { name: "Skip to the main button" }).focus();
    await page.keyboard.press("Enter");
    const place = await page.evaluate(() => document.activeElement.parentElement.className);
    assert.equal(place, "stage-buttons");
    await page.evaluate(() => document.activeElement.blur());

    // Select a node, crash it, start it again.
    await page.keyboard.press("1");
    await page.keyboard.press("k");
    await page.locator('[data-node="0"][aria-label*="crashed"]').waitFor({ timeout: PATIENCE });
    await page.keyboard.press("r");
    await page.keyboard.press("ArrowRight");
    await page.locator('[data-node="0"]:not([aria-label*="crashed"])').waitFor({ timeout: PATIENCE });

    // Split the network without a pointer: mark the nodes of one side, then cut.
    await page.keyboard.press("p");
    await node(page, "S1").focus();
    await page.keyboard.press("Space");
    await node(page, "S2").focus();
    await page.keyboard.press("Space");
    await page.keyboard.press("Enter");
    const stage = page.getByRole("list", { name: "The stage in words" });
    const split = stage.getByText("The network is split since");
    await split.waitFor({ state: "attached", timeout: PATIENCE });
    assert.match(await split.innerText(), /S1, S2/);
    await page.keyboard.press("Escape");
    await page.keyboard.press("h");
    await split.waitFor({ state: "detached", timeout: PATIENCE });

    // A menu by its key, walked through and left; the focus comes back.
    await node(page, "S3").focus();
    await page.keyboard.press("Enter");
    await page.getByRole("menu").waitFor();
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Escape");
    await page.getByRole("menu").waitFor({ state: "detached" });
    const focused = await page.evaluate(() => document.activeElement?.getAttribute("aria-label"));
    assert.match(focused ?? "", /^S3/);

    // Help lists the keys, and Escape leaves it.
    await page.keyboard.press("?");
    await page.getByRole("dialog").waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });

    // Undo takes back what was done.
    await page.keyboard.press("Control+z");
    await split.waitFor({ state: "attached", timeout: PATIENCE });
  });
});

test("every control can be reached by Tab and shows where the focus is", async () => {
  await withSite(async ({ page, url }) => {
    await open(page, url, "#/s/g-counter?seed=1&at=300ms");
    const seen = new Set();
    for (let press = 0; press < 150; press += 1) {
      await page.keyboard.press("Tab");
      const found = await page.evaluate(() => {
        const element = document.activeElement;
        if (!element || element === document.body) return undefined;
        const name = element.getAttribute("aria-label") ?? element.textContent.trim();
        return name.slice(0, 40);
      });
      if (found) seen.add(found);
    }
    const names = [...seen].join("\n");
    for (const expected of ["Share", "Play", "Step", "Time", "Help"]) {
      assert.ok(names.includes(expected), `“${expected}” is not reached:\n${names}`);
    }
  });
});

test("a phone scrolls no page sideways", async () => {
  await withSite(async ({ page, url }) => {
    const tooWide = () =>
      page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    await page.goto(`${url}#/gallery`);
    await page.getByRole("heading", { level: 3 }).first().waitFor({ timeout: PATIENCE });
    assert.equal(await tooWide(), 0, "gallery");
    for (const slug of ["single-leader", "g-counter"]) {
      await open(page, url, `#/s/${slug}?seed=1&at=300ms`);
      assert.equal(await tooWide(), 0, slug);
      const bar = page.getByRole("navigation", { name: "Panels" });
      for (const button of await bar.getByRole("button").all()) {
        await button.click();
        assert.equal(await tooWide(), 0, `${slug} ${await button.innerText()}`);
      }
    }
  }, phone);
});
