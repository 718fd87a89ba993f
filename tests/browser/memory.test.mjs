// What ten minutes of play cost in memory. They are played at 64 times the usual speed, which takes
// ten seconds: the engine does the same work, and the same is kept of it.

import assert from "node:assert/strict";
import { readFile, readdir } from "node:fs/promises";
import test from "node:test";
import { withSite } from "./harness.mjs";
import { PATIENCE, clock, open, playButton } from "./lab.mjs";

/** The story of this row is six seconds long and takes half a minute at the usual speed. */
const TEN_MINUTES_S = 6 * 20;

/** Pages and worker together; a run of a million events takes a hundred of them. */
const MOST_MEBIBYTES = 400;

/** Returns the memory of all renderers of this profile, or `undefined` where /proc does not tell. */
async function rendererMebibytes(profile) {
  const read = (pid, file) => readFile(`/proc/${pid}/${file}`, "utf8").catch(() => "");
  const pids = (await readdir("/proc").catch(() => [])).filter((name) => /^\d+$/.test(name));
  let kibibytes = 0;
  for (const pid of pids) {
    const command = (await read(pid, "cmdline")).replaceAll("\0", " ");
    if (!command.includes("--type=renderer") || !command.includes(profile)) continue;
    // What is shared with other processes, such as the browser's own code, does not count.
    const rollup = await read(pid, "smaps_rollup");
    const own = [...rollup.matchAll(/^Private_(?:Clean|Dirty):\s+(\d+) kB/gm)];
    kibibytes += own.reduce((sum, [, amount]) => sum + Number(amount), 0);
  }
  return kibibytes > 0 ? Math.round(kibibytes / 1024) : undefined;
}

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
