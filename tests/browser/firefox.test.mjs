// The lab in Firefox, where there is one: a story is opened, played, broken and held; a link opens two
// runs side by side; a store on real files is killed and recovered. Everything else is tested in Chromium.

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import test from "node:test";
import puppeteer from "puppeteer-core";
import { serveSite } from "./harness.mjs";
import { PATIENCE } from "./lab.mjs";

/** Finds Firefox, which the page does not need and this test does. */
function findFirefox() {
  if (process.env.FIREFOX) return process.env.FIREFOX;
  const folders = (process.env.PATH ?? "").split(delimiter);
  const candidates = folders.flatMap((folder) => ["firefox", "firefox-esr"].map((name) => join(folder, name)));
  return [...candidates, "/Applications/Firefox.app/Contents/MacOS/firefox"].find((file) => existsSync(file));
}

const executablePath = findFirefox();
const skip = executablePath ? false : "there is no Firefox here; FIREFOX names one";

test("in Firefox a story is played, broken and held, and a link opens two runs", { skip }, async () => {
  const site = await serveSite();
  const browser = await puppeteer.launch({ browser: "firefox", executablePath, headless: true });
  try {
    const page = await browser.newPage();
    page.setDefaultTimeout(PATIENCE);
    await page.setViewport({ width: 1440, height: 900 });
    const problems = [];
    page.on("pageerror", (error) => problems.push(error.message));
    page.on("console", (message) => message.type() === "error" && problems.push(message.text()));

    const press = (selector) =>
      page.waitForSelector(selector).then((element) => element.evaluate((button) => button.click()));
    /** Goes on with the film, past every step that it waits with, until `selector` is there. */
    const playUntil = async (selector) => {
      const started = Date.now();
      while ((await page.$(selector)) === null) {
        assert.ok(Date.now() - started < PATIENCE, `playing does not lead to ${selector}`);
        await page.evaluate(() => document.querySelector(".transport .play[aria-label=Play]")?.click());
        await page.waitForFunction(
          (selector) => document.querySelector(`${selector}, .transport .play[aria-label=Play]`),
          {},
          selector,
        );
      }
      return page.$eval(selector, (element) => element.innerText);
    };

    await page.goto(`${site.url}#/s/single-leader?seed=42`);
    await page.waitForSelector("[data-node]");
    await press(".stage-buttons button");
    assert.match(await playUntil(".verdict.bad"), /Broken at 1\.183 s/);
    await page.evaluate(() => {
      const buttons = [...document.querySelectorAll(".verdict button")];
      buttons.find((button) => /safeguards on/.test(button.textContent)).click();
    });
    assert.match(await playUntil(".verdict.good"), /Without them it broke at 1\.183 s/);

    await page.goto("about:blank");
    await page.goto(`${site.url}#/s/g-counter?seed=1&at=2s&vs=hardened`);
    await page.waitForFunction(() => document.querySelectorAll(".beside-stage [data-node]").length === 10);
    assert.match(await page.$eval(".beside-sides", (sides) => sides.innerText), /Broken at[^]*Holds so far/);
    const beyond = await page.evaluate(() => document.documentElement.scrollHeight - innerHeight);
    assert.ok(beyond <= 0, `the page is ${beyond} px higher than the window`);
    assert.deepEqual(problems, []);
  } finally {
    await browser.close();
    await site.close();
  }
});

test("in Firefox a store on real files keeps what it acknowledged", { skip }, async () => {
  const site = await serveSite();
  const browser = await puppeteer.launch({ browser: "firefox", executablePath, headless: true });
  try {
    const problems = [];
    const openDisk = async () => {
      const page = await browser.newPage();
      page.setDefaultTimeout(PATIENCE);
      await page.setViewport({ width: 1440, height: 900 });
      page.on("pageerror", (error) => problems.push(error.message));
      await page.goto(`${site.url}#/s/wal-lsm?seed=1`);
      await showDisk(page);
      return page;
    };
    const until = (page, phase, timeout = PATIENCE) => page.waitForSelector(`.disk[data-phase=${phase}]`, { timeout });
    const showDisk = async (page) => {
      await page.waitForSelector("[data-node]");
      await page.evaluate(() => document.querySelector(".side .tab-disk").click());
      await page.waitForSelector(".disk[data-phase=ready], .disk[data-phase=refused]");
    };
    const press = (page, name) =>
      page.evaluate((name) => {
        const buttons = [...document.querySelectorAll(".disk button")];
        buttons.find((button) => button.textContent.trim() === name).click();
      }, name);
    const status = (page) => page.$eval(".disk [role=status]", (element) => element.innerText);

    const page = await openDisk();
    await press(page, "Write 1,000");
    await until(page, "ready");
    await press(page, "Pull the plug");
    await until(page, "off");
    assert.match(await status(page), /plug was pulled/);
    await press(page, "Recover");
    await until(page, "ready");
    assert.match(await status(page), /of [\d,]+ acknowledged operations(,| the last 1,000 were looked up:) none is lost/);
    for (let kill = 0; kill < 5; kill += 1) {
      await press(page, "Write on");
      await page.waitForFunction(() => /[1-9][\d,]* written/.test(document.querySelector(".disk [role=status]").innerText));
      await press(page, "Recover");
      await until(page, "ready");
      assert.match(await status(page), /none is lost/, `kill ${kill}`);
    }
    await press(page, "Write on");
    await page.waitForFunction(() => /written/.test(document.querySelector(".disk [role=status]").innerText));
    await page.reload();
    await showDisk(page);
    assert.match(await status(page), /none is lost/);

    const second = await openDisk();
    assert.match(await status(second), /Another tab has this store open/);
    await press(second, "Open a copy to read");
    await until(second, "ready");
    assert.match(await second.$eval(".disk-badge", (badge) => badge.innerText), /a copy/);
    await second.close();

    await press(page, "Check this browser");
    await until(page, "busy");
    await until(page, "ready", 6 * PATIENCE);
    assert.match(await status(page), /pulled 200 times, \d+ of them in the middle of a recovery: of [\d,]+ acknowledged operations .*none is lost/);
    await press(page, "Measure");
    await until(page, "busy");
    await until(page, "ready");
    const rates = await page.$$eval(".disk-rates td", (cells) => cells.map((cell) => cell.innerText));
    assert.equal(rates.length, 8);
    console.log("operations a second in Firefox, simulated and real, sync after each, 10, 100, never:", rates.join(" "));
    assert.deepEqual(problems, []);
  } finally {
    await browser.close();
    await site.close();
  }
});
