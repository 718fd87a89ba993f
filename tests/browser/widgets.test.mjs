// The page with all pictures: each looks as it did, says in words what it shows, and stays in its
// panel, however much there is.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import test from "node:test";
import { PNG } from "pngjs";
import { accessibilityViolations, withSite } from "./harness.mjs";
import { PATIENCE, open, playUntil } from "./lab.mjs";
import { complaint, difference, localTolerance, tolerance } from "./visual/compare.mjs";
import { pictureOf, studio, useOneFont } from "./visual/pictures.mjs";

const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };

async function openPictures(page, url) {
  await page.goto(`${url}#/widgets`);
  await page.locator("[data-picture]").last().waitFor({ timeout: PATIENCE });
}

const pictures = (page, kind) => page.locator(`[data-picture$="-${kind}"]`);
const nameOf = (picture) => picture.getAttribute("data-picture");

test("the comparison tells a picture from one that lacks a value", async () => {
  const field = await readFile(new URL("visual/field-light.png", import.meta.url));
  const picture = PNG.sync.read(field);
  // The last line has lost its value.
  for (let y = picture.height - 20; y < picture.height; y += 1) {
    for (let x = picture.width / 2; x < picture.width; x += 1) picture.data.fill(255, (y * picture.width + x) * 4, (y * picture.width + x) * 4 + 4);
  }
  assert.equal(difference(field, field).share, 0);
  assert.ok(difference(field, PNG.sync.write(picture)).share > tolerance);
});

test("the comparison tells a sign from one that lacks a part too small to count", async () => {
  const delayed = await readFile(new URL("visual/sign-delayed-light.png", import.meta.url));
  const picture = PNG.sync.read(delayed);
  const ground = picture.data.readUInt32BE(0);
  // The clock at the upper right of the message is gone.
  let gone = 0;
  for (let y = 98; y < 113; y += 1) {
    for (let x = 176; x < 192; x += 1) {
      gone += picture.data.readUInt32BE((y * picture.width + x) * 4) === ground ? 0 : 1;
      picture.data.writeUInt32BE(ground, (y * picture.width + x) * 4);
    }
  }
  assert.ok(gone > 100, `${gone} points were a clock`);
  const { share, worst } = difference(delayed, PNG.sync.write(picture));
  assert.ok(share > 0 && worst > localTolerance, `${share} of all, ${worst} in one place`);
});

for (const theme of ["light", "dark"]) {
  test(`every picture looks as it did, ${theme}`, async () => {
    await withSite(
      async ({ page, url }) => {
        await openPictures(page, url);
        await useOneFont(page);
        const complaints = [];
        for (const picture of await pictures(page, "typical").all()) {
          const name = (await nameOf(picture)).replace("-typical", "");
          const actual = await pictureOf(picture.locator(".widget-list"));
          complaints.push(await complaint(`${name}-${theme}`, actual));
        }
        const bad = complaints.filter(Boolean);
        assert.deepEqual(bad, [], "UPDATE_SHOTS=1 takes the present pictures as the right ones");
        assert.ok(complaints.length >= 20);
      },
      studio(theme),
    );
  });
}

test("every picture says in words what it shows", async () => {
  await withSite(async ({ page, url }) => {
    await openPictures(page, url);
    for (const sample of await page.locator(".picture-sample").all()) {
      const name = await nameOf(sample.locator("[data-picture]"));
      await sample.getByText("Read as text").click();
      const words = await sample.getByRole("listitem").filter({ visible: true }).allInnerTexts();
      assert.ok(words.join("").length > 0, `${name} says nothing`);
    }
    const unnamed = await page
      .locator("[data-picture] [role=img]")
      .evaluateAll((drawings) => drawings.filter((it) => !it.getAttribute("aria-label")).length);
    assert.equal(unnamed, 0, "a drawing without words");
    const said = (name) => page.locator(`.picture-sample:has([data-picture="${name}"]) details`).innerText();
    assert.match(await said("ring-typical"), /pear, wrong at 75 belongs to C/);
    assert.match(await said("graph-typical"), /T1 to T2: row 7, wrong/);
    assert.match(await said("sectors-typical"), /sector 3: put a=3, rotten/);
    assert.match(await said("document-typical"), /deleted by B: “eggs, ”/);
    assert.match(await said("tree-extreme"), /… and \d+ more nodes/);
    const words = await page.getByRole("img", { name: /Time to answer: 182 values/ }).count();
    assert.equal(words, 1, "a drawing carries its words");
  });
});

test("what is far too much is cut and says so, and nothing leaves its panel", async () => {
  for (const options of [{}, phone, { viewport: { width: 1024, height: 768 } }]) {
    await withSite(async ({ page, url }) => {
      await openPictures(page, url);
      const tooWide = await page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      );
      assert.equal(tooWide, 0, "the page scrolls sideways");
      const outside = await page.locator("[data-picture]").evaluateAll((frames) =>
        frames.flatMap((frame) => {
          const { left, right } = frame.getBoundingClientRect();
          const isOut = (element) => {
            if (element.closest(".widget-scroll, .hex, svg, .visually-hidden, .time-track, .stream-track, .buckets, .series-plot")) return false;
            const box = element.getBoundingClientRect();
            return box.width > 0 && (box.right > right + 1 || box.left < left - 1);
          };
          const out = [...frame.querySelectorAll("*")].filter(isOut);
          return out.length > 0 ? [`${frame.dataset.picture}: ${out[0].outerHTML.slice(0, 120)}`] : [];
        }),
      );
      assert.deepEqual(outside, []);
      for (const [name, sentence] of [
        ["table", "… and 140 more rows"],
        ["chips", "… and 180 more values"],
        ["matrix", "… and 20 more columns"],
        ["log-matrix", /… and \d+ more entries before these/],
        ["ring", "… and 24 more owners"],
        ["graph", "… and 50 more nodes"],
        ["bits", "… and 3,488 more places"],
        ["sectors", "… and 344 more sectors"],
        ["document", /… and [\d,]+ more letters/],
        ["map", "… and 80 more places"],
        ["histogram", "… and 220 more bars"],
        ["lanes", "… and 37 more lanes"],
      ]) {
        const picture = page.locator(`[data-picture="${name}-extreme"]`);
        await picture.getByText(sentence).first().waitFor({ timeout: PATIENCE });
      }
    }, options);
  }
});

test("a table is sorted, a ring and a disk are looked into, by keyboard alone", async () => {
  await withSite(async ({ page, url }) => {
    await openPictures(page, url);
    const table = page.locator('[data-picture="table-typical"]');
    const names = () => table.locator("tbody th").allInnerTexts();
    const before = await names();
    const head = table.getByRole("button", { name: "waits" });
    await head.focus();
    await page.keyboard.press("Enter");
    await table.getByRole("columnheader", { name: "waits" }).and(table.locator("[aria-sort=ascending]")).waitFor();
    assert.match((await names()).join(), /old-2.*index-1.*resize-17.*mail-4.*bill-9/s);
    await page.keyboard.press("Enter");
    await table.locator("[aria-sort=descending]").waitFor();
    assert.match((await names()).join(), /bill-9.*mail-4.*resize-17/s);
    await page.keyboard.press("Enter");
    await table.locator("[aria-sort=descending]").waitFor({ state: "detached" });
    assert.deepEqual(await names(), before);

    const ring = page.locator('[data-picture="ring-typical"]');
    await ring.getByRole("button", { name: /^A/ }).focus();
    await page.keyboard.press("Space");
    await ring.locator(".ring-part.is-chosen").nth(2).waitFor();
    assert.equal(await ring.locator(".ring-part.is-chosen").count(), 3);

    const disk = page.locator('[data-picture="sectors-typical"]');
    await disk.getByRole("button", { name: "sector 3: put a=3, rotten" }).focus();
    await page.keyboard.press("Enter");
    await disk.getByText("70 75 74 20").waitFor();
    await page.keyboard.press("Enter");
    await disk.getByText("70 75 74 20").waitFor({ state: "detached" });
  });
});

for (const [colorScheme, size, options] of [["light", "a phone", phone], ["dark", "a desk", {}]]) {
  test(`the page breaks no rule of accessibility, ${colorScheme}, on ${size}`, async () => {
    await withSite(
      async ({ page, url }) => {
        await openPictures(page, url);
        // Far too much is the same as an ordinary one, a hundred times over.
        await page.addStyleTag({ content: ".is-extreme { display: none !important; }" });
        assert.deepEqual(await accessibilityViolations(page), []);
      },
      { colorScheme, ...options },
    );
  });
}

test("help leads to the page, and a scenario shows its copies of a log in it", async () => {
  await withSite(async ({ page, url }) => {
    await open(page, url, "#/s/single-leader?seed=1");
    await page.getByRole("tab", { name: "State" }).click();
    const logs = page.locator(".log-matrix");
    await playUntil(page, logs.locator(".log-entry"));
    assert.ok((await logs.getByRole("rowheader", { name: "S1" }).count()) === 1);
    await page.keyboard.press("?");
    await page.getByRole("dialog").getByRole("link", { name: "All pictures, explained" }).click();
    await page.locator("[data-picture]").first().waitFor({ timeout: PATIENCE });
    assert.match(page.url(), /#\/widgets$/);
  });
});
