// The lab on every screen: one walk through all it offers, on a desk, a projector and a phone, in the
// light and in the dark. What each view does in detail is held elsewhere; here it is that nobody is
// left without it, that nothing is wider than the screen, and that no rule of accessibility is broken.

import assert from "node:assert/strict";
import test from "node:test";
import { accessibilityViolations, withSite } from "./harness.mjs";
import { PATIENCE, clock, node, open } from "./lab.mjs";

const screens = [
  ["a desk", {}],
  ["a projector", { viewport: { width: 1024, height: 768 } }],
  ["a phone", { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true }],
];

/** In which sheet a small screen has the panels that have none of their own. */
const sheetOf = {
  Inspect: "Details", State: "Details", Properties: "Details", Source: "Details",
  "Space-time": "Over time", Log: "Over time", Faults: "Over time", History: "Over time",
};

const sheets = (page) => page.getByRole("navigation", { name: "Panels" });
const lesson = (page) => page.getByRole("complementary", { name: "Lesson" });

/** Shows a panel as a viewer would: by its tab, or by the sheet that has it. */
async function show(page, name) {
  if (await sheets(page).isVisible()) {
    // The lesson's says how many steps are to be read.
    const named = new RegExp(`^${sheetOf[name] ?? name}( \\(\\d+\\))?$`);
    const button = sheets(page).getByRole("button", { name: named });
    if ((await button.getAttribute("aria-expanded")) !== "true") await button.click();
  }
  const tab = page.getByRole("tab", { name, exact: true });
  if (await tab.isVisible()) await tab.click();
}

/** Puts the sheets away, where there are any. */
async function hide(page) {
  const open = sheets(page).locator('[aria-expanded="true"]');
  if (await open.isVisible()) await open.click();
}

/** Holds what must be so in every view. */
async function holds(page, view) {
  assert.deepEqual(await accessibilityViolations(page), [], view);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  assert.ok(wide <= 0, `${view}: the page is ${wide} px too wide`);
}

const shown = (locator) => locator.first().waitFor({ timeout: PATIENCE });
const gone = (locator) => locator.first().waitFor({ state: "detached", timeout: PATIENCE });

async function stage(page) {
  await page.keyboard.press("l");
  await shown(page.getByRole("group", { name: "What the signs mean" }).locator("li, dt, div"));
  await page.keyboard.press("l");
  const width = async () => (await node(page, "S1").boundingBox()).width;
  const usual = await width();
  await page.keyboard.press("+");
  await page.waitForFunction(
    (usual) => document.querySelector('[data-node="0"]').getBoundingClientRect().width > usual * 1.1,
    usual,
    { timeout: PATIENCE },
  );
  await page.keyboard.press("0");
  await page.keyboard.press("2");
  await page.keyboard.press("y");
  await shown(page.locator('[data-node][aria-label*="heard"]'));
  await holds(page, "what one node knows");
  await page.keyboard.press("y");
  await gone(page.locator(".is-unknown"));
  await page.keyboard.press("Escape");
  await hide(page);
}

async function time(page) {
  const before = await clock(page);
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("Shift+ArrowRight");
  await page.waitForFunction(
    (before) => document.querySelector(".transport .clock").innerText !== before,
    before,
    { timeout: PATIENCE },
  );
  // A fault in the past leaves a future behind, and undo brings it back.
  await page.keyboard.press("1");
  await page.keyboard.press("k");
  await shown(page.locator('[data-node="0"][aria-label*="crashed"]'));
  await page.keyboard.press("Escape");
  await hide(page);
  await show(page, "Faults");
  const crash = page.getByRole("list", { name: "What is done" }).getByText("Crash S1");
  await shown(crash);
  await holds(page, "faults");
  await page.keyboard.press("Control+z");
  await gone(crash);
  await hide(page);
  await page.keyboard.press("g");
  await shown(page.getByRole("form", { name: "Run until words are said" }));
  await holds(page, "run until");
  await page.keyboard.press("Escape");
}

async function inside(page) {
  await show(page, "State");
  await shown(page.getByRole("tabpanel", { name: "State" }).locator("[role=img], table"));
  await holds(page, "state");
  await show(page, "Properties");
  await shown(page.getByText(/^Held in [\d,]+ states\.$/));
  await holds(page, "properties");
  await show(page, "Source");
  await shown(page.locator(".source code"));
  await holds(page, "source");
  await hide(page);
  await page.keyboard.press("1");
  await show(page, "Inspect");
  await shown(page.locator(".inside-tree summary").filter({ hasText: "Disk" }));
  await holds(page, "inspector");
  await page.keyboard.press("Escape");
  await hide(page);
}

async function trace(page) {
  await show(page, "Space-time");
  await page.waitForFunction(
    () => Number(document.querySelector("canvas.st-canvas")?.dataset.events ?? 0) > 3,
    undefined,
    { timeout: PATIENCE },
  );
  await page.getByRole("listbox", { name: /Events in order/ }).focus();
  await page.keyboard.press("ArrowLeft");
  const selected = page.getByRole("region", { name: "Selected event" });
  await selected.getByRole("button", { name: "Why?" }).click();
  await shown(page.getByRole("region", { name: "Why" }).getByRole("listitem"));
  await holds(page, "why");
  await page.keyboard.press("Escape");
  await page.keyboard.press("Escape");
  await show(page, "Log");
  const field = page.getByRole("searchbox", { name: "Search the log" });
  await field.fill("node:S1 kind:event");
  await shown(page.locator(".hits").filter({ hasText: /^[\d,]+ hits$/ }));
  await field.press("Escape");
  await holds(page, "log");
}

async function figures(page) {
  await show(page, "History");
  const judge = page.getByRole("button", { name: /Check the history/ });
  await shown(judge);
  await judge.click();
  await shown(page.locator(".history-verdict").getByRole("button", { name: "Check again" }));
  await holds(page, "history");
  await hide(page);
}

async function commands(page) {
  await page.keyboard.press("c");
  const bar = page.getByRole("region", { name: "Commands" });
  await shown(bar.getByRole("textbox"));
  await holds(page, "commands");
  await page.keyboard.press("Escape");
  await gone(bar);
}

async function teaching(page) {
  await show(page, "Lesson");
  await shown(lesson(page).getByRole("button", { name: "The cut" }));
  await lesson(page).getByRole("button", { name: "The cut" }).click();
  await shown(lesson(page).getByRole("group", { name: /What does it do with/ }).getByRole("radio"));
  await holds(page, "a bet");
  await lesson(page).getByRole("button", { name: /^Puzzles/ }).click();
  await shown(lesson(page).getByRole("button", { name: "Set it up" }));
  await holds(page, "puzzles");
  await lesson(page).getByRole("button", { name: /^Lesson/ }).click();
  await hide(page);
}

async function compare(page) {
  await page.keyboard.press("v");
  const view = page.getByRole("region", { name: "Two runs side by side" });
  await shown(view.getByText(/^Same schedule/));
  await shown(view.getByText(/^Both were looked through/));
  await view.getByRole("button", { name: /First difference/ }).click();
  await shown(view.locator('.first-difference[aria-current="true"]'));
  await holds(page, "compare");
  await page.keyboard.press("v");
  await gone(view);
}

for (const colorScheme of ["light", "dark"]) {
  for (const [size, options] of screens) {
    test(`all that the lab offers is there on ${size}, ${colorScheme}`, async () => {
      await withSite(
        async ({ page, url }) => {
          await open(page, url, "#/s/single-leader?seed=1&at=2s");
          await page.evaluate(() => document.activeElement?.blur());
          const walk = [stage, time, inside, trace, figures, commands, teaching, compare];
          for (const part of walk) await part(page);
        },
        { colorScheme, ...options },
      );
    });
  }
}
