// Two runs side by side: the same schedule with and without safeguards, stepped, never played.

import assert from "node:assert/strict";
import test from "node:test";
import { accessibilityViolations, withSite } from "./harness.mjs";
import { PATIENCE, clock, open, parts, shareLink } from "./lab.mjs";

const view = (page) => page.getByRole("region", { name: "Two runs side by side" });
const side = (page, letter) => view(page).locator(".beside-side", { hasText: new RegExp(`^${letter}`) });
const first = (page) => view(page).getByRole("button", { name: /≠ First difference/ });
const outcome = (page) => view(page).getByRole("region", { name: "Outcomes that differ" });

/** Waits until both runs have been looked through to the end. */
async function lookedThrough(page) {
  await outcome(page).getByText(/^Both were looked through/).waitFor({ timeout: PATIENCE });
}

/** Waits until both stages show the same time. */
async function together(page, time) {
  const now = view(page).getByRole("heading", { name: /What differs now, at/ });
  await now.filter({ hasText: new RegExp(time.replace(".", "\\."), "i") }).waitFor({ timeout: PATIENCE });
}

test("naive and hardened stand side by side, and the first difference is marked", async () => {
  await withSite(async ({ page, url }) => {
    await open(page, url, "#/s/g-counter?seed=1");
    await page.keyboard.press("v");
    await view(page).waitFor({ timeout: PATIENCE });
    await view(page).getByText(/^Same schedule; B alone has \d safeguards on/).waitFor();
    await view(page).getByText(/^Two runs are compared step by step/).waitFor();
    assert.match(await side(page, "A").innerText(), /Naive/);
    assert.match(await side(page, "B").innerText(), /Hardened/);
    assert.equal(await page.getByRole("group", { name: "Stage" }).count(), 2);
    await lookedThrough(page);

    // The first difference, by key: the same in both logs up to there, and marked there.
    await page.keyboard.press("n");
    await view(page).locator('.first-difference[aria-current="true"]').waitFor({ timeout: PATIENCE });
    await page.locator(".beside-lines .first-mark").waitFor({ timeout: PATIENCE });
    const row = page.locator(".beside-lines .is-first");
    assert.equal(await row.locator(".lines").count(), 2);
    assert.notEqual(await row.locator(".lines").nth(0).innerText(), await row.locator(".lines").nth(1).innerText());
    const time = await clock(page);
    await together(page, time);

    // A step moves both, a step back brings both back.
    const counts = async () => (await view(page).locator(".beside-counts").allInnerTexts()).join("|");
    const before = await counts();
    await page.keyboard.press("ArrowRight");
    await page.waitForFunction(
      (before) => [...document.querySelectorAll(".beside-counts")].map((it) => it.innerText).join("|") !== before,
      before,
      { timeout: PATIENCE },
    );
    await page.keyboard.press("ArrowLeft");
    await together(page, time);
    await page.waitForFunction(
      (before) => [...document.querySelectorAll(".beside-counts")].map((it) => it.innerText).join("|") === before,
      before,
      { timeout: PATIENCE },
    );

    // Each panel says whose it is: those beside the stage of either, those below of the open run.
    const beside = page.locator(".side .which-run");
    await beside.filter({ hasText: "Naive" }).waitFor();
    await side(page, "B").click();
    await beside.filter({ hasText: "Hardened" }).waitFor({ timeout: PATIENCE });
    await page.getByRole("tab", { name: "Faults" }).click();
    await page.locator(".strip .which-run").filter({ hasText: "Naive" }).waitFor();
    await side(page, "A").click();
    await beside.filter({ hasText: "Naive" }).waitFor({ timeout: PATIENCE });
    await page.getByRole("tab", { name: "Log" }).click();
    await page.evaluate(() => document.activeElement.blur());

    // On to what came of it: the promise is broken in one and holds in the other.
    await page.keyboard.press("n");
    await side(page, "A").filter({ hasText: "◆ Broken at" }).waitFor({ timeout: PATIENCE });
    assert.match(await side(page, "B").innerText(), /✓ Holds so far/);
    await outcome(page).locator('li[aria-current="true"]').waitFor();
    await view(page).locator(".difference-mark").first().waitFor({ timeout: PATIENCE });
    const now = view(page).getByRole("region", { name: "What differs now" });
    assert.ok((await now.getByRole("listitem").count()) > 0);

    // There is no film of two runs, and the reason is said.
    await page.keyboard.press("Space");
    await page.getByRole("status").filter({ hasText: "compared step by step" }).waitFor({ timeout: PATIENCE });

    // What is done is done to both.
    await page.keyboard.press("1");
    await page.keyboard.press("k");
    for (const letter of ["A", "B"]) {
      const stage = view(page).getByRole("group", { name: new RegExp(`^${letter}:`) });
      await stage.locator('[data-node="0"][aria-label*="crashed"]').waitFor({ timeout: PATIENCE });
    }
    assert.deepEqual(await accessibilityViolations(page), []);
    const beyond = await page.evaluate(() => document.documentElement.scrollHeight - innerHeight);
    assert.ok(beyond <= 0, `the page is ${beyond} px higher than the window`);

    await page.keyboard.press("v");
    await view(page).waitFor({ state: "detached", timeout: PATIENCE });
  });
});

test("a compared view is a link, and two forks can be compared", async () => {
  await withSite(async ({ page, url }) => {
    await open(page, url, "#/s/single-leader?seed=1&at=1.3s&vs=hardened");
    await view(page).waitFor({ timeout: PATIENCE });
    await together(page, "1.300");
    assert.equal(parts(await shareLink(page)).get("vs"), "hardened");
    await view(page).getByRole("button", { name: "End the comparison" }).click();
    await view(page).waitFor({ state: "detached", timeout: PATIENCE });

    // In the past, an action opens a fork.
    await page.keyboard.press("Home");
    await page.keyboard.press("1");
    await page.keyboard.press("k");
    const compare = page.getByRole("button", { name: "Compare A|B …" });
    await compare.waitFor({ timeout: PATIENCE });
    await compare.click();
    await page.getByRole("button", { name: /^The other future: without/ }).click();
    await view(page).getByText(/in A only/).waitFor({ timeout: PATIENCE });
    await first(page).waitFor({ timeout: PATIENCE });
  });
});

test("beside panels that leave little room, one stage shows either run at a size that can be read", async () => {
  await withSite(async ({ page, url }) => {
    await open(page, url, "#/s/single-leader?seed=42&vs=hardened&at=3s");
    const stages = page.locator(".beside-stage");
    await stages.first().waitFor({ timeout: PATIENCE });
    assert.equal(await stages.count(), 1);
    await page.locator(".beside-letter").filter({ hasText: "A" }).waitFor();
    const { width } = await stages.boundingBox();
    assert.ok(width > 600, `${width} px`);
    await page.locator(".beside-side").nth(1).click();
    await page.locator(".beside-letter").filter({ hasText: "B" }).waitFor({ timeout: PATIENCE });
  }, { viewport: { width: 1024, height: 768 } });
});

test("on a phone in the dark, one stage shows either run", async () => {
  await withSite(
    async ({ page, url }) => {
      await open(page, url, "#/s/g-counter?seed=1&at=2s&vs=hardened");
      await view(page).waitFor({ timeout: PATIENCE });
      await lookedThrough(page);
      const stage = page.getByRole("group", { name: "Stage" });
      assert.equal(await stage.count(), 1);
      assert.ok((await stage.boundingBox()).height > 240, "it can be seen");
      await view(page).getByRole("group", { name: /^A: Naive/ }).waitFor();
      const box = await side(page, "B").boundingBox();
      assert.ok(box.height >= 44 && box.width >= 44);
      await side(page, "B").tap();
      await view(page).getByRole("group", { name: /^B: Hardened/ }).waitFor({ timeout: PATIENCE });
      assert.equal(await stage.count(), 1);
      const wide = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
      assert.equal(wide, false);
      await first(page).scrollIntoViewIfNeeded();
      await first(page).tap();
      await view(page).locator('.first-difference[aria-current="true"]').waitFor({ timeout: PATIENCE });
      assert.deepEqual(await accessibilityViolations(page), []);
    },
    { viewport: { width: 390, height: 844 }, colorScheme: "dark", hasTouch: true, isMobile: true },
  );
});
