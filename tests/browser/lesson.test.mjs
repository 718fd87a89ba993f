// The lesson as a newcomer meets it: the film stops at each step, on every screen; nothing is passed
// over; what is offered can be done.

import assert from "node:assert/strict";
import test from "node:test";
import { accessibilityViolations, withSite } from "./harness.mjs";
import { PATIENCE, clock, open, parts, playButton, playUntil, shareLink } from "./lab.mjs";

const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, colorScheme: "dark" };
const lessonOf = (page) => page.getByRole("complementary", { name: "Lesson" });
// On a small screen the lesson is there and hidden: the step is told over the stage.
const present = (page) => page.locator(".beats > li[aria-current=step] button").first();
const broken = (page) => page.getByRole("alert").filter({ hasText: "◆ Broken at" });
const holds = (page) => page.getByRole("status").filter({ hasText: /✓ (Held|Holds so far)/ });

const waits = (page) => page.getByText(/The film waits at step \d of \d:/).filter({ visible: true });

/** Runs the story to where it breaks; returns when the film stopped, and at which step. */
async function story(page) {
  await page.locator(".stage-buttons button").first().click();
  const stops = [];
  for (;;) {
    // The film runs, and then it does not.
    await playButton(page).waitFor({ timeout: PATIENCE });
    stops.push(`${await clock(page)} ${(await present(page).textContent()).slice(1)}`);
    if ((await broken(page).count()) > 0) return stops;
    // A stop says why.
    await waits(page).first().waitFor({ timeout: PATIENCE });
    const step = page.locator(".bet-banner .button.primary");
    const next = (await step.isVisible()) ? step : lessonOf(page).locator(".lesson-buttons .primary");
    const before = stops.at(-1);
    await next.click();
    await page.waitForFunction(
      (before) => !before.startsWith(document.querySelector(".transport .clock").innerText),
      before,
      { timeout: PATIENCE },
    );
  }
}

test("the film stops at each step of the lesson, at the same moments on every screen", async () => {
  const seen = [];
  for (const options of [{}, { viewport: { width: 1024, height: 768 } }, PHONE]) {
    await withSite(async ({ page, url }) => {
      await open(page, url, "#/s/single-leader?seed=42");
      seen.push(await story(page));
    }, options);
  }
  assert.ok(seen[0].length >= 3, seen[0].join("\n"));
  // What was on screen before the film began does not stop it before anything has moved.
  assert.ok(Number.parseFloat(seen[0][0]) > 0.3, seen[0].join("\n"));
  assert.deepEqual(seen[1], seen[0]);
  assert.deepEqual(seen[2], seen[0]);
});

test("why: what can be left out is offered, else the reason; the story ends with the run", async () => {
  await withSite(async ({ page, url }) => {
    await open(page, url, "#/s/single-leader?seed=42");
    await story(page);
    await broken(page).getByRole("button", { name: "Why?" }).click();
    const why = page.getByRole("region", { name: "Why" });
    // A leader acted on a lease that lasted by its own clock only.
    await why.getByText(/by its own clock its lease lasts \d+ ms more/).first().waitFor({ timeout: PATIENCE });
    const fixed = why.getByLabel(/^why not without it\?/).first();
    await fixed.click();
    await why.locator(".why-fixed[open] p").first().waitFor();
    assert.deepEqual(await accessibilityViolations(page), []);

    // The lesson has a bet on what comes, so the other design is played from the start.
    await broken(page).getByRole("button", { name: "Turn the safeguards on and replay" }).click();
    await why.waitFor({ state: "detached", timeout: PATIENCE });
    await lessonOf(page).getByRole("group", { name: /What will S1 do/ }).waitFor({ timeout: PATIENCE });
    await playUntil(page, holds(page));
    await page.getByText("The price:").first().waitFor({ timeout: PATIENCE });
    await page.getByRole("button", { name: "All costs" }).click();
    await page.getByRole("list", { name: "What an operation costs" }).waitFor();
  });
});

test("the naive run is told to its end before the safeguards, or what was left is said", async () => {
  await withSite(async ({ page, url }) => {
    await open(page, url, "#/s/single-leader?seed=42");
    await story(page);
    // By one click to what it costs: then the breach is told that belongs to that step, after the first.
    await broken(page).getByRole("button", { name: "Go on: The bill" }).click();
    await waits(page).first().waitFor({ timeout: PATIENCE });
    assert.match(await present(page).textContent(), /The bill/);
    const told = await broken(page).innerText();
    assert.match(told, /both acknowledged entry 36[^]*Also fell:[^]* is on no disk any more/);
    const first = broken(page).getByRole("button", { name: "Go to the moment" });
    const safeguards = broken(page).locator(".primary");
    assert.equal(await safeguards.innerText(), "Turn the safeguards on and replay");
    await first.click();
    await broken(page).filter({ hasNotText: "Also fell:" }).waitFor({ timeout: PATIENCE });
    assert.match(await broken(page).innerText(), /^◆ Broken at 1\.183 s[^]*both acknowledged entry 36/);
  });
  await withSite(async ({ page, url }) => {
    await open(page, url, "#/s/single-leader?seed=42");
    await story(page);
    await broken(page).getByRole("button", { name: "Turn the safeguards on and replay" }).click();
    const left = lessonOf(page).getByText("Not seen yet of the naive run:");
    await left.waitFor({ timeout: PATIENCE });
    await left.getByRole("button", { name: "5. The bill" }).click();
    await broken(page).filter({ hasText: "is on no disk any more" }).waitFor({ timeout: PATIENCE });
    assert.match(await present(page).textContent(), /The bill/);
  });
});

test("the proof is seen whatever way one comes to it, and nothing false is announced", async () => {
  await withSite(async ({ page, url }) => {
    await open(page, url, "#/s/single-leader?seed=42");
    await story(page);
    const lesson = lessonOf(page);
    await lesson.getByRole("button", { name: "The price" }).click();
    await holds(page).filter({ hasText: "Without them it broke at 1.183 s" }).waitFor({ timeout: PATIENCE });
    assert.doesNotMatch(await page.getByRole("log", { name: "Announcements" }).innerText(), /BROKEN/);
  });
});

test("who is shown what breaks without a safeguard gets back the very run they had", async () => {
  await withSite(async ({ page, url }) => {
    await open(page, url, "#/s/single-leader?seed=42&preset=hardened&at=2s");
    await page.locator('[data-node][aria-label^="S2"]').first().click({ button: "right" });
    await page.getByRole("menuitem", { name: "Crash" }).click();
    await page.getByRole("tab", { name: "Properties" }).click();
    const crashed = page.locator('[data-node][aria-label^="S2"][aria-label*="crashed"]');
    await crashed.waitFor({ timeout: PATIENCE });
    const had = parts(await shareLink(page));
    await page.getByRole("button", { name: /^See it break/ }).first().click();
    const back = page.getByRole("button", { name: "Back to the run I had" });
    await back.waitFor({ timeout: PATIENCE });
    await back.click();
    await back.waitFor({ state: "detached", timeout: PATIENCE });
    await crashed.waitFor({ timeout: PATIENCE });
    const has = parts(await shareLink(page));
    for (const name of ["seed", "preset", "a"]) assert.equal(has.get(name), had.get(name), name);
  });
});

test("back to the script leads to this very moment of it", async () => {
  await withSite(async ({ page, url }) => {
    await open(page, url, "#/s/single-leader?seed=42");
    await story(page);
    await page.locator('[data-node][aria-label^="S2"]').first().click({ button: "right" });
    await page.getByRole("menuitem", { name: "Crash" }).click();
    const lesson = lessonOf(page);
    const back = lesson.getByRole("button", { name: "Back to the script" });
    await back.waitFor({ timeout: PATIENCE });
    const [time, step] = [await clock(page), await present(page).textContent()];
    await back.click();
    await back.waitFor({ state: "detached", timeout: PATIENCE });
    assert.deepEqual([await clock(page), await present(page).textContent()], [time, step]);
  });
});

test("steps that came up unseen are offered one by one", async () => {
  await withSite(async ({ page, url }) => {
    await open(page, url, "#/s/single-leader?seed=42&at=2s");
    await page.getByRole("button", { name: "Hardened", exact: true }).click();
    const lesson = lessonOf(page);
    await lesson.getByText("2 more steps came up meanwhile").waitFor({ timeout: PATIENCE });
    assert.match(await present(page).textContent(), /Count votes, not seconds/);
    assert.match(await lesson.locator(".beats .unread").first().textContent(), /Why not better clocks/);
    // What never came up is not ticked off.
    const bill = lesson.getByRole("listitem").filter({ hasText: "The bill" });
    assert.equal(await bill.getAttribute("class"), "later");
  });
});

test("a lesson says what it builds on, and ends with what else there is to see", async () => {
  await withSite(async ({ page, url }) => {
    await open(page, url, "#/s/raft-log?seed=42");
    const lesson = lessonOf(page);
    await lesson.getByText("It builds on:").waitFor({ timeout: PATIENCE });
    await lesson.getByRole("link", { name: "One leader, though clocks lie" }).waitFor();
    const last = lesson.locator(".beats > li").last().getByRole("button").first();
    await last.click();
    const more = lesson.locator(".more-scripts");
    await more.getByRole("button").first().waitFor({ timeout: PATIENCE });
    const name = await more.getByRole("button").first().innerText();
    await more.getByRole("button").first().click();
    // Another script is told in the steps' place, and leads back to them.
    const other = lesson.locator(".another-script");
    await other.getByRole("heading", { name }).waitFor({ timeout: PATIENCE });
    assert.equal(await lesson.locator(".beats").count(), 0);
    await other.getByRole("button", { name: "Back to the lesson" }).click();
    await lesson.locator(".beats > li").first().waitFor({ timeout: PATIENCE });
  });
});

test("a wish that comes to nothing is said over the page, and gone with the next one", async () => {
  await withSite(async ({ page, url }) => {
    await open(page, url, "#/s/single-leader?seed=42");
    await page.keyboard.press("k");
    const said = page.getByRole("status").filter({ hasText: "Select a node first." });
    await said.waitFor();
    await page.keyboard.press("1");
    await said.waitFor({ state: "detached" });
  });
});

test("on a phone the step is told over the stage, also after the lesson was looked at", async () => {
  await withSite(async ({ page, url }) => {
    await open(page, url, "#/s/single-leader?seed=42");
    await story(page);
    await page.getByRole("navigation", { name: "Panels" }).getByRole("button", { name: /^Lesson/ }).click();
    await lessonOf(page).waitFor({ timeout: PATIENCE });
    await page.getByRole("navigation", { name: "Panels" }).getByRole("button", { name: /^Lesson/ }).click();
    await broken(page).getByRole("button", { name: "Turn the safeguards on and replay" }).click();
    await page.locator(".bet-banner").waitFor({ timeout: PATIENCE });
  }, PHONE);
});

test("the menu of a node low on the stage is within the window", async () => {
  await withSite(async ({ page, url }) => {
    await open(page, url, "#/s/single-leader?seed=42");
    await page.locator('[data-node][aria-label^="S4"]').first().click({ button: "right" });
    const menu = page.getByRole("menu");
    await menu.waitFor({ timeout: PATIENCE });
    const box = await menu.boundingBox();
    const height = page.viewportSize().height;
    assert.ok(box.y >= 0 && box.y + box.height <= height, `${box.y} + ${box.height} in ${height}`);
    await menu.getByRole("menuitem").last().scrollIntoViewIfNeeded();
    assert.deepEqual(await accessibilityViolations(page), []);
  });
});

test("the script leads past what has been seen to the breach, and the first breach leads the others", async () => {
  await withSite(async ({ page, url }) => {
    await open(page, url, "#/s/single-leader?seed=42&at=6s");
    await broken(page).filter({ hasText: "Also fell:" }).waitFor({ timeout: PATIENCE });
    assert.match(await broken(page).innerText(), /^◆ Broken at 1\.183 s[^]*Also fell:\s+1\.186 s[^]*and 1 more/);
    await page.getByRole("combobox", { name: "Speed" }).selectOption({ label: "16×" });
    await page.getByRole("button", { name: /^A wrong clock and a cut/ }).click();
    const lesson = page.getByRole("complementary", { name: "Lesson" });
    const step = lesson.locator('[aria-current="step"]');
    await step.filter({ hasText: "More than one leader" }).waitFor({ timeout: PATIENCE });
    await playButton(page).waitFor({ timeout: PATIENCE });
    assert.equal(await clock(page), "1.183 s");
    await broken(page).getByRole("button", { name: "Go on: The bill" }).waitFor({ timeout: PATIENCE });
    assert.equal(await broken(page).getByText("Also fell:").count(), 0, "nothing else fell so far");
  });
});
