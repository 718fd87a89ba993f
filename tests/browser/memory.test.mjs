// What ten minutes of play cost in memory. They are played at 64 times the usual speed, which takes
// ten seconds: the engine does the same work, and the same is kept of it.

import assert from "node:assert/strict";
import test from "node:test";
import { withSite } from "./harness.mjs";
import { PATIENCE, clock, open, playButton, rendererMebibytes } from "./lab.mjs";

/** The story of this row is six seconds long and takes half a minute at the usual speed. */
const TEN_MINUTES_S = 6 * 20;

/** Pages and worker together; a run of a million events takes a hundred of them. */
const MOST_MEBIBYTES = 400;

const seconds = (text) => {
  const [, amount, unit] = text.match(/([\d.]+)\s*(ms|s|min|µs)/) ?? [];
  return Number(amount) * { µs: 1e-6, ms: 1e-3, s: 1, min: 60 }[unit];
};

test("ten minutes of play stay within bounds", { timeout: 120_000 }, async (t) => {
  await withSite(async ({ page, url, profile }) => {
    await open(page, url, "#/s/single-leader?seed=7&preset=hardened&a=");
    const before = await rendererMebibytes(profile);
    for (let step = 0; step < 6; step += 1) await page.keyboard.press("]");
    const started = Date.now();
    while (seconds(await clock(page)) < TEN_MINUTES_S) {
      assert.ok(Date.now() - started < 3 * PATIENCE, `at ${await clock(page)} it does not get on`);
      // The film stops where the story ends; a viewer who wants more plays on.
      if (await playButton(page).isVisible()) await playButton(page).click({ timeout: 2_000 }).catch(() => {});
      await page.waitForTimeout(100);
    }
    const after = await rendererMebibytes(profile);
    if (after === undefined) return t.skip("this system does not tell what a process takes");
    console.log(`memory: ${before} MiB at the start, ${after} MiB after ten minutes of play`);
    assert.ok(after <= MOST_MEBIBYTES, `${after} MiB`);
  });
});
