// What every test in a browser starts from: the built site, served under a sub-path to prove that
// it works under any, and Chromium with an empty profile, as a new visitor has.

import { readFileSync, existsSync } from "node:fs";
import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { delimiter, extname, join, normalize, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

const here = fileURLToPath(new URL(".", import.meta.url));
const flags = JSON.parse(readFileSync(join(here, "chromium-flags.json"), "utf8"));

/**
 * Holds a measured time to its budget where that was asked for by `BUDGETS=1`: on a machine that does
 * nothing else. Otherwise it is told and proves nothing, so that no test fails for a busy machine.
 */
export function withinBudget(figure, budget, told) {
  if (process.env.BUDGETS === "1" && !(figure <= budget)) throw new Error(`over ${budget}: ${told}`);
}

/** The site under test. */
export const dist = join(here, "..", "..", "dist");

const mediaTypes = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".json": "application/json",
  ".webmanifest": "application/manifest+json",
  ".wasm": "application/wasm",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".rs": "text/plain; charset=utf-8",
};

/** Serves the site at `path` on a free port; nothing outside that path exists. */
export async function serveSite(path = "/sub/path/") {
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url, "http://site");
    const file = fileFor(decodeURIComponent(pathname), path);
    const found = file !== undefined && (await stat(file).catch(() => undefined))?.isFile();
    if (!found) {
      response.writeHead(404).end("not found");
      return;
    }
    const type = mediaTypes[extname(file)] ?? "application/octet-stream";
    response.writeHead(200, { "Content-Type": type }).end(await readFile(file));
  });
  await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
  return {
    url: `http://127.0.0.1:${server.address().port}${path}`,
    close: () => {
      server.closeAllConnections();
      return new Promise((closed) => server.close(closed));
    },
  };
}

function fileFor(pathname, path) {
  if (!pathname.startsWith(path)) return undefined;
  const file = normalize(join(dist, pathname.slice(path.length) || "index.html"));
  return file.startsWith(dist + sep) ? file : undefined;
}

/** Finds Chromium or Chrome; `undefined` leaves it to Playwright to find an installed Chrome. */
export function findChromium() {
  if (process.env.CHROMIUM) return process.env.CHROMIUM;
  const names = ["chromium", "google-chrome", "google-chrome-stable", "chromium-browser"];
  const folders = (process.env.PATH ?? "").split(delimiter);
  const candidates = names.flatMap((name) => folders.map((folder) => join(folder, name)));
  candidates.push(
    "/usr/bin/chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
  );
  return candidates.find((file) => existsSync(file));
}

/**
 * Opens a browser with a profile of its own. `options` are Playwright's for a persistent context,
 * such as `viewport` and `colorScheme`; `problems` collects what a page must not do: errors on the
 * console, uncaught exceptions, failed requests.
 */
export async function openBrowser(options = {}) {
  const profile = await mkdtemp(join(tmpdir(), "faultline-profile-"));
  const executablePath = findChromium();
  const found = executablePath ? { executablePath } : { channel: "chrome" };
  const context = await chromium.launchPersistentContext(profile, {
    ...found,
    args: flags,
    viewport: { width: 1440, height: 900 },
    ...options,
  });
  const problems = [];
  context.on("console", (message) => {
    if (message.type() === "error") problems.push(`console: ${message.text()}`);
  });
  context.on("weberror", (event) => problems.push(`exception: ${event.error().message}`));
  context.on("response", (response) => {
    if (response.status() >= 400) problems.push(`${response.status()}: ${response.url()}`);
  });
  const close = async () => {
    await context.close();
    await rm(profile, { recursive: true, force: true, maxRetries: 5 });
  };
  return { context, page: context.pages()[0] ?? (await context.newPage()), problems, profile, close };
}

/**
 * Runs `body({ page, url, problems, context })` against the site in a fresh browser, closes both
 * whatever happens, and fails if the page logged an error that `body` did not take out of
 * `problems`.
 */
export async function withSite(body, options = {}) {
  const site = await serveSite();
  try {
    const browser = await openBrowser(options);
    try {
      await body({ ...browser, url: site.url });
    } finally {
      await browser.close();
    }
    if (browser.problems.length > 0) throw new Error(browser.problems.join("\n"));
  } finally {
    await site.close();
  }
}

/** The accessibility rules that the page breaks now, one sentence each. */
export async function accessibilityViolations(page) {
  await page.addScriptTag({ path: join(here, "node_modules", "axe-core", "axe.min.js") });
  const { violations } = await page.evaluate(() => globalThis.axe.run());
  return violations.map(({ id, help, nodes }) => {
    const where = nodes.map((node) => node.target.join(" ")).join(", ");
    return `${id}: ${help} (${where})`;
  });
}
