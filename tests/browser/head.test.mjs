// What stands around the stage: what else fell, what buttons say that they do, what is said while two
// runs are compared, the block diagram, and the names of faults and requests in the diagram.

import assert from "node:assert/strict";
import test from "node:test";
import { PNG } from "pngjs";
import { accessibilityViolations, withSite } from "./harness.mjs";
import { PATIENCE, clock, open, playButton } from "./lab.mjs";

const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };
const projector = { viewport: { width: 1024, height: 768 } };

const broken = (page) => page.getByRole("alert").filter({ hasText: "◆ Broken at" });
const boxOf = (locator) => locator.evaluate((it) => it.getBoundingClientRect().toJSON());

for (const [size, options] of [["a desk", {}], ["a projector", projector], ["a phone", phone]]) {
  test(`what fell first is told, what else fell in a line that opens, on ${size}`, async () => {
    await withSite(async ({ page, url }) => {
      await open(page, url, "#/s/quorum-dial?seed=42&at=3s");
      const also = broken(page).locator(".also");
      await also.waitFor({ timeout: PATIENCE });
      assert.match(await broken(page).innerText(), /^◆ Broken at 0\.121 s[^]+The promise was: /);
      const closed = await boxOf(also);
      const line = await also.evaluate((it) => parseFloat(getComputedStyle(it).lineHeight));
      assert.ok(closed.height < 2 * line + 1, `${closed.height} of lines of ${line}`);
      // Which, when and why, in words; the rest counted.
      const told = await also.locator("summary").innerText();
      assert.match(told.replaceAll("\n", " "), /^Also fell: 0\.121 s C2 was told 0\D.*and \d more$/);
      const lines = also.getByRole("listitem");
      assert.equal(await lines.first().isVisible(), false);

      await also.locator("summary").focus();
      await page.keyboard.press("Enter");
      await lines.first().waitFor({ timeout: PATIENCE });
      const all = await lines.allInnerTexts();
      assert.equal(all.length, Number(told.match(/and (\d)/)[1]) + 1);
      for (const one of all) assert.match(one, /^\d+\.\d{3} s .{12}/);
      const times = all.map((one) => parseFloat(one));
      assert.deepEqual(times, times.toSorted((one, other) => one - other));
      assert.deepEqual(await accessibilityViolations(page), []);
      await lines.nth(1).getByRole("button").click();
      await page.waitForFunction((time) => document.querySelector(".transport .clock").innerText === time, all[1].slice(0, 7));
      assert.equal(await clock(page), all[1].slice(0, 7));
    }, options);
  });
}

test("the button over the stage begins anew and Play goes on, and both say so", async () => {
  await withSite(async ({ page, url }) => {
    await open(page, url, "#/s/single-leader?seed=42");
    const script = page.locator(".stage-buttons button").first();
    const says = { script: await script.getAttribute("title"), play: await playButton(page).getAttribute("title") };
    assert.match(says.script, /from the start, without what was done by hand, and stops at each step/);
    assert.match(says.play, /^Play on from here, with all that was done/);
    await open(page, url, "#/s/single-leader?seed=42&at=6s");
    await broken(page).waitFor({ timeout: PATIENCE });
    assert.match(await script.getAttribute("title"), /from the start, .* straight to the breach/);
  });
});

test("labels of faults stand whole in the diagram, wherever the cursor is", async () => {
  for (const options of [{}, projector]) {
    await withSite(async ({ page, url }) => {
      let count = 0;
      for (const at of ["600ms", "1250ms", "2260ms", "3s"]) {
        await open(page, url, `#/s/raft-log?seed=42&at=${at}`);
        await page.locator(".st-fault").first().waitFor({ state: "attached", timeout: PATIENCE });
        const sheet = await boxOf(page.locator(".spacetime"));
        const labels = await page.locator(".st-fault-text").evaluateAll((all) =>
          all.map((it) => ({ words: it.textContent, ...it.getBoundingClientRect().toJSON() })));
        count += labels.length;
        for (const { words, left, right } of labels) {
          assert.ok(left >= sheet.left && right <= sheet.right + 1, `${at}: ${words} from ${left} to ${right}`);
        }
        const sorted = labels.toSorted((one, other) => one.left - other.left);
        sorted.slice(1).forEach((it, place) => assert.ok(it.left >= sorted[place].right, `${at}: ${it.words}`));
      }
      assert.ok(count > 0);
    }, options);
  }
});

test("requests are told apart by a key that is in sight and by names that lie on no other", async () => {
  for (const options of [{}, projector, phone]) {
    await withSite(async ({ page, url }) => {
      await open(page, url, "#/s/quorum-dial?seed=42&at=2s");
      if (options === phone) await page.getByRole("button", { name: "Over time" }).click();
      await page.getByRole("button", { name: "By request" }).click();
      const key = page.getByRole("group", { name: "Requests by colour and dash" });
      await key.getByText(/C\d #\d+/).first().waitFor({ timeout: PATIENCE });
      const [strip, line] = [await boxOf(page.locator(".strip-body")), await boxOf(key)];
      assert.ok(line.height >= 16 && line.bottom <= strip.bottom + 1, `${line.top} to ${line.bottom} of ${strip.bottom}`);
      // Of the diagram more than a sliver is left, and no lane lies under the key.
      assert.ok(line.top - strip.top > 100, `${line.top - strip.top}`);
      const tools = await boxOf(page.getByRole("toolbar", { name: "Space-time diagram" }));
      const tabs = await page.locator(".strip [role=tab]").evaluateAll((all) => all.map((it) => it.getBoundingClientRect().toJSON()));
      const meets = (tab) => tab.right > tools.left + 1 && tab.bottom > tools.top + 1;
      assert.ok(!tabs.some(meets), "the tools lie on a tab");
      assert.deepEqual(await accessibilityViolations(page), []);
    }, options);
  }
});

test("a history keeps room for its lanes below a long verdict", async () => {
  await withSite(async ({ page, url }) => {
    await open(page, url, "#/s/quorum-dial?seed=42&at=2s");
    await page.getByRole("tab", { name: "History" }).click();
    await page.getByRole("button", { name: "Check the history" }).click();
    await page.locator(".history-lanes").waitFor({ timeout: PATIENCE });
    await page.waitForTimeout(500);
    assert.ok((await boxOf(page.locator(".history-lanes"))).height >= 90);
  }, projector);
});

test("a block diagram wider than its place is shaded where it goes on, until it is scrolled there", async () => {
  await withSite(async ({ page, url }) => {
    await open(page, url, "#/s/quorum-dial?seed=42");
    await page.getByRole("navigation", { name: "Panels" }).getByRole("button", { name: /^Lesson/ }).click();
    await page.getByRole("button", { name: "About this system" }).click();
    const scroll = page.getByRole("dialog").locator(".diagram .widget-scroll");
    await scroll.waitFor({ timeout: PATIENCE });
    await scroll.scrollIntoViewIfNeeded();
    const hidden = await scroll.evaluate((it) => it.scrollWidth - it.clientWidth);
    assert.ok(hidden > 0, "it is not wider than its place");
    /** How bright the outermost points at an edge are, in all. */
    const edge = async (side) => {
      const { x, y, width, height } = await scroll.boundingBox();
      const clip = { x: side === "left" ? x + 1 : x + width - 4, y, width: 3, height: Math.min(height, 12) };
      const { data } = PNG.sync.read(await page.screenshot({ clip }));
      return data.reduce((sum, it) => sum + it, 0) / data.length;
    };
    const atStart = { left: await edge("left"), right: await edge("right") };
    await scroll.evaluate((it) => it.scrollTo(it.scrollWidth, 0));
    await page.waitForTimeout(200);
    const atEnd = { left: await edge("left"), right: await edge("right") };
    assert.ok(atStart.right < atEnd.right - 5, `right: ${atStart.right}, ${atEnd.right}`);
    assert.ok(atEnd.left < atStart.left - 5, `left: ${atStart.left}, ${atEnd.left}`);
  }, phone);
});

test("on a phone “More” is opened, gone through and left by keyboard", async () => {
  await withSite(async ({ page, url }) => {
    await open(page, url, "#/s/single-leader?seed=42");
    const more = page.getByRole("button", { name: "More", exact: true });
    const focused = () => page.evaluate(() => document.activeElement.innerText);
    await more.focus();
    await page.keyboard.press("Enter");
    const popover = page.locator(".more .popover");
    await popover.waitFor({ timeout: PATIENCE });
    // What can be done now, in order, from the first on; nothing has been changed that could be undone.
    const met = [await focused()];
    for (let nth = 0; nth < 3; nth += 1) {
      await page.keyboard.press("Tab");
      met.push(await focused());
    }
    assert.match(met.join("|"), /^Compare naive and hardened.*\|Colours: \w+\|Help\|All scenarios$/);
    await page.keyboard.press("Escape");
    await popover.waitFor({ state: "detached", timeout: PATIENCE });
    assert.equal(await more.evaluate((it) => it === document.activeElement), true);
    await page.keyboard.press("Enter");
    await popover.waitFor({ timeout: PATIENCE });
    await page.keyboard.press("Enter");
    await page.getByRole("region", { name: "Two runs side by side" }).waitFor({ timeout: PATIENCE });
  }, phone);
});

for (const [size, options] of [["a desk", {}], ["a projector", projector], ["a phone", phone]]) {
  test(`what the page says of itself while two runs are compared moves neither, on ${size}`, async () => {
    await withSite(async ({ page, url }) => {
      await open(page, url, "#/s/single-leader?seed=42&at=1s");
      await page.keyboard.press("v");
      const stages = page.locator(".beside-stage");
      await stages.first().waitFor({ timeout: PATIENCE });
      const places = () => stages.evaluateAll((all) => all.map((it) => it.getBoundingClientRect().toJSON()));
      const notice = page.locator(".centre > .banners > .banner, .banners > .said");
      await page.waitForTimeout(500);
      while (await notice.first().isVisible()) {
        await notice.first().getByRole("button", { name: "Put this message away" }).click();
        await page.waitForTimeout(100);
      }
      const before = await places();
      // There is no film of two runs, and nothing is selected that could crash.
      for (const key of ["Space", "k"]) {
        await page.keyboard.press(key);
        await notice.first().waitFor({ timeout: PATIENCE });
        assert.deepEqual(await places(), before, key);
      }
    }, options);
  });
}
