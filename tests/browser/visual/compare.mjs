// Compares a picture on screen with the one in this folder. `UPDATE_SHOTS=1` takes the present ones.

import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import pixelmatch from "pixelmatch";
import { PNG } from "pngjs";

const here = fileURLToPath(new URL(".", import.meta.url));
const output = join(here, "..", "output", "visual");

/** Whether the pictures on screen replace those in this folder. */
export const isUpdating = process.env.UPDATE_SHOTS === "1";

// Letters and places are the same everywhere: the test brings its own font. How an edge is smoothed
// is not: it depends on the machine's FreeType and Skia. So a point differs only if it does so
// clearly, smoothed edges are passed over, and a share of the points may differ: more than what
// smoothing does to text (below 1 % where it was tried), less than one value or sign that is missing.
const threshold = 0.2;
const tolerance = 0.03;
/** A line of text may be this many points higher on another machine, all in all. */
const slack = 4;

/** Returns the share of points in which two PNG files differ, and a picture of where. */
export function difference(one, other) {
  const [a, b] = [PNG.sync.read(one), PNG.sync.read(other)];
  const width = Math.max(a.width, b.width);
  const height = Math.max(a.height, b.height);
  const isOtherSize = width - Math.min(a.width, b.width) > slack || height - Math.min(a.height, b.height) > slack;
  const diff = new PNG({ width, height });
  const points = pixelmatch(grown(a, width, height), grown(b, width, height), diff.data, width, height, { threshold });
  return { share: isOtherSize ? 1 : points / (width * height), diff: PNG.sync.write(diff), sizes: [a, b] };
}

function grown(picture, width, height) {
  const whole = new PNG({ width, height });
  PNG.bitblt(picture, whole, 0, 0, picture.width, picture.height, 0, 0);
  return whole.data;
}

/** Compares a PNG with the one of that name in this folder; returns a sentence if they differ. */
export async function complaint(name, actual) {
  const file = join(here, `${name}.png`);
  if (isUpdating) {
    // Without transparency and packed as tightly as possible: the folder is cloned by everybody.
    const packed = PNG.sync.write(PNG.sync.read(actual), { colorType: 2, deflateLevel: 9 });
    await writeFile(file, packed.length < actual.length ? packed : actual);
    return undefined;
  }
  const expected = await readFile(file).catch(() => undefined);
  if (!expected) return `${name}: there is no ${file}; UPDATE_SHOTS=1 takes one`;
  const { share, diff, sizes } = difference(expected, actual);
  if (share <= tolerance) return undefined;
  const place = join(output, name);
  await mkdir(dirname(place), { recursive: true });
  await writeFile(`${place}-actual.png`, actual);
  await writeFile(`${place}-diff.png`, diff);
  const [a, b] = sizes.map(({ width, height }) => `${width}×${height}`);
  const size = a === b ? "" : `, and is ${b} instead of ${a}`;
  return `${name}: ${(share * 100).toFixed(1)} % of the points differ${size}: see ${place}-diff.png and ${place}-actual.png`;
}
