// What the tests of the Disk tab have in common.

import assert from "node:assert/strict";
import { PATIENCE, open } from "./lab.mjs";

const ROW = "#/s/wal-lsm?seed=1";

export const panel = (page) => page.locator(".disk");
export const press = (page, name) => panel(page).getByRole("button", { name, exact: true }).click();
export const status = (page) => panel(page).getByRole("status").innerText();

/** Waits until the panel is in one of these phases. */
export async function until(page, ...phases) {
  const any = phases.map((phase) => `.disk[data-phase=${phase}]`).join(", ");
  await page.locator(any).waitFor({ timeout: PATIENCE });
}

/** Reads a figure of the panel: those of the store come first, then those of the last recovery. */
export async function figure(page, name, place = 0) {
  const text = await panel(page).locator(`dt:text-is("${name}") + dd`).nth(place).innerText();
  return Number.parseInt(text.replaceAll(",", ""), 10);
}

export async function openDisk(page, url, row = ROW) {
  await open(page, url, row);
  await page.getByRole("tab", { name: "Disk", exact: true }).click();
  await until(page, "ready", "refused");
}

export const files = (page) => panel(page).locator(".disk-files button");
export const byte = (page, place) => panel(page).locator(".disk-line button").nth(place);
export const bits = (page) => panel(page).getByRole("group", { name: /^Bits of byte/ }).getByRole("button");

/** Shows a file by the end of its name. */
export async function show(page, name) {
  await files(page).filter({ hasText: name }).first().click();
  await until(page, "ready", "off", "refused");
}

/** Removes all, and begins anew. */
export async function clear(page) {
  await press(page, "Clear");
  await press(page, "Remove all");
  await until(page, "ready");
  assert.match(await status(page), /removed, and a new one is begun/);
}

/** Does something to the files while no worker has them. */
export async function behindItsBack(page, change, argument) {
  await page.getByRole("tab", { name: "State", exact: true }).click();
  await panel(page).waitFor({ state: "detached" });
  await page.evaluate(change, argument);
  await page.getByRole("tab", { name: "Disk", exact: true }).click();
}

/** Waits until something of a long order is told. */
export const writing = (page) =>
  panel(page).getByRole("status").filter({ hasText: /[1-9][\d,]* written/ }).waitFor({ timeout: PATIENCE });
