// "Break it": the page searches, makes small, explains and hands over.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import test from "node:test";
import { accessibilityViolations, dist, withSite, withinBudget } from "./harness.mjs";
import { PATIENCE, open } from "./lab.mjs";

const panel = (page) => page.locator(".hunt");
const button = (page, name) => panel(page).getByRole("button", { name, exact: true });
const find = (page) => page.getByRole("region", { name: "What was found" });

/** Opens the tab without searching. */
async function openTab(page) {
  await page.getByRole("tab", { name: "Break it", exact: true }).click();
  await panel(page).waitFor({ timeout: PATIENCE });
}

test("B finds what breaks, makes it small, opens it as a fork and says what prevents it", async () => {
  await withSite(async ({ page, url }) => {
    await open(page, url, "#/s/single-leader?seed=42&at=2s");
    const started = Date.now();
    await page.keyboard.press("b");
    await find(page).locator(".captions .is-verdict").waitFor({ timeout: PATIENCE });
    console.log(`# found and made small after ${Date.now() - started} ms`);
    assert.match(await find(page).locator("h3").innerText(), /^Broken: /);
    // Every action that is left is told, and the run stands where the promise breaks.
    const actions = await find(page).locator(".captions .is-action").count();
    assert.match(await find(page).locator(".hint").first().innerText(), new RegExp(`${actions} actions? left of`));
    await page.locator(".banner").filter({ hasText: "Broken" }).or(page.getByText("BROKEN").first()).first()
      .waitFor({ timeout: PATIENCE });
    // What was open before is a lane.
    await page.locator(".fork").first().waitFor({ timeout: PATIENCE });
    // Some safeguard prevents it; it is seen side by side.
    const cure = find(page).locator(".hunt-cure button").first();
    await cure.waitFor({ timeout: PATIENCE });
    const name = await cure.innerText();
    await cure.click();
    await page.locator(".beside").first().waitFor({ timeout: PATIENCE });
    assert.ok((await page.locator("body").innerText()).includes(name));
  });
});

test("nothing found is said with the number of runs, and is called no proof", async () => {
  await withSite(async ({ page, url }) => {
    await open(page, url, "#/s/lock-from-scratch?seed=1&preset=hardened");
    await openTab(page);
    await panel(page).getByLabel("Runs at most").selectOption("200");
    await button(page, "Break it").click();
    const ending = panel(page).locator(".hunt-ending");
    await ending.waitFor({ timeout: PATIENCE });
    assert.match(await ending.innerText(), /^No promise broke in 200 runs within these faults\. That is no proof\./);
    await panel(page).getByText("What the runs have seen").click();
    assert.ok((await panel(page).locator(".hunt-seen li").count()) > 2);
    assert.deepEqual(await accessibilityViolations(page), []);
  });
});

test("a search is stopped at once, and the page goes on", async () => {
  await withSite(async ({ page, url }) => {
    await open(page, url, "#/s/single-leader?seed=1&preset=hardened");
    await openTab(page);
    await panel(page).getByLabel("Runs at most").selectOption("10,000");
    await button(page, "Break it").click();
    await panel(page).locator(".hunt-doing").filter({ hasText: /[1-9]\d* runs/ }).waitFor({ timeout: PATIENCE });
    const took = await page.evaluate(async () => {
      const stop = [...document.querySelectorAll(".hunt button")].find((it) => it.innerText === "Stop");
      const before = performance.now();
      stop.click();
      while (!document.querySelector(".hunt-ending")) await new Promise(requestAnimationFrame);
      return performance.now() - before;
    });
    console.log(`# stopped after ${Math.round(took)} ms`);
    assert.equal(await panel(page).locator(".hunt-ending").innerText(), "Stopped.");
    await button(page, "Break it").waitFor();
    await page.keyboard.press("ArrowRight");
    await page.locator(".transport .clock").filter({ hasNotText: /^0\.000/ }).waitFor({ timeout: PATIENCE });
  });
});

test("workers that panic or hang are replaced, and what ended them is left out and said", async () => {
  await withSite(async ({ page, url }) => {
    await open(page, url, "#/s/test-panics?seed=1");
    await openTab(page);
    await panel(page).getByLabel("Runs at most").selectOption("200");
    await button(page, "Break it").click();
    const trouble = (words) => panel(page).locator(".hunt-trouble").filter({ hasText: words }).first();
    await trouble(/was left out: a search worker ended at it twice \(.*panic/i).waitFor({ timeout: 2 * PATIENCE });
    await trouble(/no word for 10 s/).waitFor({ timeout: 4 * PATIENCE });
    await button(page, "Stop").click();
    await button(page, "Break it").waitFor();
    assert.equal(await page.getByRole("alert").filter({ hasText: "engine stopped" }).count(), 0);
  });
});

test("many seeds show how a number spreads, and a bar opens a seed", async () => {
  await withSite(async ({ page, url }) => {
    await open(page, url, "#/s/lock-from-scratch?seed=42");
    await openTab(page);
    await button(page, "Many seeds").click();
    const table = panel(page).locator(".seed-table");
    await table.waitFor({ timeout: PATIENCE });
    await button(page, "Break it").waitFor({ timeout: 2 * PATIENCE });
    const runs = await table.locator("tbody tr td:last-child").allInnerTexts();
    assert.deepEqual(runs, ["1,000", "1,000"]);
    const list = panel(page).getByLabel("Over many seeds:");
    await list.selectOption({ label: "time until a promise breaks" });
    const naive = await table.locator("tbody tr").first().innerText();
    assert.match(naive, /Naive.*\d+ ms/s);
    const bar = panel(page).locator("button.seed-bar").first();
    const seed = /opens seed (\d+)/.exec(await bar.getAttribute("aria-label"))[1];
    await bar.click();
    await page.waitForFunction((seed) => location.hash.includes(`seed=${seed}&`), seed, { timeout: PATIENCE });
    assert.deepEqual(await accessibilityViolations(page), []);
  });
});

test("the point of no return of a failing run is found by its futures", async () => {
  await withSite(async ({ page, url }) => {
    await open(page, url, "#/s/g-counter?seed=42");
    await page.keyboard.press("b");
    await find(page).locator(".hunt-cure").waitFor({ timeout: PATIENCE });
    await button(page, "Point of no return").click();
    const futures = page.getByRole("region", { name: "Point of no return" });
    await futures.locator("b").waitFor({ timeout: PATIENCE });
    await button(page, "Break it").waitFor({ timeout: PATIENCE });
    const last = futures.locator(".future-bar").last();
    assert.match(await last.getAttribute("aria-label"), /^From .*: 20 of 20 futures fail/);
    await futures.locator(".future-bar").first().click();
    await page.waitForFunction(() => location.hash.includes("a="), { timeout: PATIENCE });
  });
});

test("a finding is kept in this browser, survives a reload and is run again", async () => {
  await withSite(async ({ page, url }) => {
    await open(page, url, "#/s/g-counter?seed=42");
    await page.keyboard.press("b");
    await find(page).locator(".hunt-cure").waitFor({ timeout: PATIENCE });
    await button(page, "Keep it").click();
    await page.getByRole("complementary", { name: "Kept findings" }).getByRole("link").first().waitFor({ timeout: PATIENCE });
    await page.reload();
    await openTab(page);
    const kept = page.getByRole("complementary", { name: "Kept findings" });
    await kept.getByRole("link").first().waitFor({ timeout: PATIENCE });
    await kept.getByRole("button", { name: "Run them again" }).click();
    await kept.getByText("Still breaks the same.").waitFor({ timeout: PATIENCE });
    await kept.getByRole("button", { name: /^Forget / }).click();
    await kept.getByText("None yet.").waitFor({ timeout: PATIENCE });
  });
});

test("in every row a find is there and small within its budget, and the film of the page goes on", async () => {
  const rows = JSON.parse(await readFile(join(dist, "catalogue.json"), "utf8"));
  await withSite(async ({ page, url }) => {
    const times = [];
    for (const { slug } of rows) {
      await open(page, url, `#/s/${slug}?seed=42`);
      const took = await page.evaluate(async () => {
        const frames = [];
        const before = performance.now();
        document.dispatchEvent(new KeyboardEvent("keydown", { key: "b", bubbles: true }));
        let last = before;
        while (!document.querySelector(".hunt-cure")) {
          await new Promise(requestAnimationFrame);
          frames.push(performance.now() - last);
          last = performance.now();
        }
        frames.sort((one, other) => one - other);
        return { ms: last - before, frame: frames[Math.floor(frames.length * 0.95)] };
      });
      times.push({ slug, ...took });
      console.log(`# ${slug}: found, small and cured in ${Math.round(took.ms)} ms, frames p95 ${Math.round(took.frame)} ms`);
    }
    const sorted = times.map(({ ms }) => ms).sort((one, other) => one - other);
    const median = sorted[Math.floor(sorted.length / 2)];
    const told = `median ${Math.round(median)} ms, worst ${Math.round(sorted.at(-1))} ms`;
    console.log(`# ${told}`);
    withinBudget(median, 1_000, told);
    withinBudget(sorted.at(-1), 10_000, told);
  });
});

test("every order of a small world is gone through, and what that covers is said", async () => {
  await withSite(async ({ page, url }) => {
    await open(page, url, "#/s/lock-from-scratch?seed=42");
    await openTab(page);
    await panel(page).getByLabel("Search with").selectOption("Every order");
    await button(page, "Break it").click();
    const end = panel(page).locator(".hunt-ending, .hunt-find, .hunt-trouble").first();
    await panel(page).locator(".hunt-doing").filter({ hasText: /states/ }).or(end).first().waitFor({ timeout: PATIENCE });
    await page.keyboard.press("Escape");
    await end.waitFor({ timeout: PATIENCE });
  });
});
