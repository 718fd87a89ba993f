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

async function openDisk(page, url) {
  await open(page, url, ROW);
  await page.getByRole("tab", { name: "Disk", exact: true }).click();
  await until(page, "ready", "refused");
}

/** Waits until something of a long order is told. */
const writing = (page) =>
  panel(page).getByRole("status").filter({ hasText: /[1-9][\d,]* written/ }).waitFor({ timeout: PATIENCE });

test("what is acknowledged outlives a pulled plug, an ended worker and a reload", async () => {
  await withSite(async ({ page, url }) => {
    await openDisk(page, url);
    assert.match(await status(page), /new: nothing is in it/);
    // The page names the run in its address once it is made, not at once.
    await page.waitForURL(/&d=/, { timeout: PATIENCE });
    const address = page.url();
    await press(page, "Write 1,000");
    await until(page, "ready");
    assert.equal(await figure(page, "Acknowledged"), 1000);

    // To the byte, by the disk's own fuse.
    await press(page, "Pull the plug");
    await until(page, "off");
    assert.match(await status(page), /plug was pulled: after [\d,]+ writes?, \d+ bytes? of the next/);
    await press(page, "Recover");
    await until(page, "ready");
    assert.match(await status(page), /Recovered: of [\d,]+ acknowledged operations, none is lost/);

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
    assert.match(await status(page), /Recovered: of [\d,]+ acknowledged operations, none is lost/);
    assert.ok((await figure(page, "Acknowledged")) > 1000);
    // The run is the same as ever.
    assert.equal(page.url().split("#")[1].split("&d=")[0], address.split("#")[1].split("&d=")[0]);
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

    const files = panel(page).locator(".disk-files button");
    const table = files.filter({ hasText: ".table" }).first();
    await table.click();
    await panel(page).locator(".sector").first().waitFor({ timeout: PATIENCE });
    await panel(page).locator(".sector").first().click();
    const hex = panel(page).locator(".hex pre");
    const before = await hex.innerText();
    await panel(page).getByRole("spinbutton", { name: "Byte" }).fill("20");
    await press(page, "Flip a bit of it");
    await until(page, "ready");
    assert.notEqual(await hex.innerText(), before);
    await press(page, "Recover");
    await page.locator(".disk-news.bad").waitFor({ timeout: PATIENCE });
    assert.match(await status(page), /damaged from byte \d+ on/);

    await panel(page).locator("input[type=file]").setInputFiles({
      name: "damaged.store", mimeType: "application/octet-stream", buffer: Buffer.from("nothing of ours"),
    });
    await panel(page).getByRole("status").filter({ hasText: "no store of this page" }).waitFor({ timeout: PATIENCE });
    await panel(page).locator("input[type=file]").setInputFiles(file);
    await until(page, "busy", "ready");
    await until(page, "ready");
    await press(page, "Recover");
    await until(page, "ready");
    assert.match(await status(page), /of 1,000 acknowledged operations, none is lost/);

    await press(page, "Clear");
    await until(page, "off");
    await press(page, "Recover");
    await until(page, "ready");
    assert.match(await status(page), /new: nothing is in it/);
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
      await page.getByRole("tab", { name: "State", exact: true }).click();
      await panel(page).waitFor({ state: "detached" });
      await page.evaluate(async (bytes) => {
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
      await page.getByRole("tab", { name: "Disk", exact: true }).click();
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
      assert.match(await panel(page).innerText(), /no files to write to.*nothing outlives a killed engine/);
      await press(page, "Write 1,000");
      await until(page, "ready");
      assert.equal(await figure(page, "Acknowledged"), 1000);
      await press(page, "Recover");
      await until(page, "ready");
      assert.match(await status(page), /Of 1,000 acknowledged operations, 1,000 are lost/);
      assert.match(await panel(page).locator(".disk-found").innerText(), /Lost: 1,000[^]*put k001 = 1[^]*and 988 more/);
    },
    { args },
  );
});

test("a browser's files do what every disk must, and their speed is told", async () => {
  await withSite(async ({ page, url }) => {
    await openDisk(page, url);
    await press(page, "Check this browser");
    await page.locator(".disk[data-phase=ready]").waitFor({ timeout: 4 * PATIENCE });
    assert.match(await status(page), /did all 5 things.*pulled 200 times: of [\d,]+ acknowledged operations, none is lost/);
    await press(page, "Measure");
    await until(page, "ready");
    const rates = await panel(page).locator(".disk-rates td").allInnerTexts();
    assert.equal(rates.length, 8);
    assert.ok(rates.every((rate) => Number.parseInt(rate.replaceAll(",", ""), 10) > 0), `${rates}`);
    console.log("operations a second, simulated and real, sync after each, 10, 100, never:", rates.join(" "));
    assert.deepEqual(await accessibilityViolations(page), []);
  });
});
