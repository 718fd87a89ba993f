// Compares a picture on screen with the one in this folder. `UPDATE_SHOTS=1` takes the present ones.

import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import pixelmatch from "pixelmatch";
import { PNG } from "pngjs";

const here = fileURLToPath(new URL(".", import.meta.url));
const output = join(here, "..", "output", "visual");

/** Whether the pictures on screen replace those in this folder. */
const isUpdating = process.env.UPDATE_SHOTS === "1";

// Letters and places are the same everywhere: the test brings its own font, and has Chromium place and
// smooth it without regard to the machine's settings. How an edge is smoothed still depends on
// Chromium's version. So a point differs only if it does so clearly, and some points may differ: four
// in a hundred of those that are drawn at all. That is less than one value of six that is missing.
// A small sign is less than that: so in no place of its size may a third of what is drawn differ.
// Tests of this comparison prove both.
const threshold = 0.3;
/** What share of the drawn points may differ. */
export const tolerance = 0.04;
/** What share of them may differ in a place, this many points wide and high, with so many at least. */
export const localTolerance = 0.33;
const place = 32;
const leastInPlace = 60;
/** A line of text may be this many points higher on another machine, all in all. */
const slack = 4;

/**
 * Compares two PNG files: how many points differ for each that the first one draws, at all and in the
 * place where most do, and a picture of where.
 */
export function difference(one, other) {
  const [a, b] = [PNG.sync.read(one), PNG.sync.read(other)];
  const width = Math.max(a.width, b.width);
  const height = Math.max(a.height, b.height);
  const isOtherSize = width - Math.min(a.width, b.width) > slack || height - Math.min(a.height, b.height) > slack;
  const differing = (other, diffMask) => {
    const seen = new PNG({ width, height });
    const options = { threshold, includeAA: true, diffMask };
    const count = pixelmatch(grown(a, width, height), grown(other, width, height), seen.data, width, height, options);
    return { count, seen };
  };
  const [drawn, missing] = [differing(empty(a), true), differing(b, true)];
  const [has, lacks] = [inPlaces(drawn.seen), inPlaces(missing.seen)];
  const worst = Math.max(0, ...has.map((count, at) => (count < leastInPlace ? 0 : lacks[at] / count)));
  return {
    share: isOtherSize ? 1 : missing.count / Math.max(drawn.count, 1),
    worst,
    drawn: drawn.count,
    diff: () => PNG.sync.write(differing(b, false).seen),
    sizes: [a, b],
  };
}

/** How many points of a mask are set in each place; places overlap by half. */
function inPlaces({ width, height, data }) {
  const half = place / 2;
  const [across, down] = [Math.ceil(width / half), Math.ceil(height / half)];
  const quarters = new Array(across * down).fill(0);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      if (data[(y * width + x) * 4 + 3] > 0) quarters[Math.floor(y / half) * across + Math.floor(x / half)] += 1;
    }
  }
  const quarter = (at, right, below) => (at % across < across - right ? (quarters[at + right + below * across] ?? 0) : 0);
  return quarters.map((own, at) => own + quarter(at, 1, 0) + quarter(at, 0, 1) + quarter(at, 1, 1));
}

/** A picture of the same size that shows nothing but the most common colour. */
function empty(picture) {
  const pixels = new Uint32Array(new Uint8Array(picture.data).buffer);
  const counts = new Map();
  for (const pixel of pixels) counts.set(pixel, (counts.get(pixel) ?? 0) + 1);
  const [ground] = [...counts].reduce((most, one) => (one[1] > most[1] ? one : most));
  const nothing = new PNG({ width: picture.width, height: picture.height });
  nothing.data = Buffer.from(new Uint32Array(pixels.length).fill(ground).buffer);
  return nothing;
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
  const { share, worst, drawn, diff, sizes } = difference(expected, actual);
  // A picture of nothing would be like any other such.
  if (drawn > 200 && share <= tolerance && worst <= localTolerance) return undefined;
  const trace = join(output, name);
  await mkdir(dirname(trace), { recursive: true });
  await writeFile(`${trace}-actual.png`, actual);
  await writeFile(`${trace}-diff.png`, diff());
  const [a, b] = sizes.map(({ width, height }) => `${width}×${height}`);
  const size = a === b ? "" : `, and it is ${b} instead of ${a}`;
  const percent = (part) => `${(part * 100).toFixed(1)} %`;
  return `${name}: ${percent(share)} of what is drawn differs, ${percent(worst)} in one place${size}: see ${trace}-diff.png and ${trace}-actual.png`;
}
