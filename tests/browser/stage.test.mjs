// The stage under a hand: moved, enlarged, seen through one node's eyes, and with a crowd on it.

import assert from "node:assert/strict";
import test from "node:test";
import { recordFrames, quantile } from "./frames.mjs";
import { accessibilityViolations, withSite, withinBudget } from "./harness.mjs";
import { PATIENCE, choose, drawSplit, node, open, playButton, playUntil } from "./lab.mjs";
import { complaint } from "./visual/compare.mjs";
import { pictureOf, studio, useOneFont } from "./visual/pictures.mjs";

/** A frame of the screen may take this much script, in milliseconds. */
const MOST_SCRIPT_MS = 8;
const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };
const said = (page) => page.getByRole("list", { name: "The stage in words" });
const tools = (page) => page.getByRole("group", { name: "View", exact: true });
const button = (page, name) => tools(page).getByRole("button", { name, exact: true });
const group = (page) => page.locator("[data-group]");

/** Where the middle of an element's shape is. */
async function middle(locator) {
  return locator.evaluate((element) => {
    const box = element.querySelector(".shape, .group-disk").getBoundingClientRect();
    return { x: box.left + box.width / 2, y: box.top + box.height / 2, width: box.width };
  });
}

/** Waits until `isSo` holds for where an element is. */
async function settles(locator, isSo, what) {
  const started = Date.now();
  for (;;) {
    const at = await middle(locator);
    if (isSo(at)) return at;
    assert.ok(Date.now() - started < PATIENCE, `${what}: it is at ${JSON.stringify(at)}`);
    await locator.page().waitForTimeout(30);
  }
}

const apart = (one, other) => Math.hypot(one.x - other.x, one.y - other.y);

async function drag(page, from, to) {
  await page.mouse.move(from.x, from.y);
  await page.mouse.down();
  await page.mouse.move((from.x + to.x) / 2, (from.y + to.y) / 2, { steps: 4 });
  await page.mouse.move(to.x, to.y, { steps: 4 });
  await page.mouse.up();
}

test("a node can be dragged, stays there over a reload, and can be put back", async () => {
  await withSite(async ({ page, url }) => {
    await open(page, url, "#/s/single-leader?seed=1&at=300ms");
    const second = node(page, "S2");
    const home = await middle(second);
    const there = { x: home.x - 140, y: home.y - 60 };
    await drag(page, home, there);
    await settles(second, (at) => apart(at, there) < 4, "a dragged node");
    assert.equal(await second.getAttribute("aria-pressed"), "false", "a drag picks nothing");
    await page.reload();
    await playButton(page).waitFor({ timeout: PATIENCE });
    await settles(second, (at) => apart(at, there) < 4, "after a reload");

    // The keyboard moves it as well, and the focus stays with it.
    await second.focus();
    const before = await middle(second);
    await page.keyboard.press("Alt+ArrowRight");
    await page.keyboard.press("Alt+ArrowRight");
    await settles(second, (at) => Math.abs(at.x - before.x - 32) < 3, "moved by keys");
    assert.equal(await second.evaluate((element) => element === document.activeElement), true);

    await button(page, "Arrange").click();
    await settles(second, (at) => apart(at, home) < 2, "put back");
    assert.equal(await button(page, "Arrange").count(), 0);
  });
});

test("zoom and pan keep what is under the hand, and everything works at every zoom", async () => {
  await withSite(async ({ page, url }) => {
    await open(page, url, "#/s/single-leader?seed=1&at=300ms");
    const first = node(page, "S1");
    const usual = await middle(first);
    // The wheel enlarges around the pointer.
    await page.mouse.move(usual.x, usual.y);
    await page.mouse.wheel(0, -240);
    const closer = await settles(first, (at) => at.width > usual.width * 1.3, "the wheel");
    assert.ok(apart(closer, usual) < 6, "what is under the pointer stays there");
    await page.mouse.click(closer.x + closer.width * 0.4, closer.y);
    await page.locator('[data-node][aria-pressed="true"][aria-label^="S1"]').waitFor({ timeout: PATIENCE });

    await page.keyboard.press("0");
    await settles(first, (at) => apart(at, usual) < 1, "key 0");
    await page.keyboard.press("+");
    await settles(first, (at) => at.width > usual.width * 1.2, "key +");
    await page.keyboard.press("-");
    await settles(first, (at) => Math.abs(at.width - usual.width) < 1, "key −");
    await button(page, "Zoom out").click();
    const small = await settles(first, (at) => at.width < usual.width * 0.85, "the button −");

    // The background is dragged, nodes go along; a split is drawn as it is seen.
    const stage = await page.getByRole("group", { name: "Stage" }).boundingBox();
    const corner = { x: stage.x + stage.width - 40, y: stage.y + stage.height - 120 };
    await drag(page, corner, { x: corner.x - 60, y: corner.y + 20 });
    await settles(first, (at) => Math.abs(at.x - small.x + 60) < 3, "a dragged stage");
    await drawSplit(page, ["S1"]);
    const split = said(page).getByText("The network is split since");
    await split.waitFor({ state: "attached", timeout: PATIENCE });
    assert.match(await split.innerText(), /\| S1$/);
    await button(page, "Fit").click();
    await settles(first, (at) => apart(at, usual) < 1, "Fit");
  });
});

test("the world through one node's eyes hides what it cannot know", async () => {
  await withSite(async ({ page, url }) => {
    await open(page, url, "#/s/single-leader?seed=1&at=1s");
    await node(page, "S2").focus();
    await page.keyboard.press("Space");
    const eye = button(page, "Only what S2 knows");
    await eye.click();
    await page.locator('[data-node][aria-label^="S1"][aria-label*="heard"]').waitFor({ timeout: PATIENCE });
    assert.equal(await page.locator(".is-unknown").count(), (await page.locator("[data-node]").count()) - 1);
    await said(page).getByText("Only what S2 knows").waitFor({ state: "attached", timeout: PATIENCE });
    await page.getByText("You see what S2 knows.").waitFor({ timeout: PATIENCE });
    assert.equal(await eye.getAttribute("aria-pressed"), "true");
    assert.deepEqual(await accessibilityViolations(page), []);
    await page.keyboard.press("y");
    await page.locator(".is-unknown").first().waitFor({ state: "detached", timeout: PATIENCE });
  }, { colorScheme: "dark" });
});

test("a side that does not stand together is one piece, and severed links are dashed", async () => {
  await withSite(async ({ page, url }) => {
    await open(page, url, "#/s/test-crowd?seed=1&nodes=6&at=1s");
    await page.keyboard.press("p");
    for (const name of ["N1", "N4"]) {
      const at = await middle(node(page, name));
      await page.mouse.click(at.x, at.y);
      await page.locator(`[data-node][aria-pressed="true"][aria-label^="${name}"]`).waitFor({ timeout: PATIENCE });
    }
    await node(page, "N1").press("Enter");
    const region = page.locator(".stage-partition .region");
    await region.waitFor({ timeout: PATIENCE });
    assert.equal((await region.getAttribute("d")).match(/M/g).length, 1, "one piece");
    assert.equal(await page.locator(".stage-link").count(), 15);
    assert.equal(await page.locator(".stage-link.is-severed").count(), 2 * 4);
    assert.match(await page.locator(".region-since").textContent(), /^N1, N4 cut off since/);
    // Who is in which epoch is said where nodes disagree.
    const epochs = page.getByRole("list", { name: "Nodes are in different epochs" });
    assert.match(await epochs.innerText(), /epoch 2 N1\s+epoch 1 N2, N3, N4, N5, N6/);
  });
});

test("the first future that is left behind moves nothing", async () => {
  await withSite(async ({ page, url }) => {
    await open(page, url, "#/s/single-leader?seed=1&at=1s");
    const stage = page.getByRole("group", { name: "Stage" });
    const before = await stage.boundingBox();
    const crashed = page.locator('[data-node][aria-label*="crashed"]');
    await choose(page, "S4", "Crash");
    await crashed.waitFor({ timeout: PATIENCE });
    await page.keyboard.press("Home");
    await crashed.waitFor({ state: "detached", timeout: PATIENCE });
    await choose(page, "S5", "Crash");
    await page.getByRole("list", { name: "Futures left behind" }).waitFor({ timeout: PATIENCE });
    assert.deepEqual(await stage.boundingBox(), before);
  });
});

test("on paper there are stage and log and no buttons, and a viewer's own colours reach everything", async () => {
  await withSite(async ({ page, url }) => {
    await open(page, url, "#/s/single-leader?seed=1&at=1s");
    await page.getByRole("tab", { name: "Log" }).click();
    await page.locator(".log-lines li").first().waitFor({ timeout: PATIENCE });
    assert.deepEqual(await accessibilityViolations(page), []);
    const ink = () => page.evaluate(() => getComputedStyle(document.documentElement).getPropertyValue("--ink"));
    assert.equal(await ink(), "CanvasText");
    await page.emulateMedia({ media: "print" });
    const shown = await page.locator(".lab :is(.button, .icon, .chip, .link, [role=tab])").filter({ visible: true }).count();
    assert.equal(shown, 0, "buttons on paper");
    await page.locator(".log-lines li").first().waitFor({ state: "visible", timeout: PATIENCE });
    await node(page, "S1").waitFor({ state: "visible", timeout: PATIENCE });
  }, { forcedColors: "active" });
});

test("layers, zones and maps are arranged as the scenario says, and no labels overlap", async () => {
  await withSite(async ({ page, url }) => {
    for (const [query, field] of [
      ["nodes=18&layout=1&zones=4", "Frankfurt"],
      ["nodes=20&layout=2", "gateways"],
      ["nodes=18&layout=3", undefined],
      ["nodes=24&layout=4", undefined],
    ]) {
      await page.goto("about:blank");
      await open(page, url, `#/s/test-crowd?seed=1&${query}&at=1s`);
      if (field) await page.locator(".stage-field text", { hasText: field }).waitFor({ timeout: PATIENCE });
      const boxes = await page.locator(".stage-node .node-label").evaluateAll((labels) =>
        labels.map((label) => {
          const { left, right, top, bottom } = label.getBoundingClientRect();
          return { left, right, top, bottom, text: label.textContent };
        }),
      );
      for (const [index, one] of boxes.entries()) {
        for (const other of boxes.slice(index + 1)) {
          const overlap =
            Math.min(one.right, other.right) - Math.max(one.left, other.left) > 1 &&
            Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top) > 3;
          assert.ok(!overlap, `${query}: ${one.text} lies on ${other.text}`);
        }
      }
    }
  });
});

/** The rectangles on screen of what a selector finds and one can see. */
const rectangles = (page, selector) =>
  page.locator(selector).filter({ visible: true }).evaluateAll((elements) =>
    elements.map((element) => {
      const { left, right, top, bottom } = element.getBoundingClientRect();
      return { left, right, top, bottom, what: `${element.getAttribute("class")} ${element.textContent}`.slice(0, 60) };
    }),
  );

/** Nothing that lies over the stage lies on a node, on its crown or on its words. */
async function assertNothingCovered(page, where) {
  const nodes = await rectangles(page, ".stage-node :is(.shape, .crown, .node-label)");
  const over = await rectangles(page, ":is(.verdict, .banner, .commands, .legend, .why, .stage-place .chip, .stage-notes > *, .stage-hint)");
  assert.ok(nodes.length > 5 && over.length > 2, where);
  for (const one of nodes) {
    for (const other of over) {
      const across = Math.min(one.right, other.right) - Math.max(one.left, other.left);
      const down = Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top);
      assert.ok(across <= 1 || down <= 1, `${where}: ${other.what} covers ${one.what}`);
    }
  }
}

test("what is said over the stage and its buttons cover no node, at any size of the window", async () => {
  for (const [width, height] of [[1440, 900], [1024, 768], [390, 844]]) {
    await withSite(async ({ page, url }) => {
      for (const run of ["single-leader?seed=42&at=1.3s", "election-styles?seed=42&at=1.2s", "config-store?seed=42&at=1.3s"]) {
        await page.goto("about:blank");
        await open(page, url, `#/s/${run}`);
        await page.locator(".verdict").waitFor({ timeout: PATIENCE });
        await assertNothingCovered(page, `${run} on ${width} × ${height}`);
      }
      if (width < 1200) {
        const last = page.locator("[data-node]").last();
        const before = await middle(last);
        await page.keyboard.press("l");
        await page.locator(".legend").waitFor({ timeout: PATIENCE });
        await assertNothingCovered(page, `the legend on ${width} × ${height}`);
        assert.ok(apart(await middle(last), before) < 1, "the legend moves nobody");
        await page.keyboard.press("l");
      }
      await page.getByRole("button", { name: "Draw a split" }).filter({ visible: true }).first().click({ timeout: 2_000 }).catch(() => {});
      await assertNothingCovered(page, `a split on ${width} × ${height}`);
      if (width >= 1200) {
        // Other rows, and panels below the stage that are high.
        for (const [run, strip] of [["quorum-dial?seed=42&at=2s", 340], ["split-brain?seed=42&at=1.9s", 300], ["vector-clocks?seed=42&at=2.3s", 260]]) {
          await page.goto("about:blank");
          await open(page, url, `#/s/${run}`);
          await page.locator(".verdict").waitFor({ timeout: PATIENCE });
          const node = page.locator("[data-node]").last();
          const before = await middle(node);
          await page.evaluate((strip) => document.querySelector(".lab").style.setProperty("--strip", `${strip}px`), strip);
          await settles(node, (at) => apart(at, before) > 2, "another height");
          await assertNothingCovered(page, `${run} above ${strip} px`);
        }
        return;
      }
      // A step of the lesson takes the place of the promise where the lesson has no place of its own.
      await page.goto("about:blank");
      await open(page, url, "#/s/single-leader?seed=42");
      await playUntil(page, page.locator(".bet-banner"));
      await assertNothingCovered(page, `a step on ${width} × ${height}`);
    }, { viewport: { width, height } });
  }
});

test("commands, the answer to “why?” and notices stand beside the stage and hide nobody", async () => {
  for (const [width, height] of [[1440, 900], [1024, 768]]) {
    await withSite(async ({ page, url }) => {
      await open(page, url, "#/s/single-leader?seed=42&at=1.3s");
      await page.locator(".verdict").waitFor({ timeout: PATIENCE });
      const last = page.locator("[data-node]").last();
      const before = await middle(last);
      await page.keyboard.press("c");
      await page.locator(".commands").waitFor({ timeout: PATIENCE });
      await settles(last, (at) => apart(at, before) > 2, "beside the commands");
      await assertNothingCovered(page, `commands on ${width} × ${height}`);
      await page.getByRole("button", { name: "Close the commands" }).click();
      await settles(last, (at) => apart(at, before) < 1, "back");
      if (width >= 1200) {
        await page.keyboard.press("l");
        await page.locator(".legend").waitFor({ timeout: PATIENCE });
        await assertNothingCovered(page, `the legend on ${width} × ${height}`);
        assert.ok(apart(await middle(last), before) < 1, "the legend moves nobody");
        await page.keyboard.press("l");
      }
      await page.locator(".verdict").getByRole("button", { name: "Why?" }).click();
      await page.locator(".why li").first().waitFor({ timeout: PATIENCE });
      await assertNothingCovered(page, `why on ${width} × ${height}`);
      await page.getByRole("region", { name: "Why" }).getByRole("button", { name: "Close" }).click();
      // Another run is opened, and the way back is offered.
      await page.getByRole("tab", { name: "Properties" }).click();
      await page.getByRole("button", { name: /^See it break/ }).first().click();
      await page.getByRole("button", { name: "Back to the run I had" }).waitFor({ timeout: PATIENCE });
      await page.locator(".verdict").waitFor({ timeout: PATIENCE });
      await assertNothingCovered(page, `a notice on ${width} × ${height}`);
    }, { viewport: { width, height } });
  }
});

test("200 nodes and 1,000 messages stand in groups, stay within the budget, and open", async (t) => {
  await withSite(async ({ page, url }) => {
    await page.addInitScript(() => {
      const post = Worker.prototype.postMessage;
      globalThis.posted = 0;
      Worker.prototype.postMessage = function (...message) {
        globalThis.posted += 1;
        return post.apply(this, message);
      };
    });
    const posted = () => page.evaluate(() => globalThis.posted);
    await page.goto(`${url}#/s/test-crowd?seed=1&nodes=200&at=1s`);
    await group(page).first().waitFor({ timeout: PATIENCE });
    await playButton(page).waitFor({ timeout: PATIENCE });
    const groups = await group(page).count();
    assert.ok(groups >= 3 && groups <= 12, `${groups} groups`);
    assert.equal(await page.locator("[data-node]").count(), 0);
    const more = said(page).getByText(/and [\d,]+ messages more under way/);
    await more.waitFor({ state: "attached", timeout: PATIENCE });
    const messages = Number((await more.textContent()).replace(/\D/g, ""));
    assert.ok(messages > 960, `${messages} messages and 40 listed`);

    await playButton(page).click();
    await page.waitForTimeout(400);
    const before = await posted();
    const { script, all } = await recordFrames(page, 2_000);
    const asked = (await posted()) - before;
    await page.keyboard.press("Space");
    const figure = (values) =>
      `p50 ${quantile(values, 0.5).toFixed(1)} ms, p95 ${quantile(values, 0.95).toFixed(1)} ms`;
    t.diagnostic(`script a frame: ${figure(script)}; all work: ${figure(all)}; ${script.length} frames`);
    assert.ok(script.length > 10, "the film runs");
    // One question a frame moves the film on; what the panels ask for comes a few times a second.
    assert.ok(asked < script.length * 2, `${asked} questions in ${script.length} frames`);
    withinBudget(quantile(script, 0.95), MOST_SCRIPT_MS, figure(script));

    // A group opens under a click, and closes when all is to be seen again.
    await playButton(page).waitFor({ timeout: PATIENCE });
    const at = await middle(group(page).first());
    await page.mouse.click(at.x, at.y);
    await node(page, "N1").waitFor({ timeout: PATIENCE });
    assert.equal(await page.locator('[data-group="0"]').count(), 0);
    await page.keyboard.press("0");
    await page.locator('[data-group="0"]').waitFor({ timeout: PATIENCE });
    // The keyboard opens it too, and what is within can be picked.
    await page.locator('[data-group="0"]').focus();
    await page.keyboard.press("Enter");
    await node(page, "N2").focus();
    await page.keyboard.press("Space");
    await page.locator('[data-node][aria-pressed="true"][aria-label^="N2,"]').waitFor({ timeout: PATIENCE });
    assert.deepEqual(await accessibilityViolations(page), []);
  });
});

test("fingers move, pinch and press long", async () => {
  await withSite(
    async ({ page, url }) => {
      await open(page, url, "#/s/single-leader?seed=1&at=300ms");
      const session = await page.context().newCDPSession(page);
      const touch = (type, ...points) =>
        session.send("Input.dispatchTouchEvent", {
          type,
          touchPoints: points.map(({ x, y }, id) => ({ x, y, id })),
        });
      const third = node(page, "S3");
      const home = await middle(third);
      const there = { x: home.x, y: home.y - 60 };
      await touch("touchStart", home);
      await touch("touchMove", { x: home.x, y: home.y - 30 });
      await touch("touchMove", there);
      await touch("touchEnd");
      await settles(third, (at) => apart(at, there) < 5, "a node under a finger");
      await button(page, "Arrange").click();
      await settles(third, (at) => apart(at, home) < 2, "put back");

      // Two fingers that part enlarge what is between them.
      const [x, y] = [home.x, home.y - 90];
      await touch("touchStart", { x: x - 30, y }, { x: x + 30, y });
      await touch("touchMove", { x: x - 45, y }, { x: x + 45, y });
      await touch("touchMove", { x: x - 60, y }, { x: x + 60, y });
      await touch("touchEnd");
      await settles(third, (at) => at.width > home.width * 1.7, "a pinch");
      await button(page, "Fit").click();
      await settles(third, (at) => apart(at, home) < 2, "all of it");

      // A finger that stays opens the menu, one that taps picks.
      await touch("touchStart", home);
      await page.getByRole("menu").waitFor({ timeout: PATIENCE });
      await touch("touchEnd");
      await page.keyboard.press("Escape");
      await page.getByRole("menu").waitFor({ state: "detached", timeout: PATIENCE });
      await touch("touchStart", home);
      await touch("touchEnd");
      await page.locator('[data-node][aria-pressed="true"][aria-label^="S3"]').waitFor({ timeout: PATIENCE });
      assert.deepEqual(await accessibilityViolations(page), []);
    },
    { ...phone, colorScheme: "dark" },
  );
});

/** The file of a sign's picture: its caption up to the first stop. */
const fileOf = (caption) => `sign-${caption.split(/[:,]/)[0].toLowerCase().replace(/[^a-z0-9]+/g, "-")}`;

for (const theme of ["light", "dark"]) {
  test(`every sign looks as it did, ${theme}`, async () => {
    await withSite(async ({ page, url }) => {
      await page.goto(`${url}#/signs`);
      await page.locator(".encoding").last().waitFor({ timeout: PATIENCE });
      // As large as in its picture from the beginning: nothing has to be drawn anew for that.
      await page.addStyleTag({ content: ".encoding-stage { width: 300px; height: 200px; border: 0; }" });
      await useOneFont(page);
      const names = (await page.locator(".encoding b").allInnerTexts()).map(fileOf);
      assert.equal(new Set(names).size, names.length, "a caption begins like another");
      assert.ok(names.length >= 27);
      const bad = [];
      for (const [place, name] of names.entries()) {
        const stage = page.locator(".encoding-stage").nth(place);
        bad.push(await complaint(`${name}-${theme}`, await pictureOf(stage, { width: 300, height: 200 })));
      }
      assert.deepEqual(bad.filter(Boolean), [], "UPDATE_SHOTS=1 takes the present pictures as the right ones");
    }, studio(theme));
  });
}

test("every sign is explained on a page of its own", async () => {
  await withSite(async ({ page, url }) => {
    await page.goto(`${url}#/signs`);
    await page.getByText("Held: it waits at a brake").waitFor({ timeout: PATIENCE });
    assert.ok((await page.locator(".encoding").count()) >= 25);
    assert.equal(await page.locator(".encoding .stage-brakes path").count() > 0, true);
    assert.deepEqual(await accessibilityViolations(page), []);
  });
});
