// What makes a picture the same wherever it is taken: Chromium's switches, one font, and a corner of
// its own.

import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";

const font = createRequire(import.meta.url).resolve(
  "@fontsource/roboto-mono/files/roboto-mono-latin-400-normal.woff2",
);

/** Chromium's switches, and those that make a picture the same whatever the machine's settings. */
const flags = [
  ...JSON.parse(await readFile(new URL("../chromium-flags.json", import.meta.url), "utf8")),
  "--font-render-hinting=none",
  "--disable-lcd-text",
  "--force-color-profile=srgb",
];

/** The browser in which pictures are taken. */
export const studio = (theme) => ({ colorScheme: theme, viewport: { width: 1100, height: 900 }, args: flags });

/** One font for all machines; returns when everything on screen is drawn with it. */
export async function useOneFont(page) {
  const data = (await readFile(font)).toString("base64");
  await page.addStyleTag({
    content: `@font-face { font-family: "One Font"; src: url(data:font/woff2;base64,${data}); }
      *, *::before, *::after { font-family: "One Font", monospace !important; caret-color: transparent; }`,
  });
  await page.evaluate(async () => {
    await document.fonts.load('12px "One Font"');
    await document.fonts.ready;
    // A canvas looks up its font once in a while only.
    for (let frame = 0; frame < 45; frame += 1) await new Promise(requestAnimationFrame);
  });
}

/** Takes a picture of an element, as wide and high as it is or as `size` says. */
export async function pictureOf(element, size) {
  // In a corner of its own, where nothing above it moves it by a part of a point.
  await element.evaluate((it, size) => {
    const width = size?.width ?? Math.round(it.getBoundingClientRect().width);
    const height = size ? `height: ${size.height}px;` : "";
    const ground = getComputedStyle(document.body).backgroundColor;
    it.style.cssText = `position: fixed; inset: 0 auto auto 0; z-index: 99; width: ${width}px; ${height} background: ${ground}`;
  }, size);
  const picture = await element.screenshot({ animations: "disabled" });
  await element.evaluate((it) => it.removeAttribute("style"));
  return picture;
}
