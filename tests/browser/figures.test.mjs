// What is counted and measured: charts, the latency histogram, the cost strip, the clients' history.

import assert from "node:assert/strict";
import test from "node:test";
import { accessibilityViolations, withSite } from "./harness.mjs";
import { PATIENCE, clock, open } from "./lab.mjs";

const AT_THREE = "#/s/single-leader?seed=1&preset=naive&at=3s";

const tab = (page, name) => page.getByRole("tab", { name, exact: true });
const chart = (page, title) =>
  page.locator("figure.chart").filter({ has: page.locator(".label", { hasText: title }) });

/** Waits until the transport shows this time. */
const arrives = (page, time) =>
  page.locator(".transport .clock").filter({ hasText: time }).waitFor({ timeout: PATIENCE });

test("a chart is read by pointer and by keys, goes where it is clicked, and agrees with the run", async () => {
  await withSite(async ({ page, url }) => {
    await open(page, url, "#/s/g-counter?seed=1&preset=hardened&at=2s");
    await tab(page, "State").click();
    const figure = chart(page, "acknowledged").first();
    const plot = figure.getByRole("slider");
    await plot.scrollIntoViewIfNeeded();
    assert.match(await figure.locator(".chart-at").innerText(), /at 2\.000 s/);

    // The pointer reads; a click goes there.
    const box = await plot.boundingBox();
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    await figure.locator(".chart-at.is-read").waitFor();
    await page.mouse.click(box.x + box.width / 4, box.y + box.height / 2);
    await page.mouse.move(5, 5);
    await page.waitForFunction(() => !document.querySelector(".transport .clock").innerText.startsWith("2.000"));
    const time = await clock(page);
    assert.equal(await figure.locator(".chart-at").innerText(), `at ${time}`);

    // Keys move the reading without moving the run; Enter goes there, Escape lets go.
    await plot.focus();
    await page.keyboard.press("End");
    assert.match(await plot.getAttribute("aria-valuetext"), /–/, "what is not run yet has no value");
    await page.keyboard.press("Home");
    await page.keyboard.press("ArrowRight");
    assert.equal(await clock(page), time);
    await page.keyboard.press("Escape");
    assert.equal(await figure.locator(".chart-at").innerText(), `at ${time}`);
    await page.keyboard.press("Home");
    await page.keyboard.press("Enter");
    await arrives(page, "0.000 s");

    // The same values as a table; a row goes to its time.
    await figure.locator("summary").click();
    const rows = figure.locator("tbody tr");
    await rows.nth(8).waitFor();
    const wanted = await rows.nth(8).getByRole("button").innerText();
    await rows.nth(8).getByRole("button").click();
    await arrives(page, wanted);
    const inTable = await figure.locator("tr[aria-current] td").innerText();
    assert.equal(await figure.locator(".chart-entry b").innerText(), inTable);
  });
});

test("a bar of the histogram lists its operations, and one of them is gone to", async () => {
  await withSite(async ({ page, url }) => {
    await open(page, url, AT_THREE);
    await tab(page, "State").click();
    const bars = page.getByRole("group", { name: "How long operations took" });
    await bars.getByRole("button").first().focus();
    await page.keyboard.press("End");
    await page.keyboard.press("Home");
    await page.keyboard.press("Enter");
    const list = page.getByRole("region", { name: "What this bar counts" });
    await list.waitFor({ timeout: PATIENCE });
    const label = await page.locator(".histogram-bar[aria-pressed=true]").getAttribute("aria-label");
    const said = await list.getByRole("status").innerText();
    assert.equal(said.split(" ")[0], label.split(": ")[1].split(" ")[0], "as many as the bar says");
    const first = list.getByRole("listitem").first().getByRole("button");
    const time = await first.innerText();
    await first.click();
    await arrives(page, time);
    await list.getByRole("button", { name: "Close" }).click();
    assert.equal(await list.count(), 0);
    for (const name of ["p50", "p95", "p99", "longest"]) {
      assert.equal(await page.locator(".quantiles").getByText(name).count(), 1, name);
    }
  });
});

test("costs are shown an operation and by node, beside those of the other design", async () => {
  await withSite(async ({ page, url }) => {
    await open(page, url, AT_THREE);
    await tab(page, "State").click();
    const tiles = page.getByRole("list", { name: "What an operation costs" });
    for (const name of ["messages", "bytes", "round trips", "syncs"]) {
      const tile = tiles.getByRole("listitem").filter({ has: page.getByText(name, { exact: true }) });
      assert.match(await tile.locator(".cost-figure").innerText(), /^[\d.,]+( k?B)? an operation$/);
    }
    await page.getByText("By node").click();
    const nodes = await page.locator("[data-node][role=button]").count();
    assert.equal(await page.locator(".cost-nodes tbody tr").count(), nodes);
    await page.getByRole("button", { name: "Hardened", exact: true }).click();
    // Both designs, up to the same moment, and what grew is marked.
    const price = page.getByRole("table", { name: /^The price of the safeguards, up to [\d.]+ s$/ });
    await price.waitFor({ timeout: PATIENCE });
    const rows = await price.locator("tbody tr").allInnerTexts();
    assert.ok(rows.some((row) => /^messages an answer\s+[\d.]+\s+[\d.]+/.test(row)), rows.join("; "));
    assert.ok(rows.some((row) => row.includes("▲")), rows.join("; "));
  });
});

test("the history of two writers is impossible, that of one is not, and of a copy nothing is asked", async () => {
  await withSite(
    async ({ page, url }) => {
      await open(page, url, "#/s/single-leader?seed=1&preset=naive&at=4s");
      await tab(page, "History").click();
      const operations = page.getByRole("group", { name: /^Operations/ });
      await operations.getByRole("button").first().waitFor({ timeout: PATIENCE });
      await page.getByRole("button", { name: "Check the history" }).click();
      await page.getByText("◆ Not linearizable").waitFor({ timeout: PATIENCE });
      await page.getByRole("button", { name: "Show it" }).click();
      const refused = operations.getByRole("button", { name: /no order explains it/ });
      await refused.waitFor({ timeout: PATIENCE });
      await refused.focus();
      await page.locator(".history-told").getByText("no order explains this answer").waitFor();
      assert.deepEqual(await accessibilityViolations(page), []);

      // A click goes to where an operation began; arrows go from one to the next.
      const told = await page.locator(".history-told").innerText();
      await page.keyboard.press("Enter");
      await arrives(page, told.split(" s ")[0]);

      await page.getByRole("button", { name: "Hardened", exact: true }).click();
      await page.getByRole("button", { name: "Check the history" }).click();
      await page.getByText("✓ Linearizable").waitFor({ timeout: PATIENCE });
      await page.locator(".op-point").first().waitFor();

      await page.goto(`${url}#/s/g-counter?seed=1&at=2s`);
      await page.getByText("Each bar is one operation, from its call to its answer").waitFor({ timeout: PATIENCE });
      assert.equal(await page.getByRole("button", { name: "Check the history" }).count(), 0);
    },
    { colorScheme: "dark" },
  );
});

test("on a phone the figures fit and can be touched", async () => {
  await withSite(
    async ({ page, url }) => {
      await open(page, url, AT_THREE);
      const panels = page.getByRole("navigation", { name: "Panels" });
      await panels.getByRole("button", { name: "Details" }).click();
      await tab(page, "State").click();
      await page.locator(".histogram-bar").first().waitFor({ timeout: PATIENCE });
      const overflow = await page.locator(".side-body").evaluate((it) => it.scrollWidth - it.clientWidth);
      assert.ok(overflow <= 0, `${overflow} px beyond the sheet`);
      assert.deepEqual(await accessibilityViolations(page), []);
    },
    { viewport: { width: 390, height: 844 }, hasTouch: true },
  );
});
