// What happened, looked at closely: events in the space-time diagram, a search through the run, the
// run without an event, what a step changed, what is inside a node, and the code that just ran.

import assert from "node:assert/strict";
import test from "node:test";
import { accessibilityViolations, withSite } from "./harness.mjs";
import { PATIENCE, open, playButton } from "./lab.mjs";

const link = "#/s/single-leader?seed=1&at=1.5s";

const tab = (page, name) => page.getByRole("tab", { name, exact: true });
const events = (page) => page.getByRole("listbox", { name: /Events in order/ });
const selected = (page) => page.getByRole("region", { name: "Selected event" });
const canvas = (page) => page.locator("canvas.st-canvas");

/** Waits until the diagram has drawn events. */
async function drawn(page) {
  await page.waitForFunction(
    () => Number(document.querySelector("canvas.st-canvas")?.dataset.events ?? 0) > 3,
    undefined,
    { timeout: PATIENCE },
  );
}

/** Waits until the selected event is said in words other than `before`. */
async function words(page, before = "…") {
  const said = selected(page).locator("p");
  await page.waitForFunction(
    ([text]) => {
      const said = document.querySelector(".st-selection p")?.textContent;
      return said !== undefined && said !== "…" && said !== text;
    },
    [before],
    { timeout: PATIENCE },
  );
  return said.innerText();
}

test("an event is selected by keys, told in words, explained, and left out of the run", async () => {
  await withSite(async ({ page, url }) => {
    await open(page, url, link);
    await drawn(page);
    const list = events(page);
    await list.focus();
    await page.keyboard.press("ArrowLeft");
    let said = await words(page);
    assert.ok((await list.getByRole("option", { selected: true }).count()) === 1);
    await page.keyboard.press("ArrowLeft");
    said = await words(page, said);

    // Back to an event that can be left out: a message that arrived.
    const without = selected(page).getByRole("button", { name: "Without this event" });
    for (let steps = 0; !/ receives from (S|C)/.test(said); steps += 1) {
      assert.ok(steps < 60, "no message arrives here");
      await page.keyboard.press("ArrowLeft");
      said = await words(page, said);
    }
    assert.equal(await without.getAttribute("aria-disabled"), null);
    await selected(page).getByRole("button", { name: "Why?" }).click();
    const why = page.getByRole("region", { name: "Why" });
    await why.getByRole("listitem").first().waitFor({ timeout: PATIENCE });
    await why.getByRole("button", { name: "Close" }).click();
    await without.click();
    await page.getByRole("status").filter({ hasText: "This is the run without" }).waitFor({ timeout: PATIENCE });
    const futures = page.getByRole("list", { name: "Futures left behind" });
    await futures.getByRole("listitem").first().waitFor({ timeout: PATIENCE });
    assert.equal(await selected(page).count(), 0);
  });
});

test("the diagram is read by order or by time, nearer or farther, with lanes hidden", async () => {
  await withSite(
    async ({ page, url }) => {
      await open(page, url, link);
      await drawn(page);
      const tools = page.getByRole("toolbar", { name: "Space-time diagram" });
      assert.equal(await tools.getByRole("button", { name: "Logical" }).getAttribute("aria-pressed"), "true");
      await tools.getByRole("button", { name: "Real time" }).click();
      await tools.getByRole("button", { name: "Farther" }).click();
      await drawn(page);
      await page.getByRole("button", { name: "Hide the lane of S2" }).click();
      const show = page.getByRole("button", { name: "Show the lane of S2" });
      await show.click();
      await show.waitFor({ state: "detached" });
      await tools.getByRole("button", { name: "Logical" }).click();

      // A click on an event selects it: the last one drawn on the first lane.
      const box = await canvas(page).boundingBox();
      const head = await page.getByRole("button", { name: "Hide the lane of S1" }).boundingBox();
      const y = head.y + head.height / 2;
      for (let x = box.x + 70; x < box.x + box.width - 20; x += 5) {
        await page.mouse.click(x, y);
        if ((await selected(page).count()) > 0) break;
      }
      await words(page);
      await page.keyboard.press("Escape");
      await selected(page).waitFor({ state: "detached" });
      assert.deepEqual(await accessibilityViolations(page), []);
    },
    { colorScheme: "dark" },
  );
});

test("a search goes through the whole run, counts, and leads from hit to hit", async () => {
  await withSite(async ({ page, url }) => {
    await open(page, url, link);
    await page.keyboard.press("/");
    const field = page.getByRole("searchbox", { name: "Search the log" });
    const hits = page.locator(".hits");
    await field.fill("node:S1 kind:event");
    await hits.filter({ hasText: /^[\d,]+ hits$/ }).waitFor({ timeout: PATIENCE });
    await page.locator(".log-lines .is-hit").first().waitFor({ timeout: PATIENCE });
    await field.press("Enter");
    await hits.filter({ hasText: /^[\d,]+ of [\d,]+ hits$/ }).waitFor({ timeout: PATIENCE });
    const first = await hits.innerText();
    await field.press("F3");
    await page.waitForFunction((before) => document.querySelector(".hits").textContent !== before, first, {
      timeout: PATIENCE,
    });
    await field.press("Shift+Enter");
    await hits.filter({ hasText: first }).waitFor({ timeout: PATIENCE });
    await field.fill("starts then receives within 40");
    await hits.filter({ hasText: /hit/ }).waitFor({ timeout: PATIENCE });
    await field.fill("node:nobody");
    await hits.filter({ hasText: "There is no node “nobody” here" }).waitFor({ timeout: PATIENCE });
    await field.press("Escape");
    assert.equal(await field.inputValue(), "");
  });
});

test("a step tells what it changed, and a node shows what is inside it", async () => {
  await withSite(async ({ page, url }) => {
    await open(page, url, link);
    await page.keyboard.press("1");
    const disk = page.locator(".inside-tree summary").filter({ hasText: "Disk" });
    await disk.click();
    const details = page.locator(".inside-tree details", { has: page.locator("summary", { hasText: "Disk" }) });
    assert.notEqual(await details.getAttribute("open"), null);
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("ArrowRight");
    assert.notEqual(await details.getAttribute("open"), null, "it stays as it was left");
    await page.locator(".inside-tree summary").filter({ hasText: "Clocks" }).click();
    await page.getByText("Since it started").waitFor({ timeout: PATIENCE });

    await page.keyboard.press("Escape");
    const changes = page.getByRole("region", { name: "Changes" });
    await changes.getByRole("button", { name: "Since now" }).click();
    for (let step = 0; step < 6; step += 1) await page.keyboard.press("ArrowRight");
    await changes.getByRole("listitem").first().waitFor({ timeout: PATIENCE });
    assert.match(await changes.getByRole("heading").innerText(), /changed since 1\.5/i);
    await page.keyboard.press("1");
    await page.keyboard.press("x");
    assert.equal(await page.getByRole("switch", { name: "Changes only" }).getAttribute("aria-checked"), "true");
    assert.equal(await page.locator(".inside-tree").count(), 0);
    await page.keyboard.press("x");
    await page.locator(".inside-tree").waitFor();
  });
});

test("what the last step changed has a bar on the stage and beside it, and is told in words", async () => {
  await withSite(async ({ page, url }) => {
    await open(page, url, "#/s/single-leader?seed=42&at=1s");
    await tab(page, "State").click();
    // On a tab, arrows go from tab to tab.
    await page.evaluate(() => document.activeElement.blur());
    const onStage = page.locator(".stage .change-bar");
    assert.equal(await onStage.count(), 0, "nothing has been stepped");
    const cell = page.locator(".is-changed").first();
    const areThere = async () => (await onStage.count()) > 0 && (await cell.isVisible());
    for (let step = 0; step < 20 && !(await areThere()); step += 1) {
      await page.keyboard.press("ArrowRight");
      await page.waitForTimeout(400);
    }
    assert.ok(await areThere(), "no step changed anything");
    const drawn = await cell.evaluate((it) => getComputedStyle(it).boxShadow);
    assert.notEqual(drawn, "none");
    await tab(page, "Inspect").click();
    const changes = page.getByRole("region", { name: "Changes" });
    await changes.getByRole("heading", { name: /changed by the last step/i }).waitFor({ timeout: PATIENCE });
    assert.ok((await changes.getByRole("listitem").count()) > 0);
    // Played on, there is no last step any more.
    await playButton(page).click();
    await onStage.first().waitFor({ state: "detached", timeout: PATIENCE });
  });
});

test("the source shows the handler that just ran, and checks say how often they were judged", async () => {
  await withSite(async ({ page, url }) => {
    await open(page, url, link);
    await page.getByText(/^Held in [\d,]+ states\.$/).first().waitFor({ timeout: PATIENCE });
    await tab(page, "Source").click();
    // What falls on its way runs nothing.
    const ran = page.getByText(/What just ran: on_\w+ in \w+\.rs, line \d+\./);
    for (let steps = 0; steps < 40 && !(await ran.isVisible()); steps += 1) {
      await page.keyboard.press("ArrowRight");
      await page.waitForTimeout(50);
    }
    await ran.waitFor({ timeout: PATIENCE });
    await page.locator(".source .is-handler").first().waitFor();
    const marked = await page.locator(".source .is-handler").first().innerText();
    assert.match(marked, /fn on_/);
  });
});

test("on a phone, events are selected and explained", async () => {
  await withSite(
    async ({ page, url }) => {
      await open(page, url, link);
      await page.getByRole("navigation", { name: "Panels" }).getByRole("button", { name: "Over time" }).click();
      await tab(page, "Space-time").click();
      await drawn(page);
      await events(page).focus();
      await page.keyboard.press("ArrowLeft");
      await words(page);
      const button = await selected(page).getByRole("button", { name: "Why?" }).boundingBox();
      assert.ok(button.height >= 44, `${button.height} px`);
      const width = await page.evaluate(() => document.documentElement.scrollWidth);
      assert.ok(width <= 390, `${width} px wide`);
    },
    { viewport: { width: 390, height: 844 }, hasTouch: true },
  );
});

test("by request: a colour, a dash and a name for each, and it is said when colours come again", async () => {
  await withSite(async ({ page, url }) => {
    await open(page, url, link);
    await drawn(page);
    const by = page.getByRole("button", { name: "By request" });
    assert.equal(await by.getAttribute("aria-pressed"), "false");
    await by.click();
    assert.equal(await by.getAttribute("aria-pressed"), "true");
    const key = page.getByRole("group", { name: "Requests by colour and dash" });
    await key.getByText(/^C\d #\d+$/).first().waitFor({ timeout: PATIENCE });
    const dashes = await key.locator("path").evaluateAll((paths) =>
      paths.map((path) => `${path.getAttribute("style")} ${path.getAttribute("stroke-dasharray")}`),
    );
    assert.equal(new Set(dashes).size, dashes.length, "no two look alike");
    assert.match(await events(page).getByRole("option").allInnerTexts().then((all) => all.join()), /\(for C\d #\d+\)/);
    assert.deepEqual(await accessibilityViolations(page), []);
  });
});
