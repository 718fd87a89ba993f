// A row's store on real files, seen by several windows, by none that has files, and by pages of other versions.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import test from "node:test";
import { panel, press, status, until, figure, openDisk, clear, behindItsBack } from "./disk.mjs";
import { accessibilityViolations, withSite } from "./harness.mjs";
import { PATIENCE } from "./lab.mjs";

test("a second window says that the first has the store, and reads a copy", async () => {
  await withSite(async ({ page, url, context }) => {
    await openDisk(page, url);
    await press(page, "Write 1,000");
    await until(page, "ready");
    const second = await context.newPage();
    await openDisk(second, url);
    assert.match(await status(second), /Another tab has this store open.*press Recover.*Nothing is lost/);
    for (const name of ["Export", "Clear"]) {
      assert.ok(await panel(second).getByRole("button", { name, exact: true }).isDisabled());
    }
    await press(second, "Open a copy to read");
    await until(second, "ready");
    assert.match(await panel(second).locator(".disk-badge").innerText(), /a copy/);
    assert.equal(await figure(second, "Written"), 1000);
    assert.ok(await panel(second).getByRole("button", { name: "Write 1,000" }).isDisabled());
    assert.doesNotMatch(await panel(second).innerText(), /flip a bit/);
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
    assert.match(await panel(page).innerText(), /Each round begins with an empty store\. On the simulated disk only the processor counts/);
    console.log("operations a second, simulated and real, sync after each, 10, 100, never:", rates.join(" "));
    assert.deepEqual(await accessibilityViolations(page), []);
  });
});

test("a measurement that is stopped says so, and gives no figure", async () => {
  await withSite(async ({ page, url }) => {
    await openDisk(page, url);
    await press(page, "Measure");
    await page.waitForTimeout(600);
    await press(page, "Stop");
    await until(page, "ready");
    assert.match(await status(page), /^Stopped\.\s*$/);
    assert.equal(await panel(page).locator(".disk-rates").count(), 0);
  });
});
