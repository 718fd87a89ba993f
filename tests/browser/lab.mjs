// What a person does in the lab, in the words of the page: roles and names, so that a test breaks
// when a screen reader's user would be lost too.

import assert from "node:assert/strict";
import { readFile, readdir } from "node:fs/promises";

/** Long enough for a busy machine; a test that passes never waits for it. */
export const PATIENCE = Number(process.env.PATIENCE ?? 30_000);

/** Opens a run and waits until it can be played. */
export async function open(page, url, link) {
  await page.goto(url + link);
  await playButton(page).waitFor({ timeout: PATIENCE });
  await page.locator("[data-node]").first().waitFor({ timeout: PATIENCE });
}

// A node can be paused as well as the film: only the playback's own buttons are meant.
const playback = (page) => page.getByRole("region", { name: "Playback" });
export const playButton = (page) => playback(page).getByRole("button", { name: "Play", exact: true });
export const pauseButton = (page) => playback(page).getByRole("button", { name: "Pause", exact: true });

/** A node of the stage, by the name under which it is announced. */
export const node = (page, name) =>
  page.locator(`[data-node][role=button][aria-label^="${name},"], [data-node][role=button][aria-label="${name}"]`);

/** The true time that the transport shows. */
export const clock = (page) => page.locator(".transport .clock").innerText();

/** Plays until `isThere` is on the page, past every bet that the film waits for, then pauses. */
export async function playUntil(page, isThere) {
  const started = Date.now();
  for (;;) {
    if (await isThere.first().isVisible()) break;
    assert.ok(Date.now() - started < PATIENCE, "playing does not lead there");
    if (await playButton(page).isVisible()) {
      // It may stop by itself between the look and the click; then there is nothing to click.
      await playButton(page).click({ timeout: 2_000 }).catch(() => {});
    }
    await page.waitForTimeout(50);
  }
  // On a busy machine the film may stop by itself between the look and the click, or the click fail.
  while (!(await playButton(page).isVisible())) {
    assert.ok(Date.now() - started < 2 * PATIENCE, "the film does not stop");
    await pauseButton(page).click({ timeout: 2_000 }).catch(() => {});
    await page.waitForTimeout(50);
  }
}

/** Opens the menu of a node and chooses from it. */
export async function choose(page, name, item) {
  await node(page, name).click({ button: "right" });
  await page.getByRole("menuitem", { name: item }).click();
  await page.getByRole("menu").waitFor({ state: "detached" });
}

/** Draws a line across the stage that has exactly these nodes on one side. */
export async function drawSplit(page, names) {
  const spots = await page.locator("[data-node]").evaluateAll((elements) =>
    elements.map((element) => {
      const box = element.getBoundingClientRect();
      const name = element.getAttribute("aria-label").split(",")[0];
      return { name, x: box.left + box.width / 2, y: box.top + box.height / 2 };
    }),
  );
  const stage = await page.getByRole("group", { name: "Stage" }).boundingBox();
  const points = separating(spots, new Set(names), stage);
  assert.ok(points, `no straight line parts ${names.join(" and ")} from the others`);
  await page.getByRole("button", { name: "Draw a split" }).click();
  // What lies over the stage, such as its head, takes no part in drawing.
  const line = await page.evaluate((points) => {
    const isOnStage = ([x, y]) => document.elementFromPoint(x, y)?.closest("[aria-label=Stage]");
    const free = points.filter(isOnStage);
    return [free[0], free[free.length - 1]];
  }, points);
  await page.mouse.move(...line[0]);
  await page.mouse.down();
  await page.mouse.move(...line[1], { steps: 8 });
  await page.mouse.up();
}

/** Finds points on the stage whose line has the chosen spots on one side, others on the other. */
function separating(spots, chosen, stage) {
  let best;
  for (let degrees = 0; degrees < 180; degrees += 3) {
    const [dx, dy] = [Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180)];
    const across = ({ x, y }) => x * -dy + y * dx;
    const inside = spots.filter(({ name }) => chosen.has(name)).map(across);
    const outside = spots.filter(({ name }) => !chosen.has(name)).map(across);
    const gaps = [
      [Math.max(...inside), Math.min(...outside)],
      [Math.max(...outside), Math.min(...inside)],
    ];
    for (const [low, high] of gaps) {
      if (high > low && (!best || high - low > best.gap)) {
        best = { gap: high - low, offset: (low + high) / 2, dx, dy };
      }
    }
  }
  if (!best) return undefined;
  // The points of the line that lie well inside the stage.
  const centre = { x: stage.x + stage.width / 2, y: stage.y + stage.height / 2 };
  const along = centre.x * best.dx + centre.y * best.dy;
  const at = (t) => [best.dx * t - best.dy * best.offset, best.dy * t + best.dx * best.offset];
  const isInside = ([x, y]) =>
    x > stage.x + 8 && x < stage.x + stage.width - 8 && y > stage.y + 8 && y < stage.y + stage.height - 8;
  const points = [];
  for (let t = along - 2_000; t <= along + 2_000; t += 4) if (isInside(at(t))) points.push(at(t));
  return points.length > 1 ? points : undefined;
}

/** Reads the link to the run at the cursor from the share dialog. */
export async function shareLink(page) {
  await page.getByRole("button", { name: "Share", exact: true }).click();
  const field = page.getByRole("dialog").getByRole("textbox", { name: "Link" });
  await field.waitFor({ timeout: PATIENCE });
  // The digest comes after the link, if the rest of an instant has to run for it.
  const unchecked = page.getByRole("dialog").getByText("carries no digest");
  await unchecked.waitFor({ state: "detached", timeout: PATIENCE });
  const link = await field.inputValue();
  await page.getByRole("dialog").getByRole("button", { name: "Close" }).click();
  return link;
}

/** What a link says, by name. */
export const parts = (link) => new URLSearchParams(link.slice(link.indexOf("?") + 1));

/** Returns the memory of all renderers of this profile, or `undefined` where /proc does not tell. */
export async function rendererMebibytes(profile) {
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
