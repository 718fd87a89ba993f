// What goes wrong is said in a sentence, and the page goes on.

import assert from "node:assert/strict";
import test from "node:test";
import { withSite } from "./harness.mjs";
import { PATIENCE, choose, clock, node, open, parts, playButton, playUntil } from "./lab.mjs";

const damaged = [
  ["#/s/single-leader?seed=1&a=%%%", "a list of actions that was cut off"],
  ["#/s/single-leader?seed=one", "a seed that is no number"],
  ["#/s/single-leader?seed=1&nothing=7", "a knob that does not exist"],
  ["#/s/no-such-scenario?seed=1", "a scenario that does not exist"],
  ["#/nowhere", "an address that leads nowhere"],
];

test("a damaged link gives a sentence and a way out", async () => {
  await withSite(async ({ page, url }) => {
    for (const [link, what] of damaged) {
      await page.goto("about:blank");
      await page.goto(url + link);
      const alert = page.getByRole("alert").first();
      await alert.waitFor({ timeout: PATIENCE });
      const sentence = await alert.innerText();
      assert.match(sentence.trim(), /\.$/, `${what}: “${sentence}”`);
      const afresh = page.getByRole("link", { name: /^Open .+ afresh$/ });
      assert.equal(await afresh.count(), link.includes("/s/single-leader") ? 1 : 0, what);
      await page.getByRole("link", { name: "See all scenarios" }).click();
      await page.getByRole("searchbox").waitFor({ timeout: PATIENCE });
    }
  });
});

/** Takes the worker's own last words out of what the page must not log. */
function forgive(problems, words) {
  for (let at = problems.length - 1; at >= 0; at -= 1) {
    if (words.test(problems[at])) problems.splice(at, 1);
  }
}

for (const [command, delay] of [["Panic", "a panic"], ["Hang", "a handler that never returns"]]) {
  test(`the page outlives ${delay} and can go back to just before`, async () => {
    await withSite(async ({ page, url, problems }) => {
      await open(page, url, "#/s/test-panics?seed=1");
      await playUntil(page, page.locator('[data-node][aria-label*="value 2"]'));
      const before = await clock(page);
      await choose(page, "A", command);
      // Standing next to it is safe, and so is sharing it: the link is of the very place, with its digest.
      await page.waitForTimeout(600);
      assert.equal(await page.getByRole("alert").count(), 0);
      await page.getByRole("button", { name: "Share", exact: true }).click();
      const field = page.getByRole("dialog").getByRole("textbox", { name: "Link" });
      assert.match(parts(await field.inputValue()).get("d"), /^[0-9a-f]{16}$/);
      await page.getByRole("dialog").getByRole("button", { name: "Close" }).click();
      await page.getByRole("button", { name: "Step", exact: true }).click();
      const trouble = page.getByRole("alert").filter({ hasText: "The engine stopped" });
      await trouble.waitFor({ timeout: PATIENCE });
      assert.match(await trouble.locator(".what").innerText(), /^[A-Z][^\n]{20,}\.$/);
      forgive(problems, /panick|unreachable|RuntimeError/i);

      await trouble.getByRole("button", { name: "Replay to just before" }).click();
      await trouble.waitFor({ state: "detached", timeout: PATIENCE });
      await node(page, "A").waitFor({ timeout: PATIENCE });
      await playButton(page).waitFor({ timeout: PATIENCE });
      // The command came at the next whole millisecond: just before is at most that far away.
      const moved = Number.parseFloat(await clock(page)) - Number.parseFloat(before);
      assert.ok(Math.abs(moved) < 0.0015, `from ${before} to ${await clock(page)}`);
      // It is alive: one step more happens.
      await page.getByRole("button", { name: "Step", exact: true }).click();
    });
  });
}

test("of two links that are followed at once the later one is opened", async () => {
  await withSite(async ({ page, url }) => {
    await open(page, url, "#/s/single-leader?seed=1&at=1s");
    // The second is followed before the answer to the first can be heard.
    await page.evaluate(async () => {
      const frame = () => new Promise((done) => requestAnimationFrame(done));
      location.hash = "#/s/g-counter?seed=1&at=1s";
      await frame();
      await frame();
      location.hash = "#/s/test-panics?seed=1&a=&at=2s";
      for (const end = performance.now() + 150; performance.now() < end; ) continue;
    });
    await node(page, "B").waitFor({ timeout: PATIENCE });
    await page.waitForFunction(() => location.hash.includes("test-panics") && location.hash.includes("r="), undefined, { timeout: PATIENCE });
    assert.equal(await page.getByRole("alert").count(), 0);
    await page.goBack();
    await page.waitForFunction(() => !location.hash.includes("test-panics"), undefined, { timeout: PATIENCE });
    await node(page, "B").waitFor({ state: "detached", timeout: PATIENCE });
  });
});

test("futures left behind outlive the engine", async () => {
  await withSite(async ({ page, url, problems }) => {
    await open(page, url, "#/s/test-panics?seed=1&a=&at=2s");
    // In the past, an action leaves a future behind.
    await page.keyboard.press("Home");
    await choose(page, "B", "Crash");
    const futures = page.getByRole("list", { name: "Futures left behind" }).getByRole("listitem");
    await futures.first().waitFor({ timeout: PATIENCE });
    await choose(page, "A", "Panic");
    const trouble = page.getByRole("alert").filter({ hasText: "The engine stopped" });
    // Whether a step was the one is known when the engine has answered, or has not.
    const told = () => trouble.waitFor({ timeout: 1_000 }).then(() => true, () => false);
    do {
      await page.getByRole("button", { name: "Step", exact: true }).click();
    } while (!(await told()));
    forgive(problems, /panick|unreachable|RuntimeError/i);
    const count = await futures.count();
    const name = await futures.first().innerText();
    await trouble.getByRole("button", { name: "Replay to just before" }).click();
    await trouble.waitFor({ state: "detached", timeout: PATIENCE });
    await playButton(page).waitFor({ timeout: PATIENCE });
    assert.deepEqual([await futures.count(), await futures.first().innerText()], [count, name]);
    await futures.first().getByRole("button", { name: /^Go back to this future/ }).click();
    await node(page, "B").and(page.locator(":not([aria-label*=crashed])")).waitFor({ timeout: PATIENCE });
  });
});
