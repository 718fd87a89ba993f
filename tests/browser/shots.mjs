// Takes pictures: `node shots.mjs FOLDER '[{"name": …, "link": …}]'`. Called by `cargo xtask shots`.

import { join } from "node:path";
import { openBrowser, serveSite } from "./harness.mjs";

const [, , folder, pages] = process.argv;
const sizes = [
  { width: 1440, height: 900 },
  { width: 1024, height: 768 },
  { width: 390, height: 844 },
];

const site = await serveSite();
for (const colorScheme of ["light", "dark"]) {
  for (const viewport of sizes) {
    const browser = await openBrowser({ colorScheme, viewport });
    for (const { name, link } of JSON.parse(pages)) {
      await browser.page.goto("about:blank");
      await browser.page.goto(site.url + link);
      // A lab is ready when its stage stands, the gallery when its cards do.
      const ready = link.startsWith("#/s/") ? "[data-node]" : "h3";
      await browser.page.locator(ready).first().waitFor({ timeout: 60_000 });
      await browser.page.waitForTimeout(400);
      const file = join(folder, `${name}-${colorScheme}-${viewport.width}.png`);
      await browser.page.screenshot({ path: file });
      console.log(file);
    }
    if (browser.problems.length > 0) console.error(browser.problems.join("\n"));
    await browser.close();
  }
}
await site.close();
