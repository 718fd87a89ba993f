// Every row as it is first seen: no words on the stage lie on other words, on a crown, on a mark or on a
// node that is not theirs, and what is written within a node's shape stays within. What is drawn on
// canvases is heard as it is written, so that nothing here knows how the page comes to it.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import test from "node:test";
import { dist, withSite } from "./harness.mjs";
import { PATIENCE, open } from "./lab.mjs";

/** Letters have this much room around them that is not ink, as a share of the height of their box. */
const AIR = 0.15;
/** Boxes that overlap by no more than this are beside each other. */
const SLACK_PX = 1;

/** Notes in the page what is written on each canvas, and what is copied from one to another. */
function hearCanvases() {
  const written = new WeakMap();
  const on = (canvas) => written.get(canvas) ?? written.set(canvas, []).get(canvas);
  const context = CanvasRenderingContext2D.prototype;
  const { fillText, drawImage, clearRect } = context;
  const width = Object.getOwnPropertyDescriptor(HTMLCanvasElement.prototype, "width");
  Object.defineProperty(HTMLCanvasElement.prototype, "width", {
    ...width,
    set(value) {
      written.set(this, []);
      width.set.call(this, value);
    },
  });
  const placed = (matrix, { left, right, top, bottom, text }) => {
    const [one, other] = [[left, top], [right, bottom]].map(([x, y]) => matrix.transformPoint({ x, y }));
    return { left: one.x, right: other.x, top: one.y, bottom: other.y, text };
  };
  context.clearRect = function (...box) {
    written.set(this.canvas, []);
    return clearRect.apply(this, box);
  };
  context.fillText = function (text, x, y, ...rest) {
    const ink = this.measureText(text);
    const box = {
      left: x - ink.actualBoundingBoxLeft, right: x + ink.actualBoundingBoxRight,
      top: y - ink.actualBoundingBoxAscent, bottom: y + ink.actualBoundingBoxDescent, text,
    };
    on(this.canvas).push(placed(this.getTransform(), box));
    return fillText.call(this, text, x, y, ...rest);
  };
  context.drawImage = function (image, x, y, wide = image.width, high = image.height) {
    const [across, down] = [wide / image.width, high / image.height];
    for (const it of written.get(image) ?? []) {
      const box = {
        left: x + it.left * across, right: x + it.right * across,
        top: y + it.top * down, bottom: y + it.bottom * down, text: it.text,
      };
      on(this.canvas).push(placed(this.getTransform(), box));
    }
    return drawImage.apply(this, arguments);
  };
  globalThis.writtenOn = (canvas) => {
    const place = canvas.getBoundingClientRect();
    const scale = place.width / canvas.width;
    return (written.get(canvas) ?? []).map((it) => ({
      left: place.left + it.left * scale, right: place.left + it.right * scale,
      top: place.top + it.top * scale, bottom: place.top + it.bottom * scale, text: it.text,
    }));
  };
}

/** Finds what lies on something else, in sentences. */
function overlapsInPage([AIR, SLACK_PX]) {
  const rectangle = (element) => element.getBoundingClientRect();
  const named = (element, what, owner) => {
    const { left, right, top, bottom } = rectangle(element);
    return { left, right, top, bottom, what, owner };
  };
  const ink = (box) => {
    const air = (box.bottom - box.top) * AIR;
    return { ...box, top: box.top + air, bottom: box.bottom - air };
  };
  const all = (selector) => [...document.querySelectorAll(selector)].filter((it) => it.checkVisibility());
  const nodeOf = (element) => element.closest(".stage-node");
  const words = all(".stage text").map((it) => ink(named(it, `“${it.textContent}”`, nodeOf(it))));
  const drawn = all(".stage > canvas").flatMap((canvas) => globalThis.writtenOn(canvas));
  words.push(...drawn.map((it) => ({ ...it, what: `“${it.text}”`, owner: undefined })));
  const over = all(".stage-place :is(.chip, .stage-notes > *, .stage-hint)");
  words.push(...over.map((it) => named(it, `the button or note “${it.textContent}”`, it)));
  const signs = all(".stage :is(.crown, .broken-mark, .slow-badge, .inbox-badge, .pause-badge)");
  const shapes = all(".stage-node .node-button > .shape");
  const things = [
    ...signs.map((it) => named(it, `the ${it.getAttribute("class")}`, undefined)),
    ...shapes.map((it) => named(it, `the shape of ${nodeOf(it).textContent}`, nodeOf(it))),
  ];
  const found = [];
  const lies = (one, other) =>
    Math.min(one.right, other.right) - Math.max(one.left, other.left) > SLACK_PX &&
    Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top) > SLACK_PX;
  words.forEach((one, nth) => {
    for (const other of words.slice(nth + 1)) if (lies(one, other)) found.push(`${one.what} on ${other.what}`);
    for (const thing of things) {
      if (thing.owner !== one.owner || thing.owner === undefined) {
        if (lies(one, thing)) found.push(`${one.what} on ${thing.what}`);
      }
    }
  });
  for (const word of all(".stage-node :is(.node-name, .node-value, .node-epoch)")) {
    const [box, shape] = [rectangle(word), rectangle(nodeOf(word).querySelector(".shape"))];
    const out = Math.max(shape.left - box.left, box.right - shape.right);
    if (out > SLACK_PX) found.push(`“${word.textContent}” is ${out.toFixed(1)} px wider than its shape`);
  }
  return found;
}

const overlaps = (page) => page.evaluate(overlapsInPage, [AIR, SLACK_PX]);

/** Waits until the stage has been drawn. */
async function drawn(page) {
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  await page.waitForTimeout(100);
}

/** All rows, or those that are asked for. */
async function rows() {
  const all = JSON.parse(await readFile(join(dist, "catalogue.json"), "utf8")).map((row) => row.slug);
  return process.env.ROWS?.split(",") ?? all;
}

/** Looks at a row at load, at its end and at its break; returns what lies on something, in sentences. */
async function lookedAt(page, url, row) {
  const found = [];
  const look = async (when) => {
    await drawn(page);
    found.push(...(await overlaps(page)).map((it) => `${row} ${when}: ${it}`));
  };
  await page.goto("about:blank");
  await open(page, url, `#/s/${row}?seed=42`);
  await look("at load");
  const end_us = Number(await page.locator(".rail").getAttribute("aria-valuemax"));
  await page.goto("about:blank");
  await open(page, url, `#/s/${row}?seed=42&at=${Math.round(end_us / 1_000)}ms`);
  const moment = page.locator(".verdict").getByRole("button", { name: "Go to the moment" });
  await moment.waitFor({ timeout: PATIENCE });
  await look("at the end");
  await moment.click();
  await moment.waitFor({ state: "detached", timeout: PATIENCE });
  await look("at the break");
  return found;
}

for (const [screen, options] of [
  ["a desk", {}],
  ["a projector", { viewport: { width: 1024, height: 768 } }],
  ["a phone", { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true }],
]) {
  test(`in every row no words lie on anything, at load, at the break and at the end, on ${screen}`, async () => {
    await withSite(async ({ page, url }) => {
      await page.addInitScript(hearCanvases);
      const found = [];
      for (const row of await rows()) found.push(...(await lookedAt(page, url, row)));
      assert.deepEqual(found, []);
    }, options);
  });
}

test("words that lie on others are found, in the drawing and on a canvas", async () => {
  await withSite(async ({ page, url }) => {
    await page.addInitScript(hearCanvases);
    await open(page, url, "#/s/single-leader?seed=42&at=1s");
    await drawn(page);
    assert.deepEqual(await overlaps(page), []);
    const name = await page.locator(".stage .node-label").first().evaluate((label) => {
      const [one, other] = [label, document.querySelectorAll(".stage .node-name")[2]].map((it) => it.getBoundingClientRect());
      label.setAttribute("dx", other.left - one.left);
      label.setAttribute("dy", other.top - one.top);
      return label.textContent;
    });
    const moved = await overlaps(page);
    assert.ok(moved.some((it) => it.includes(`“${name}”`) && it.includes("the shape of")), moved.join());
    await page.locator(".stage .node-name").first().evaluate((word) => {
      // On a canvas of its own: the stage clears what it draws anew.
      const [drawn] = [...document.querySelectorAll(".stage > canvas")].slice(-1);
      const canvas = drawn.cloneNode();
      drawn.after(canvas);
      const [at, place] = [word, canvas].map((it) => it.getBoundingClientRect());
      canvas.getContext("2d").fillText("planted", at.left - place.left, at.bottom - place.top);
    });
    assert.ok((await overlaps(page)).some((it) => it.includes("planted")));
  });
});
