// The whole product once: watch a leader being chosen, break it, turn the safeguards on, pass it on.

import assert from "node:assert/strict";
import test from "node:test";
import { openBrowser, withSite } from "./harness.mjs";
import { PATIENCE, choose, clock, drawSplit, node, open, parts, playUntil, shareLink } from "./lab.mjs";

test("a broken promise is seen, healed by safeguards, and passed on as a link", async () => {
  await withSite(async ({ page, url }) => {
    await open(page, url, "#/s/single-leader?seed=1");
    assert.equal(await page.locator("h1").innerText().then((text) => text.length > 0), true);

    // Play: a leader is elected.
    const leader = page.locator('[data-node][aria-label*=", leader"]');
    await playUntil(page, leader);
    const name = (await leader.first().getAttribute("aria-label")).split(",")[0];
    assert.match(name, /^S\d$/);

    // Break it: its clock is half a second behind, and it is alone with one client.
    await choose(page, name, "Clock 250 ms back");
    await choose(page, name, "Clock 250 ms back");
    await drawSplit(page, [name, "C1"]);
    await page.getByText("this run goes another way").first().waitFor({ timeout: PATIENCE });
    const stage = page.getByRole("list", { name: "The stage in words" });
    await stage.getByText("The network is split since").waitFor({ state: "attached", timeout: PATIENCE });
    const broken = page.getByRole("alert").filter({ hasText: "◆ Broken at" });
    await playUntil(page, broken);
    const reason = await broken.innerText();
    assert.match(reason, /acknowledged/);

    // Why? The chain of causes begins with what broke.
    await broken.getByRole("button", { name: "Why?" }).click();
    const why = page.getByRole("region", { name: "Why" });
    await why.getByRole("listitem").first().waitFor();
    // What was done first, then both sides, each with what led to it and what it had not heard.
    assert.match(await why.innerText(), /Done to the system by then[^]*came together here/i);
    assert.ok((await why.locator(".why-thread").count()) > 1);
    await why.getByText(/Messages that \S+ had not had by then: .*stopped by the cut/).first().waitFor();
    await why.getByRole("button", { name: "Close" }).click();

    // The same schedule with the safeguards on holds.
    await broken.getByRole("button", { name: "Turn the safeguards on and replay" }).click();
    await page.getByRole("status").filter({ hasText: "✓ Holds so far" }).waitFor({ timeout: PATIENCE });
    assert.equal(await broken.count(), 0);
    const hardened = page.getByRole("button", { name: "Hardened" });
    assert.equal(await hardened.getAttribute("aria-pressed"), "true");

    // The link gives the same run to somebody else, who is told so.
    const link = await shareLink(page);
    const time = await clock(page);
    assert.match(parts(link).get("d"), /^[0-9a-f]{16}$/);
    const other = await openBrowser();
    try {
      await other.page.goto(link);
      const same = other.page.getByRole("status").filter({ hasText: "Reproduced to the bit" });
      await same.waitFor({ timeout: PATIENCE });
      assert.equal(await clock(other.page), time);
      assert.deepEqual(parts(await shareLink(other.page)), parts(link));
      assert.equal(await node(other.page, name).count(), 1);
      assert.deepEqual(other.problems, []);
    } finally {
      await other.close();
    }
  });
});

test("a link whose digest is another's is said to differ", async () => {
  await withSite(async ({ page, url }) => {
    await open(page, url, "#/s/g-counter?seed=1&at=2s");
    const link = await shareLink(page);
    const wrong = link.replace(/&d=[0-9a-f]{16}/, "&d=0123456789abcdef");
    assert.notEqual(wrong, link);
    await page.goto("about:blank");
    await page.goto(wrong);
    const note = page.getByRole("status").filter({ hasText: /differ|digest|not the same/i });
    await note.waitFor({ timeout: PATIENCE });
  });
});

test("the default script breaks the naive design in front of the viewer", async () => {
  for (const slug of ["single-leader", "g-counter"]) {
    await withSite(async ({ page, url }) => {
      await open(page, url, `#/s/${slug}?seed=1`);
      await page.locator(".stage-buttons button").first().click();
      await page.getByRole("combobox", { name: "Speed" }).selectOption({ index: 0 }).catch(() => {});
      const broken = page.getByRole("alert").filter({ hasText: "◆ Broken at" });
      const speed = page.getByRole("combobox", { name: "Speed" });
      const count = await speed.locator("option").count();
      await speed.selectOption({ index: count - 2 });
      await playUntil(page, broken);
    });
  }
});

test("the gallery lists every scenario, finds by word and opens", async () => {
  await withSite(async ({ page, url }) => {
    await page.goto(`${url}#/gallery`);
    const cards = page.getByRole("listitem").filter({ has: page.getByRole("heading", { level: 3 }) });
    await cards.first().waitFor({ timeout: PATIENCE });
    const count = await cards.count();
    assert.ok(count >= 2);
    await page.getByRole("searchbox").fill("zzzzzz");
    await page.getByRole("status").filter({ hasText: "No scenario mentions" }).waitFor();
    await page.getByRole("searchbox").fill("leader");
    const found = cards.first().getByRole("link");
    await found.click();
    await page.locator("[data-node]").first().waitFor({ timeout: PATIENCE });
    assert.match(page.url(), /#\/s\//);
  });
});

test("a held link, a slow node and a split that comes and goes are shown, said and undone", async () => {
  await withSite(async ({ page, url }) => {
    await open(page, url, "#/s/single-leader?seed=1");
    const said = page.getByRole("list", { name: "The stage in words" });
    await choose(page, "S1", "Slow by 20 ms an event");
    await said.getByText("slow: 20 ms more an event").waitFor({ state: "attached", timeout: PATIENCE });
    assert.equal(await page.locator(".slow-badge").count(), 1);
    await choose(page, "S1", "At full speed");
    await page.locator(".slow-badge").waitFor({ state: "detached", timeout: PATIENCE });

    // The link of a selected node is a button; W holds both directions, and lets both go.
    await page.locator("[data-link]").first().focus();
    await page.keyboard.press("Space");
    await page.keyboard.press("w");
    await page.locator(".stage-brakes path").nth(1).waitFor({ timeout: PATIENCE });
    const held = said.getByText("nothing arrives and nothing is lost");
    await held.nth(1).waitFor({ state: "attached", timeout: PATIENCE });
    assert.equal(await held.count(), 2);
    await page.keyboard.press("w");
    await page.locator(".stage-brakes path").first().waitFor({ state: "detached", timeout: PATIENCE });

    await page.keyboard.press("p");
    await page.getByLabel("comes and goes every 500 ms").check();
    await page.keyboard.press("p");
    await drawSplit(page, ["S1"]);
    await said.getByText("is split every other 500 ms").waitFor({ state: "attached", timeout: PATIENCE });
  });
});
