// Time in the hands of a viewer: run until, forks as lanes, faults edited on the timeline, zoom,
// a reload, and how long it takes to move about in a long run.

import assert from "node:assert/strict";
import test from "node:test";
import { accessibilityViolations, withSite, withinBudget } from "./harness.mjs";
import { PATIENCE, clock, open, parts } from "./lab.mjs";

const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };

/** Events of the long run; a million takes a slow machine minutes to make. */
const LONG_RUN = Number(process.env.LONG_RUN ?? 60_000);
/** Budgets of the specification in milliseconds. */
const [STEP_MS, SEEK_MS] = [16, 100];

const timeline = (page) => page.getByRole("group", { name: "Actions on the timeline" });
const ticks = (page) => timeline(page).getByRole("button");
const futures = (page) => page.getByRole("list", { name: "Futures left behind" });
const note = (page) => page.locator(".banners");

/** Waits until the clock shows a time. */
const clockShows = (page, text) =>
  page.locator(".transport .clock").filter({ hasText: text }).waitFor({ timeout: PATIENCE });

/** Goes to a time by the keyboard alone. */
async function goTo(page, seconds) {
  await page.keyboard.press("g");
  const field = page.getByRole("textbox", { name: "Time in seconds" });
  await field.fill(String(seconds));
  await field.press("Enter");
  await clockShows(page, seconds.toFixed(3));
}

/** A counter in which nothing is done but one crash at 1 s; known to 3 s, the cursor at 2 s. */
async function crashed(page, url) {
  await open(page, url, "#/s/g-counter?seed=3&a=&at=1s");
  await page.locator('[data-node="0"]').click();
  await page.keyboard.press("k");
  await ticks(page).first().waitFor({ timeout: PATIENCE });
  await page.keyboard.press("Escape");
  await goTo(page, 3);
  await goTo(page, 2);
}

test("a fault is dragged, edited, copied and deleted on the timeline", async () => {
  await withSite(async ({ page, url }) => {
    await crashed(page, url);
    const tick = ticks(page).first();
    assert.match(await tick.getAttribute("aria-label"), /^1\.000 s · Crash N1 · took effect 1 time/);

    // Dragged to the right: the run is another, the cursor stays, the old future is a lane.
    const from = await tick.boundingBox();
    await page.mouse.move(from.x + 6, from.y + 6);
    await page.mouse.down();
    await page.mouse.move(from.x + 60, from.y + 6, { steps: 6 });
    await page.locator(".tick-time").waitFor();
    const shown = await page.locator(".tick-time").innerText();
    await page.mouse.up();
    await page.waitForFunction(
      (time) => document.querySelector("button.tick")?.ariaLabel.startsWith(time),
      shown,
      { timeout: PATIENCE },
    );
    await clockShows(page, "2.000");
    await futures(page).getByRole("listitem").first().waitFor({ timeout: PATIENCE });
    assert.match(await futures(page).innerText(), /with “Crash N1” at 1.000 s/);
    assert.equal(await page.locator(".fault-editor").count(), 0, "a drag is no click");

    // Edited by keyboard: another node, another deed, another time.
    await tick.focus();
    await page.keyboard.press("Enter");
    const editor = page.getByRole("form", { name: "Edit: Crash N1" });
    await editor.getByLabel("When").fill("1.5");
    await editor.getByLabel("What").selectOption("Pause");
    await editor.getByLabel("Node").selectOption("N3");
    await editor.getByRole("button", { name: "Apply" }).click();
    await page.locator('button.tick[aria-label^="1.500 s · Pause N3"]').waitFor({ timeout: PATIENCE });
    await page.waitForFunction(() => location.hash.includes("at=2s"), undefined, { timeout: PATIENCE });

    // Copied, told apart from what is to come, deleted, and all of it undone.
    await tick.click();
    await page.getByRole("form").getByRole("button", { name: "Duplicate" }).click();
    await ticks(page).nth(1).waitFor({ timeout: PATIENCE });
    await goTo(page, 1.2);
    const ahead = page.locator('button.tick.ahead[aria-label*="to come"]');
    await ahead.first().waitFor({ timeout: PATIENCE });
    await ticks(page).nth(1).focus();
    await page.keyboard.press("Delete");
    await page.waitForFunction(() => document.querySelectorAll("button.tick").length === 1);
    await page.locator(".rail").focus();
    for (let change = 0; change < 5; change += 1) await page.keyboard.press("Control+z");
    await page.waitForFunction(() => document.querySelectorAll("button.tick").length === 0);
  });
});

test("a fault is muted, put back, and never another one hit", async () => {
  await withSite(async ({ page, url }) => {
    await open(page, url, "#/s/g-counter?seed=3&a=&at=1s");
    for (const key of ["1", "2", "3"]) {
      await page.keyboard.press(key);
      await page.keyboard.press("k");
    }
    await page.getByRole("tab", { name: "Faults" }).click();
    const rows = page.getByRole("list", { name: "What is done" }).getByRole("listitem");
    await rows.nth(2).waitFor({ timeout: PATIENCE });

    const tools = page.locator(".fault-tools");
    assert.equal(await tools.evaluate((it) => it.scrollWidth > it.clientWidth), false, "nothing is cut off");

    // The form is in view as soon as it is there.
    await rows.nth(2).getByRole("button", { name: "Edit: Crash N3" }).click();
    const form = page.getByRole("form", { name: "Edit: Crash N3" });
    const [list, box] = [page.locator(".faults-columns > div").first(), form];
    const [outer, inner] = [await list.boundingBox(), await box.boundingBox()];
    assert.ok(inner.y >= outer.y - 1 && inner.y < outer.y + outer.height, JSON.stringify([outer, inner]));
    // The address settles a moment after what was done.
    await page.waitForFunction(() => /at=1s&d=/.test(location.hash), undefined, { timeout: PATIENCE });
    const before = await page.evaluate(() => location.hash);
    await form.getByRole("button", { name: "Mute" }).click();
    const muted = rows.filter({ hasText: "muted: not in this run" });
    await muted.waitFor({ timeout: PATIENCE });
    assert.equal(await ticks(page).count(), 2);
    const isKept = (before) =>
      location.hash !== before && sessionStorage.getItem("faultline.kept")?.includes(location.hash);
    await page.waitForFunction(isKept, before, { timeout: PATIENCE });
    await page.reload();
    await page.getByRole("tab", { name: "Faults" }).click({ timeout: PATIENCE });
    await muted.waitFor({ timeout: PATIENCE });
    assert.deepEqual(await accessibilityViolations(page), []);
    await muted.getByRole("button", { name: "Put back: Crash N3" }).click();
    await muted.waitFor({ state: "detached", timeout: PATIENCE });

    // Twice the same button, however fast: one fault goes.
    const remove = page.getByRole("button", { name: "Remove: Crash N1" });
    await remove.evaluate((button) => [button.click(), button.click()]);
    await page.getByRole("alert").filter({ hasText: "not there any more" }).waitFor({ timeout: PATIENCE });
    await remove.waitFor({ state: "detached", timeout: PATIENCE });
    assert.equal(await rows.count(), 2);
  });
});

test("a future left behind is named, gone back to, kept over a reload and forgotten", async () => {
  await withSite(
    async ({ page, url }) => {
      await crashed(page, url);
      await page.getByRole("tab", { name: "Faults" }).click();
      await page.getByRole("button", { name: "Remove: Crash N1" }).click();
      const lane = futures(page).getByRole("listitem");
      await lane.first().waitFor({ timeout: PATIENCE });
      assert.equal(await ticks(page).count(), 0);
      assert.equal(await lane.locator(".fork-mark.fault").count(), 1, "its fault is on the lane");
      await lane.getByRole("button", { name: /^Rename/ }).click();
      await page.getByRole("textbox", { name: "Name of this future" }).fill("N1 is down");
      await page.keyboard.press("Enter");
      const open = page.locator(".forks").getByRole("button", { name: "Go back to this future: N1 is down" });
      await open.waitFor({ timeout: PATIENCE });
      assert.deepEqual(await accessibilityViolations(page), []);

      await page.waitForFunction(
        () => location.hash.includes("at=2s") && sessionStorage.getItem("faultline.kept")?.includes("N1 is down"),
        undefined,
        { timeout: PATIENCE },
      );
      await page.reload();
      await open.waitFor({ timeout: PATIENCE });
      await open.click();
      await ticks(page).first().waitFor({ timeout: PATIENCE });
      await page.getByText("without “Crash N1” at 1.000 s").first().waitFor({ timeout: PATIENCE });
      await page.locator(".forks").getByRole("button", { name: /^Forget/ }).click();
      await futures(page).waitFor({ state: "detached", timeout: PATIENCE });
    },
    { colorScheme: "dark" },
  );
});

test("a run goes on until a promise, a number or words, and says honestly if not", async () => {
  await withSite(async ({ page, url }) => {
    await open(page, url, "#/s/g-counter?seed=3");
    await page.keyboard.press("g");
    assert.deepEqual(await accessibilityViolations(page), []);
    const number = page.getByRole("form", { name: "Run until a number is reached" });
    await number.getByLabel("Value").fill("2");
    await number.getByRole("button", { name: "Run" }).click();
    await note(page).getByText(/At .+: “.+” is \d+/).waitFor({ timeout: PATIENCE });

    await page.keyboard.press("g");
    const words = page.getByRole("form", { name: "Run until words are said" });
    await words.getByLabel("Words", { exact: true }).fill("N3 acknowledges");
    await page.keyboard.press("Enter");
    await note(page).getByText("N3 acknowledges").waitFor({ timeout: PATIENCE });

    await page.keyboard.press("g");
    await words.getByLabel("Words", { exact: true }).fill("no such words");
    await page.keyboard.press("Enter");
    await note(page).getByText("No line of the log had “no such words”").waitFor({ timeout: PATIENCE });

    // A check that is decided says when, and leads there.
    await page.keyboard.press("g");
    const decided = page.locator(".until .choice").filter({ hasText: "go back to" }).first();
    const [, time] = /go back to ([\d.]+)/.exec(await decided.innerText());
    await decided.click();
    await clockShows(page, time);
  });
});

test("the timeline shows the whole run, the story, or what is around the cursor", async () => {
  await withSite(async ({ page, url }) => {
    await open(page, url, "#/s/single-leader?seed=1&at=2s");
    await page.getByRole("button", { name: "What the timeline shows" }).click();
    await page.getByRole("button", { name: "What is around the cursor" }).click();
    await page.locator(".track-end.from").waitFor({ timeout: PATIENCE });
    const from = await page.locator(".track-end").allInnerTexts();
    await page.getByRole("slider", { name: "Time" }).focus();
    await page.keyboard.press("+");
    await page.waitForFunction(
      (before) => [...document.querySelectorAll(".track-end")].some((end, at) => end.innerText !== before[at]),
      from,
    );
    await page.keyboard.press("0");
    await page.locator(".track-end").first().waitFor({ state: "detached", timeout: PATIENCE });
    const box = await page.locator(".track-line").boundingBox();
    await page.mouse.move(box.x + box.width / 2, box.y + 30);
    await page.keyboard.down("Control");
    await page.mouse.wheel(0, -100);
    await page.keyboard.up("Control");
    await page.locator(".track-end.from").waitFor({ timeout: PATIENCE });
  });
});

test("on a phone the list does what a tick is too small for", async () => {
  await withSite(async ({ page, url }) => {
    await open(page, url, "#/s/single-leader?seed=1&at=3s");
    const sheet = page.getByRole("navigation", { name: "Panels" }).getByRole("button", { name: "Over time" });
    await sheet.click();
    await page.getByRole("tab", { name: "Faults" }).click();
    const row = page.getByRole("list", { name: "What is done" }).getByRole("listitem").first();
    const before = await row.locator(".statement").innerText();
    const edit = row.getByRole("button", { name: /^Edit/ });
    const size = await edit.boundingBox();
    assert.ok(size.width >= 44 && size.height >= 44, JSON.stringify(size));
    await edit.tap();
    const when = page.getByRole("form").getByLabel("When");
    await when.fill("0.25");
    await page.getByRole("form").getByRole("button", { name: "Apply" }).tap();
    await row.getByRole("button", { name: "Go to 0.250 s" }).waitFor({ timeout: PATIENCE });
    assert.equal(await row.locator(".statement").innerText(), before);
    await sheet.click();
    await page.getByRole("button", { name: "1 future left behind" }).waitFor({ timeout: PATIENCE });
    await sheet.click();
    await page.getByText("The timeline in words").tap();
    await page.getByRole("list", { name: "Marks on the timeline" }).waitFor();
    assert.deepEqual(await accessibilityViolations(page), []);
    const sideways = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
    assert.equal(sideways, false);
  }, phone);
});

/** How long the page takes from a key press until it shows what came of it, in milliseconds. */
const timeOfKey = (page, key, shift = false) =>
  page.evaluate(
    ([key, shiftKey]) =>
      new Promise((done) => {
        const shown = document.querySelector(".lab");
        const start = performance.now();
        const watch = new MutationObserver(() => {
          watch.disconnect();
          done(performance.now() - start);
        });
        watch.observe(shown, { subtree: true, childList: true, characterData: true, attributes: true });
        document.body.dispatchEvent(
          new KeyboardEvent("keydown", { key, shiftKey, bubbles: true, cancelable: true }),
        );
      }),
    [key, shift],
  );

const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

test("step, step back and seek are quick far into a long run", async () => {
  await withSite(async ({ page, url }) => {
    await open(page, url, "#/s/single-leader?seed=1&a=");
    await page.evaluate(() => document.activeElement?.blur());
    // How long a run has so many events is found by one stretch of it.
    await goTo(page, 20);
    const events = async () => {
      const [, told] = /, ([\d,]+) events/.exec(await page.locator(".known").getAttribute("title"));
      return Number(told.replaceAll(",", ""));
    };
    const inTwenty = await events();
    const seconds = Math.ceil((20 * LONG_RUN) / inTwenty);
    await goTo(page, seconds);
    const known = await events();
    assert.ok(known > LONG_RUN * 0.8, `${known} events`);
    const measured = {};
    await goTo(page, Math.floor(seconds / 2));
    for (const [what, key] of [["step back", "ArrowLeft"], ["step", "ArrowRight"]]) {
      const times = [];
      for (let press = 0; press < 12; press += 1) times.push(await timeOfKey(page, key));
      measured[what] = median(times);
    }
    const seeks = [];
    for (let place = 0; place < 5; place += 1) {
      seeks.push(await timeOfKey(page, "Home"), await timeOfKey(page, "End"));
    }
    measured.seek = median(seeks);
    const told = Object.entries(measured).map(([what, ms]) => `${what} ${ms.toFixed(1)} ms`).join(", ");
    console.log(`In a run of ${known} events: ${told} (budgets: ${STEP_MS}, ${STEP_MS}, ${SEEK_MS} ms).`);
    withinBudget(measured.step, STEP_MS, told);
    withinBudget(measured["step back"], STEP_MS, told);
    withinBudget(measured.seek, SEEK_MS, told);
  });
});
