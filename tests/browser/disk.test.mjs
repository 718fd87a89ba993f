// A row's store on real files: killed, recovered, looked into, exported; what a browser refuses gives a
// sentence and loses nothing. In Firefox the same is tried in firefox.test.mjs.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import test from "node:test";
import { accessibilityViolations, withSite } from "./harness.mjs";
import { PATIENCE, open } from "./lab.mjs";

const ROW = "#/s/wal-lsm?seed=1";
/** How often a worker is ended wherever it is. */
const KILLS = Number(process.env.KILLS ?? 25);

const panel = (page) => page.locator(".disk");
const press = (page, name) => panel(page).getByRole("button", { name, exact: true }).click();
const status = (page) => panel(page).getByRole("status").innerText();

/** Waits until the panel is in one of these phases. */
async function until(page, ...phases) {
  const any = phases.map((phase) => `.disk[data-phase=${phase}]`).join(", ");
  await page.locator(any).waitFor({ timeout: PATIENCE });
}

/** Reads a figure of the panel: those of the store come first, then those of the last recovery. */
async function figure(page, name, place = 0) {
  const text = await panel(page).locator(`dt:text-is("${name}") + dd`).nth(place).innerText();
  return Number.parseInt(text.replaceAll(",", ""), 10);
}

async function openDisk(page, url, row = ROW) {
  await open(page, url, row);
  await page.getByRole("tab", { name: "Disk", exact: true }).click();
  await until(page, "ready", "refused");
}

const files = (page) => panel(page).locator(".disk-files button");
const byte = (page, place) => panel(page).locator(".disk-line button").nth(place);
const bits = (page) => panel(page).getByRole("group", { name: /^Bits of byte/ }).getByRole("button");

/** Shows a file by the end of its name. */
async function show(page, name) {
  await files(page).filter({ hasText: name }).first().click();
  await until(page, "ready", "off", "refused");
}

/** Removes all, and begins anew. */
async function clear(page) {
  await press(page, "Clear");
  await press(page, "Remove all");
  await until(page, "ready");
  assert.match(await status(page), /removed, and a new one is begun/);
}

/** Does something to the files while no worker has them. */
async function behindItsBack(page, change, argument) {
  await page.getByRole("tab", { name: "State", exact: true }).click();
  await panel(page).waitFor({ state: "detached" });
  await page.evaluate(change, argument);
  await page.getByRole("tab", { name: "Disk", exact: true }).click();
}

/** Waits until something of a long order is told. */
const writing = (page) =>
  panel(page).getByRole("status").filter({ hasText: /[1-9][\d,]* written/ }).waitFor({ timeout: PATIENCE });

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
      assert.match(await status(page), /plug was pulled [\d,]+ writes? later, with \d+ bytes? of the next in the file/);
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
    assert.match(await panel(page).innerText(), /found beyond what had been promised\. Recovery makes durable whatever it finds/);

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
      assert.match(await status(page), /damaged from byte \d+ on/);
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
    assert.match(await status(page), /none is lost\. Damage was found and made good: copy b, from the other one/);
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
    assert.match(await status(page), /none is lost\. Damage was found and made good: outbox.index, from both logs/);
    await show(page, "outbox.index");
    await byte(page, 9).click();
    assert.equal(await byte(page, 9).innerText(), before);
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

test("a second window says that the first has the store, and reads a copy", async () => {
  await withSite(async ({ page, url, context }) => {
    await openDisk(page, url);
    await press(page, "Write 1,000");
    await until(page, "ready");
    const second = await context.newPage();
    await openDisk(second, url);
    assert.match(await status(second), /Another tab has this store open.*Nothing is lost/);
    await press(second, "Open a copy to read");
    await until(second, "ready");
    assert.match(await panel(second).locator(".disk-badge").innerText(), /a copy/);
    assert.equal(await figure(second, "Written"), 1000);
    assert.ok(await panel(second).getByRole("button", { name: "Write 1,000" }).isDisabled());
    await press(page, "Write 1,000");
    await until(page, "ready");
    assert.equal(await figure(page, "Acknowledged"), 2000);
    // When the first is closed, the second has it.
    await page.close();
    await press(second, "Recover");
    await until(second, "ready");
    assert.equal(await figure(second, "Written"), 2000);
  });
});

test("while somebody has one of its files, the others are not kept from the next try", async () => {
  await withSite(async ({ page, url }) => {
    await openDisk(page, url);
    await press(page, "Write 1,000");
    await until(page, "ready");
    await behindItsBack(page, async () => {
      // One in the middle, as a worker that is on its way out lets go of them one by one.
      const holder = new Worker(URL.createObjectURL(new Blob([`(async () => {
        const stores = await (await navigator.storage.getDirectory()).getDirectoryHandle("stores");
        const file = await (await stores.getDirectoryHandle("wal-lsm")).getFileHandle("03");
        for (;;) {
          try {
            const handle = await file.createSyncAccessHandle();
            postMessage("held");
            return setTimeout(() => handle.close(), 1500);
          } catch (error) {
            if (error.name !== "NoModificationAllowedError") throw error;
          }
        }
      })()`])));
      await new Promise((resolve) => (holder.onmessage = resolve));
    });
    await until(page, "ready", "refused");
    assert.match(await status(page), /of 1,000 acknowledged operations, none is lost/);
  });
});

/** The sum of RFC 3720, appendix B.4. */
function crc32c(bytes) {
  let sum = ~0;
  for (const byte of bytes) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit += 1) sum = (sum >>> 1) ^ (sum & 1 ? 0x82f63b78 : 0);
  }
  return ~sum >>> 0;
}

test("a store of a newer page is left alone, and so is a damaged one", async () => {
  await withSite(async ({ page, url }) => {
    await openDisk(page, url);
    await press(page, "Write 1,000");
    await until(page, "ready");
    const body = [9, 0, 1, 2, 3];
    const head = Buffer.alloc(8);
    head.writeUInt32LE(body.length, 0);
    head.writeUInt32LE(crc32c(body), 4);
    const newer = [...head, ...body];
    for (const [bytes, sentence] of [[newer, /newer version.*format 9.*left alone/], [[1, 2, 3], /No copy of the list of names/]]) {
      await behindItsBack(page, async (bytes) => {
        const root = await navigator.storage.getDirectory();
        const folder = await (await root.getDirectoryHandle("stores")).getDirectoryHandle("wal-lsm");
        for (const name of ["00", "01"]) {
          const file = await folder.getFileHandle(name);
          for (;;) {
            try {
              const writable = await file.createWritable();
              await writable.write(new Uint8Array(bytes));
              await writable.close();
              break;
            } catch (error) {
              // The worker that had it is still on its way out.
              if (error.name !== "NoModificationAllowedError") throw error;
            }
          }
        }
      }, bytes);
      await until(page, "refused");
      assert.match(await status(page), sentence);
    }
    const download = page.waitForEvent("download");
    await press(page, "Export");
    assert.ok((await readFile(await (await download).path())).length > 50_000, "it can be taken along");
  });
});

test("a window without files keeps the store in memory and says so", async () => {
  // A page of another machine that is not served securely has no files; this one only seems to be.
  const flags = JSON.parse(await readFile(new URL("chromium-flags.json", import.meta.url), "utf8"));
  const args = [...flags, "--host-resolver-rules=MAP elsewhere.test 127.0.0.1"];
  await withSite(
    async ({ page, url }) => {
      await openDisk(page, url.replace("127.0.0.1", "elsewhere.test"));
      assert.match(await panel(page).locator(".disk-badge").innerText(), /memory/);
      assert.match(await panel(page).innerText(), /no files to write to.*outlives a killed engine, but not this tab or a reload/);
      await press(page, "Write 1,000");
      await until(page, "ready");
      assert.equal(await figure(page, "Acknowledged"), 1000);
      // Its memory is the disk: an engine that is killed loses nothing, either.
      await press(page, "Recover");
      await until(page, "ready");
      assert.match(await status(page), /of 1,000 acknowledged operations, none is lost/);
      await press(page, "Pull the plug");
      await until(page, "off");
      await press(page, "Recover");
      await until(page, "ready");
      assert.match(await status(page), /none is lost/);
      assert.ok((await figure(page, "Written")) >= 1000);
      // Who leaves the tab leaves the memory, and is told of no loss: nothing was ever promised of the new one.
      await behindItsBack(page, () => {});
      await until(page, "ready");
      assert.match(await status(page), /new: nothing is in it/);
      await press(page, "Write 1,000");
      await until(page, "ready");
      await clear(page);
      await press(page, "Recover");
      await until(page, "ready");
      assert.match(await status(page), /new: nothing is in it/);
    },
    { args },
  );
});

test("a browser's files do what every disk must, and their speed is told", async () => {
  await withSite(async ({ page, url }) => {
    await openDisk(page, url);
    await press(page, "Check this browser");
    await page.locator(".disk[data-phase=ready]").waitFor({ timeout: 4 * PATIENCE });
    assert.match(await status(page), /did all 5 things.*pulled 200 times, [1-9]\d* of them in the middle of a recovery: of [\d,]+ acknowledged operations .*none is lost/);
    // Neither is done on the store that is open.
    await press(page, "Measure");
    await until(page, "ready");
    assert.equal(await figure(page, "Written"), 0);
    const rates = await panel(page).locator(".disk-rates td").allInnerTexts();
    assert.equal(rates.length, 8);
    assert.ok(rates.every((rate) => Number.parseInt(rate.replaceAll(",", ""), 10) > 0), `${rates}`);
    console.log("operations a second, simulated and real, sync after each, 10, 100, never:", rates.join(" "));
    assert.deepEqual(await accessibilityViolations(page), []);
  });
});
