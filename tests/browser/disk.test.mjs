// A row's store on real files: killed, recovered, looked into, exported; what a browser refuses gives a
// sentence and loses nothing. In Firefox the same is tried in firefox.test.mjs.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import test from "node:test";
import { panel, press, status, until, figure, openDisk, byte, bits, show, clear, behindItsBack, writing } from "./disk.mjs";
import { accessibilityViolations, withSite } from "./harness.mjs";
import { PATIENCE } from "./lab.mjs";

/** How often a worker is ended wherever it is. */
const KILLS = Number(process.env.KILLS ?? 25);

test("what is acknowledged outlives a pulled plug, an ended worker and a reload", async () => {
  await withSite(async ({ page, url }) => {
    await openDisk(page, url);
    assert.match(await status(page), /new: nothing is in it/);
    assert.equal(await panel(page).locator(".disk-found").count(), 0, "nothing was recovered");
    // The page names the run in its address once it is made, not at once.
    await page.waitForURL(/&d=/, { timeout: PATIENCE });
    const address = page.url();
    await press(page, "Write 1,000");
    await until(page, "ready");
    assert.equal(await figure(page, "Acknowledged"), 1000);
    assert.equal(await panel(page).locator(".disk-found").count(), 0, "nothing was recovered");

    // To the byte, by the disk's own fuse. What lies there then can be looked at, and not changed.
    await panel(page).getByLabel("Sync").selectOption("after each 100");
    let unpromised = 0;
    for (let pull = 0; pull < 10 && unpromised === 0; pull += 1) {
      await press(page, "Pull the plug");
      await until(page, "off");
      assert.match(await status(page), /plug was pulled [\d,]+ file writes? later, (with [\d,]+ of the next one’s [\d,]+ bytes? in the file|before the next could)/);
      assert.match(await panel(page).innerText(), /As the killed engine left them: nothing is recovered yet/);
      const acknowledged = await figure(page, "Acknowledged");
      assert.ok(acknowledged >= 1000 && (await figure(page, "Written")) >= acknowledged);
      await show(page, "manifest");
      assert.match(await status(page), /plug was pulled/);
      assert.ok(await bits(page).first().isDisabled());
      if (pull === 0) assert.deepEqual(await accessibilityViolations(page), []);
      await show(page, ".log");
      await press(page, "Recover");
      await until(page, "ready");
      assert.match(await status(page), /Recovered: of [\d,]+ acknowledged operations.* none is lost/);
      assert.equal(await figure(page, "Acknowledged before"), acknowledged);
      unpromised = await figure(page, "Found beyond");
      assert.equal(await figure(page, "Acknowledged"), acknowledged + unpromised);
    }
    // Why more is acknowledged than was promised, it says.
    assert.match(await panel(page).innerText(), /found beyond what this page had last noted as acknowledged\. Recovery makes durable whatever it finds/);

    // In the middle of a long order.
    await press(page, "Write on");
    await writing(page);
    await press(page, "Pull the plug");
    await until(page, "off");
    await press(page, "Recover");
    await until(page, "ready");
    assert.match(await status(page), /none is lost/);

    // Wherever the worker is.
    for (let kill = 0; kill < KILLS; kill += 1) {
      await press(page, "Write on");
      await page.waitForTimeout(Math.random() * 60);
      await press(page, "Recover");
      await until(page, "ready");
      assert.match(await status(page), /none is lost/, `kill ${kill}`);
    }

    await press(page, "Write on");
    await writing(page);
    await page.reload();
    await page.getByRole("tab", { name: "Disk", exact: true }).click();
    await until(page, "ready");
    assert.match(await status(page), /Recovered: of [\d,]+ acknowledged operations the last 1,000 were looked up: none is lost/);
    assert.ok((await figure(page, "Acknowledged")) > 1000);
    // The run is the same as ever.
    assert.equal(page.url().split("#")[1].split("&d=")[0], address.split("#")[1].split("&d=")[0]);
  });
});

test("a plug that is pulled at the end of an order goes all the same, and in no later order", async () => {
  await withSite(async ({ page, url }) => {
    await openDisk(page, url);
    for (let pull = 0; pull < 12; pull += 1) {
      await press(page, "Write 1,000");
      await page.waitForTimeout(Math.random() * 80);
      // It may be at work, or done.
      await press(page, "Pull the plug");
      await until(page, "off");
      await press(page, "Recover");
      await until(page, "ready");
      assert.match(await status(page), /none is lost/, `pull ${pull}`);
      await press(page, "Write 1,000");
      await until(page, "ready", "off");
      assert.match(await status(page), /Wrote 1,000/, `pull ${pull}`);
    }
  });
});

test("what is gone from the files is counted and named", async () => {
  await withSite(async ({ page, url }) => {
    await openDisk(page, url);
    await press(page, "Write 1,000");
    await until(page, "ready");
    await press(page, "Write 1,000");
    await until(page, "ready");
    await behindItsBack(page, async () => {
      const stores = await (await navigator.storage.getDirectory()).getDirectoryHandle("stores");
      for (;;) {
        try {
          return await stores.removeEntry("wal-lsm", { recursive: true });
        } catch (error) {
          // The worker that had it is still on its way out.
          if (error.name !== "NoModificationAllowedError") throw error;
        }
      }
    });
    await until(page, "ready");
    assert.match(await status(page), /of 2,000 acknowledged operations the last 1,000 were looked up: 1,000 are lost/);
    assert.match(await panel(page).locator(".disk-found").innerText(), /Lost: 1,000[^]*put k001 = 1001[^]*and 988 more/);
  });
});

test("a flipped bit is refused in a sentence, and an exported store is as it was", async () => {
  await withSite(async ({ page, url }) => {
    await openDisk(page, url);
    await press(page, "Write 1,000");
    await until(page, "ready");
    const download = page.waitForEvent("download");
    await press(page, "Export");
    const file = await (await download).path();
    assert.ok((await readFile(file)).length > 50_000);
    await until(page, "ready");

    // A sector is open and a byte chosen from the beginning, so that its bits are there to be pressed.
    const flipAt20 = async () => {
      await byte(page, 20).click();
      const before = await byte(page, 20).innerText();
      await bits(page).nth(7).click();
      await until(page, "ready", "refused");
      assert.equal(Number.parseInt(await byte(page, 20).innerText(), 16), Number.parseInt(before, 16) ^ 1);
      assert.match(await status(page), /Bit 0 of byte 20 of .* is flipped/);
    };
    for (const name of [".table", "manifest"]) {
      await show(page, name);
      await flipAt20();
      await press(page, "Recover");
      await page.locator(".disk-news.bad").waitFor({ timeout: PATIENCE });
      // Of a table some keys cannot be read; without a manifest there is no engine.
      const harm = { ".table": /of 1,000 .*, [\d,]+ cannot be read\. \d+\.table is damaged/, manifest: /manifest is damaged.*The engine is not up: none of 1,000/ };
      assert.match(await status(page), harm[name]);
      assert.equal(await panel(page).locator(".sector.is-rotten").count(), 1);
      // It shows the same file, and what was flipped can be flipped back.
      assert.match(await panel(page).locator(".disk-files [aria-pressed=true]").innerText(), new RegExp(name));
      await flipAt20();
      await press(page, "Recover");
      await until(page, "ready");
      assert.match(await status(page), /of 1,000 acknowledged operations, none is lost/);
    }
    // By keys alone: from byte to byte with the arrows.
    await byte(page, 20).focus();
    for (const key of ["ArrowDown", "ArrowRight", "ArrowUp", "ArrowLeft", "ArrowRight"]) await page.keyboard.press(key);
    assert.match(await page.evaluate(() => document.activeElement.getAttribute("aria-label")), /^byte 21: /);
    assert.match(await panel(page).innerText(), /Byte 21 is /);
    await page.keyboard.press("Home");
    assert.match(await panel(page).innerText(), /Byte 0 is /);

    await panel(page).locator("input[type=file]").setInputFiles({
      name: "damaged.store", mimeType: "application/octet-stream", buffer: Buffer.from("nothing of ours"),
    });
    await panel(page).getByRole("status").filter({ hasText: "no store of this page" }).waitFor({ timeout: PATIENCE });
    await panel(page).locator("input[type=file]").setInputFiles(file);
    await panel(page).getByRole("status").filter({ hasText: "imported store is here now: 1,000 operations" }).waitFor({ timeout: PATIENCE });
    assert.equal(await panel(page).locator(".disk-found").count(), 0, "of this one nothing was recovered");
    await press(page, "Recover");
    await until(page, "ready");
    assert.match(await status(page), /of 1,000 acknowledged operations, none is lost/);

    // Nothing goes unless it is said twice.
    await press(page, "Clear");
    await press(page, "Keep all");
    assert.equal(await figure(page, "Written"), 1_000);
    await clear(page);
    assert.equal(await figure(page, "Written"), 0);
    await press(page, "Recover");
    await until(page, "ready");
    assert.match(await status(page), /new: nothing is in it/);
  });
});

test("damage to one of two copies is made good from the other, and told", async () => {
  await withSite(async ({ page, url }) => {
    await openDisk(page, url, "#/s/durable-counter?seed=1");
    await press(page, "Write 1,000");
    await until(page, "ready");
    await show(page, "b.snap");
    await byte(page, 9).click();
    await bits(page).first().click();
    await until(page, "ready", "refused");
    await press(page, "Recover");
    await until(page, "ready");
    assert.match(await status(page), /none is lost\. Found torn or damaged, and made good: copy b, from the other one/);
    await press(page, "Recover");
    await until(page, "ready");
    assert.match(await status(page), /none is lost\.$/);
    // Of a long file one part is shown, and one leafs through the others.
    await show(page, "a.log");
    const part = () => panel(page).locator(".disk-pages .hint").innerText();
    const [, from, to, all] = (await part()).match(/^Sectors (\d+) to (\d+) of (\d+)$/).map(Number);
    assert.ok(to - from === 127 && all > 128, await part());
    while (await panel(page).getByRole("button", { name: "Earlier" }).isEnabled()) {
      await press(page, "Earlier");
      await until(page, "ready");
    }
    assert.equal(await part(), `Sectors 0 to 127 of ${all}`);
  });
});

test("a damaged index is made good from the logs, and told", async () => {
  await withSite(async ({ page, url }) => {
    await openDisk(page, url, "#/s/reliable-delivery?seed=1");
    await press(page, "Write 1,000");
    await until(page, "ready");
    await show(page, "outbox.index");
    await byte(page, 9).click();
    const before = await byte(page, 9).innerText();
    await bits(page).first().click();
    await until(page, "ready", "refused");
    assert.equal(await panel(page).locator(".sector.is-rotten").count(), 1);
    await press(page, "Recover");
    await until(page, "ready");
    assert.match(await status(page), /none is lost\. Found torn or damaged, and made good: outbox.index, from both logs/);
    await show(page, "outbox.index");
    await byte(page, 9).click();
    assert.equal(await byte(page, 9).innerText(), before);
  });
});

test("an engine says in its own words what was done with each operation", async () => {
  await withSite(async ({ page, url }) => {
    await openDisk(page, url, "#/s/durable-counter?seed=1");
    for (const _ of [1, 2]) {
      await press(page, "Write 1,000");
      await until(page, "ready");
    }
    await press(page, "Recover");
    await until(page, "ready");
    assert.match(await status(page), /of 2,000 acknowledged operations the last 1,000 were compared with the count: none is lost/);
    const found = await panel(page).locator(".disk-found").innerText();
    assert.match(found, /Compared with the count\s+the last 1,000[^]*what holds of the last ones holds of all before them/);
    assert.doesNotMatch(found, /looked up/i);
  });
});

test("a long backlog is recovered while the page hears how far it is, and can be stopped", async () => {
  await withSite(async ({ page, url }) => {
    await openDisk(page, url, "#/s/reliable-delivery?seed=1");
    await panel(page).getByLabel("Sync").selectOption("never");
    await press(page, "Write on");
    const written = panel(page).getByRole("status").filter({ hasText: /(1[5-9]\d|[2-9]\d\d),\d{3} written|\d,\d{3},\d{3} written/ });
    await written.waitFor({ timeout: 8 * PATIENCE });
    await press(page, "Stop");
    await until(page, "ready");
    await press(page, "Recover");
    await panel(page).getByRole("status").filter({ hasText: /Opening.*written/ }).waitFor({ timeout: 4 * PATIENCE });
    await press(page, "Stop");
    await until(page, "off");
    assert.match(await status(page), /Stopped, and not all was looked up: recover to begin again/);
    await press(page, "Recover");
    await page.locator(".disk[data-phase=ready]").waitFor({ timeout: 8 * PATIENCE });
    assert.match(await status(page), /^Recovered: .*none is lost/);
    assert.ok((await figure(page, "Found beyond")) >= 150_000);
  });
});

test("a disk that is full says so, loses nothing, and goes on when there is room", async () => {
  await withSite(async ({ page, url, context }) => {
    await openDisk(page, url);
    await press(page, "Write 1,000");
    await until(page, "ready");
    const cdp = await context.newCDPSession(page);
    const { origin } = new URL(url);
    const { usage } = await cdp.send("Storage.getUsageAndQuota", { origin });
    await cdp.send("Storage.overrideQuotaForOrigin", { origin, quotaSize: usage + 20_000 });
    await press(page, "Write on");
    await page.locator(".disk-news.bad").waitFor({ timeout: PATIENCE });
    assert.match(await status(page), /disk is full/i);
    await cdp.send("Storage.overrideQuotaForOrigin", { origin });
    await press(page, "Recover");
    await until(page, "ready");
    assert.match(await status(page), /none is lost/);
    await press(page, "Write 1,000");
    await until(page, "ready");
    assert.match(await status(page), /Wrote 1,000/);
  });
});

test("an import for which there is no room leaves the store as it was", async () => {
  await withSite(async ({ page, url, context }) => {
    await openDisk(page, url);
    for (let thousand = 0; thousand < 4; thousand += 1) {
      await press(page, "Write 1,000");
      await until(page, "ready");
    }
    const download = page.waitForEvent("download");
    await press(page, "Export");
    const file = await (await download).path();
    await until(page, "ready");
    await clear(page);
    // Less than a table, so that little is in use.
    await press(page, "Pull the plug");
    await until(page, "off");
    await press(page, "Recover");
    await until(page, "ready");
    const written = await figure(page, "Written");
    const cdp = await context.newCDPSession(page);
    const { origin } = new URL(url);
    const { usage } = await cdp.send("Storage.getUsageAndQuota", { origin });
    await cdp.send("Storage.overrideQuotaForOrigin", { origin, quotaSize: usage + 20_000 });
    await panel(page).locator("input[type=file]").setInputFiles(file);
    await page.locator(".disk-news.bad").waitFor({ timeout: PATIENCE });
    assert.match(await status(page), /disk is full.*The store is as it was before/);
    await cdp.send("Storage.overrideQuotaForOrigin", { origin });
    // The engine goes on where it was, and finds all of it.
    await press(page, "Write 1,000");
    await until(page, "ready");
    assert.equal(await figure(page, "Acknowledged"), written + 1000);
    await press(page, "Recover");
    await until(page, "ready");
    assert.match(await status(page), /none is lost/);
    assert.equal(await figure(page, "Written"), written + 1000);
  });
});
