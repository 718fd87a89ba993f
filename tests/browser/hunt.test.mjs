// "Break it": the page searches, makes small, explains and hands over.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import test from "node:test";
import { quantile, recordFrames } from "./frames.mjs";
import { accessibilityViolations, dist, withSite, withinBudget } from "./harness.mjs";
import { PATIENCE, open, rendererMebibytes } from "./lab.mjs";

const panel = (page) => page.locator(".hunt");
const button = (page, name) => panel(page).getByRole("button", { name, exact: true });
const find = (page) => page.getByRole("region", { name: "What was found" });

/** What a worker may take before it gives up, and what is on top of that while its memory grows. */
const MOST_SEARCH_MEBIBYTES = 640;
/** What may be left of a search when it is over. */
const MOST_LEFT_MEBIBYTES = 100;

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
    const told = await find(page).locator(".hint").first().innerText();
    assert.match(told, /^Run \d+ of the search broke this/);
    assert.match(told, actions > 0 ? /without \d+ of them it breaks|none can be left out/ : /luck alone/);
    // … and what others did meanwhile.
    assert.ok((await find(page).locator(".captions .is-event").count()) > 0);
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

test("a find comes into view, with the keyboard at its heading, however low the screen is", async () => {
  for (const viewport of [{ width: 1440, height: 900 }, { width: 1024, height: 768 }, { width: 390, height: 844 }]) {
    await withSite(async ({ page, url }) => {
      await open(page, url, "#/s/single-leader?seed=42");
      if (viewport.width < 760) {
        await page.locator(".sheet-bar").getByRole("button", { name: "Break it" }).click();
      } else {
        await openTab(page);
      }
      await button(page, "Break it").click();
      await find(page).locator(".captions .is-verdict").waitFor({ timeout: PATIENCE });
      const { above, below, focused } = await page.evaluate(() => {
        const heading = document.querySelector(".hunt-find h3");
        const [place, window] = [heading, heading.closest(".strip-body")].map((it) => it.getBoundingClientRect());
        const focused = document.activeElement === heading;
        return { above: window.top - place.top, below: place.bottom - window.bottom, focused };
      });
      assert.ok(above <= 0 && below <= 0, `${viewport.width}: ${above} px above, ${below} px below`);
      assert.ok(focused, `${viewport.width}: the heading has not the focus`);
      const claim = await find(page).locator(".hint").first().innerText();
      assert.match(claim, /hardened design claims to survive/);
    }, { viewport });
  }
});

test("a promise whose safeguard is off offers to turn it on, and a run that breaks for want of it", async () => {
  await withSite(async ({ page, url }) => {
    await open(page, url, "#/s/lock-from-scratch?seed=42");
    const off = page.locator(".guard").filter({ hasText: "Off: “One arbiter decides”. Without it, this can break." });
    const all = await off.count();
    assert.ok(all > 0);
    await off.first().getByRole("button", { name: "See it break: One arbiter decides" }).waitFor();
    await off.first().getByRole("button", { name: "Turn it on: One arbiter decides" }).click();
    await page.locator(".guard").filter({ hasText: "Needs “One arbiter decides”." }).first().waitFor({ timeout: PATIENCE });
    assert.equal(await off.count(), 0);
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
    assert.match(await ending.innerText(), /^No promise broke in 200 runs of the hardened design within these faults\. That is no proof\./);
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
    withinBudget(took, 100, `stopped after ${Math.round(took)} ms`);
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

test("many seeds show how a number spreads, a bar opens a seed, and a find stays one click away", async () => {
  await withSite(async ({ page, url }) => {
    await open(page, url, "#/s/lock-from-scratch?seed=42");
    await page.keyboard.press("b");
    await find(page).locator(".hunt-cure").waitFor({ timeout: PATIENCE });
    await panel(page).getByLabel("Runs at most").selectOption("200");
    await button(page, "Many seeds").click();
    const table = panel(page).locator(".seed-table");
    await table.waitFor({ timeout: PATIENCE });
    await button(page, "Break it").waitFor({ timeout: 2 * PATIENCE });
    const runs = await table.locator("tbody tr td:last-child").allInnerTexts();
    assert.deepEqual(runs, ["200", "200"]);
    assert.ok(!(await find(page).locator(".captions").isVisible()));
    await find(page).locator("summary").first().click();
    await find(page).locator(".captions .is-verdict").waitFor({ timeout: PATIENCE });
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
    await kept.getByText("Still breaks: it is the same run to the bit.").waitFor({ timeout: PATIENCE });
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

/** Chooses to go through every order, and begins. */
async function goThroughEveryOrder(page) {
  await openTab(page);
  await panel(page).getByLabel("Search with").selectOption("Every order");
  await button(page, "Break it").click();
}

test("every order: the smallest world is announced, states are counted, and what that covers is said", async () => {
  await withSite(async ({ page, url }) => {
    await open(page, url, "#/s/raft-log?seed=42&preset=hardened");
    await openTab(page);
    await panel(page).getByLabel("Search with").selectOption("Every order");
    assert.match(await panel(page).locator(".hunt-orders .hint").innerText(), /It takes .* instead of \d/);
    await button(page, "Break it").click();
    await panel(page).locator(".hunt-doing").filter({ hasText: /[1-9][\d,]* states, .* a second, \d+ deep\./ }).waitFor({ timeout: PATIENCE });
    const ending = panel(page).locator(".hunt-ending");
    await ending.waitFor({ timeout: 4 * PATIENCE });
    assert.match(await ending.innerText(), /^[\d,]+ states were seen, and no promise breaks in any; then it was given up, since .*: what was not seen may break\. To be covered: .*; no term above 3; time stands still\.$/);
    // Where time stood still, what needs time is not found: there is something else to try.
    await panel(page).getByRole("button", { name: "Random faults", exact: true }).click();
    await panel(page).locator(".hunt-doing").filter({ hasText: /runs/ }).waitFor({ timeout: PATIENCE });
  });
});

test("every order: it can be stopped at once", async () => {
  await withSite(async ({ page, url }) => {
    await open(page, url, "#/s/heartbeats?seed=42&preset=hardened");
    await goThroughEveryOrder(page);
    await panel(page).locator(".hunt-doing").filter({ hasText: /[1-9][\d,]* states/ }).waitFor({ timeout: PATIENCE });
    await page.keyboard.press("Escape");
    const ending = panel(page).locator(".hunt-ending");
    await ending.filter({ hasText: "Stopped." }).waitFor({ timeout: PATIENCE });
  });
});

test("every order: a find is made small and told, what is other in it is said, and there is a way back", async () => {
  await withSite(async ({ page, url }) => {
    await open(page, url, "#/s/lock-from-scratch?seed=42");
    await goThroughEveryOrder(page);
    await find(page).locator(".captions .is-verdict").waitFor({ timeout: 2 * PATIENCE });
    await find(page).locator(".hunt-cure").waitFor({ timeout: PATIENCE });
    assert.match(await find(page).innerText(), /Going through every order led here/);
    const before = find(page).locator(".hunt-before");
    assert.match(await before.innerText(), /Your run had .*; this one has /);
    await before.getByRole("button", { name: "Back to your run" }).click();
    await page.waitForFunction(() => /[?&]seed=42(&|$)/.test(location.hash), undefined, { timeout: PATIENCE });
  });
});

test("while a search runs the page draws its frames, and hardly works for it", async () => {
  await withSite(async ({ page, url }) => {
    await open(page, url, "#/s/lock-from-scratch?seed=1&preset=hardened");
    await openTab(page);
    await panel(page).getByLabel("Runs at most").selectOption("10,000");
    await button(page, "Break it").click();
    await panel(page).locator(".hunt-doing").filter({ hasText: /[1-9]\d* runs/ }).waitFor({ timeout: PATIENCE });
    const frames = page.evaluate(async () => {
      const lengths = [];
      for (let last = performance.now(), end = last + 3_000; last < end; ) {
        await new Promise(requestAnimationFrame);
        lengths.push(performance.now() - last);
        last = performance.now();
      }
      return lengths;
    });
    const { script } = await recordFrames(page, 2_500);
    const told = `script p95 ${quantile(script, 0.95).toFixed(1)} ms a frame, frames p95 ${quantile(await frames, 0.95).toFixed(1)} ms`;
    console.log(`# ${told}`);
    withinBudget(quantile(script, 0.95), 4, told);
    withinBudget(quantile(await frames, 0.95), 17.5, told);
  });
});

test("where a find opens, the page is drawn in parts that each fit a frame", async () => {
  await withSite(async ({ page, url }) => {
    for (const slug of ["single-leader", "raft-log", "lock-from-scratch"]) {
      await open(page, url, `#/s/${slug}?seed=42`);
      const frames = page.evaluate(async () => {
        const lengths = [];
        let last = performance.now();
        document.dispatchEvent(new KeyboardEvent("keydown", { key: "b", bubbles: true }));
        // On a little, until the last panel is drawn.
        for (let left = 30; left > 0; left -= document.querySelector(".hunt-cure") ? 1 : 0) {
          await new Promise(requestAnimationFrame);
          lengths.push(performance.now() - last);
          last = performance.now();
        }
        return lengths;
      });
      const { all } = await recordFrames(page, 2_500);
      const lengths = await frames;
      const told = `${slug}: page p95 ${quantile(all, 0.95).toFixed(1)} ms a frame, at most ${Math.max(...all).toFixed(1)}; frames p95 ${quantile(lengths, 0.95).toFixed(1)} ms, at most ${Math.max(...lengths).toFixed(1)}`;
      console.log(`# ${told}`);
      withinBudget(quantile(all, 0.95), 16.7, told);
      withinBudget(Math.max(...all), 33, told);
    }
  });
});

test("search workers are held to a bound of memory, and give it back", async (t) => {
  await withSite(async ({ page, url, profile }) => {
    await open(page, url, "#/s/election-styles?seed=1&preset=hardened");
    const before = await rendererMebibytes(profile);
    if (before === undefined) return t.skip("this system does not tell what a process takes");
    await goThroughEveryOrder(page);
    let most = 0;
    const ending = panel(page).locator(".hunt-ending");
    const started = Date.now();
    while (!(await ending.isVisible())) {
      assert.ok(Date.now() - started < 4 * PATIENCE, "it does not end");
      most = Math.max(most, await rendererMebibytes(profile));
      await page.waitForTimeout(100);
    }
    // All states that wait are in that worker, which is ended when it is done.
    let after = await rendererMebibytes(profile);
    while (after > before + MOST_LEFT_MEBIBYTES && Date.now() - started < 5 * PATIENCE) {
      await page.waitForTimeout(200);
      after = await rendererMebibytes(profile);
    }
    console.log(`# memory: ${before} MiB before, ${most} MiB at most, ${after} MiB after`);
    assert.match(await ending.innerText(), /all the memory that a worker may take/);
    assert.ok(most - before <= MOST_SEARCH_MEBIBYTES, `${most - before} MiB`);
    assert.ok(after - before <= MOST_LEFT_MEBIBYTES, `${after - before} MiB`);
  });
});

test("orders in any succession leave a page that works", async () => {
  await withSite(async ({ page, url }) => {
    const failures = [];
    page.on("pageerror", (error) => failures.push(String(error)));
    await open(page, url, "#/s/single-leader?seed=42&at=4s");
    await openTab(page);
    for (const order of ["Point of no return", "Shrink this run", "Break it", "Point of no return", "Many seeds"]) {
      // While one order is carried out there is only “Stop”.
      await button(page, order).click({ timeout: 3 * PATIENCE });
    }
    await button(page, "Break it").waitFor({ timeout: 3 * PATIENCE });
    assert.deepEqual(failures, []);
  });
});
