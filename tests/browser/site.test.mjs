// The built site as files: complete, named after their contents, and at home under any path.

import assert from "node:assert/strict";
import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import test from "node:test";
import { dist, withSite } from "./harness.mjs";

test("every address in the document is relative and exists", async () => {
  const html = await readFile(join(dist, "index.html"), "utf8");
  const files = new Set(await readdir(dist, { recursive: true }));
  const addresses = [...html.matchAll(/(?:href|src)="([^"]*)"/g)].map((match) => match[1]);
  const local = addresses.filter((address) => !/^(data:|#|https:)/.test(address));
  assert.ok(local.length > 0);
  for (const address of local) {
    assert.ok(!address.startsWith("/"), `${address} works under one path only`);
    assert.ok(files.has(address.replace(/^\.\//, "")), `${address} is not in the site`);
  }
});

test("the engine's files are named after their contents", async () => {
  const html = await readFile(join(dist, "index.html"), "utf8");
  const [, text] = html.match(/<script type="application\/json" id="engine">(.*?)<\/script>/);
  const engine = JSON.parse(text);
  assert.match(engine.script, /^engine-[0-9a-f]{16}\.js$/);
  assert.match(engine.wasm, /^engine-[0-9a-f]{16}_bg\.wasm$/);
  assert.match(engine.build, /^[0-9a-f]{16}$/);
  assert.ok((await readFile(join(dist, engine.script), "utf8")).includes(engine.wasm));
});

test("the catalogue is a list", async () => {
  assert.ok(Array.isArray(JSON.parse(await readFile(join(dist, "catalogue.json"), "utf8"))));
});

test("the page and its engine load under a sub-path without an error", async () => {
  await withSite(async ({ page, url, context }) => {
    const responses = [];
    context.on("response", (response) => responses.push(response));
    await page.goto(url, { waitUntil: "networkidle" });
    const modules = responses.filter((response) => response.url().endsWith(".wasm"));
    for (const part of ["app", "engine"]) {
      const module = modules.find((response) => response.url().includes(`/${part}-`));
      assert.ok(module, `the ${part} module was not loaded`);
      assert.equal(module.headers()["content-type"], "application/wasm");
    }
    assert.ok((await page.locator("h1").count()) > 0, "the page shows a heading");
  });
});
