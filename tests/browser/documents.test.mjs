// Two live documents to type in: what is typed becomes part of the run, travels, and meets what others typed.

import assert from "node:assert/strict";
import test from "node:test";
import { accessibilityViolations, withSite } from "./harness.mjs";
import { PATIENCE, open, parts, pauseButton, playButton, shareLink } from "./lab.mjs";

const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };

/** The persons of the row have written all they write by then, and no promise has fallen; nothing else is done. */
const quiet = (preset) => `#/s/offline-editors?seed=40&preset=${preset}&a=&at=4s`;

const area = (page, name) => page.getByRole("textbox", { name: `${name}'s list` });
const offline = (page, name) => page.getByRole("button", { name: `Offline: ${name}` });
const textOf = (page, name) => area(page, name).inputValue();

/** Waits until what is typed has become an action: how many there are then. */
const typed = async (page, count) => {
  await page.getByRole("tab", { name: "Faults" }).click();
  const edits = page.locator(".fault-list").getByText("Edit behind letter");
  const isThere = async () => (await edits.count()) >= count;
  await until(isThere, "what was typed is no action");
};

const until = async (isSo, otherwise) => {
  const started = Date.now();
  while (!(await isSo())) {
    assert.ok(Date.now() - started < PATIENCE, otherwise);
    await new Promise((later) => setTimeout(later, 50));
  }
};

/** Plays until something is so, past all that the film waits for, and pauses. */
const playUntil = async (page, isSo, otherwise) => {
  await until(async () => {
    if (await isSo()) return true;
    if (await playButton(page).isVisible()) await playButton(page).click({ timeout: 2_000 }).catch(() => {});
    return false;
  }, otherwise);
  if (await pauseButton(page).isVisible()) await pauseButton(page).click({ timeout: 2_000 }).catch(() => {});
  await playButton(page).waitFor({ timeout: PATIENCE });
};

const areEqual = (page, ...pieces) => async () => {
  const [ann, ben] = [await textOf(page, "Ann"), await textOf(page, "Ben")];
  return ann === ben && pieces.every((piece) => ann.includes(piece));
};

/** Types at the beginning of a text. */
const typeFirst = async (page, name, text) => {
  await area(page, name).focus();
  await page.keyboard.press("Control+Home");
  await page.keyboard.type(text, { delay: 10 });
};

test("two people type while online, and both have it all; so has the link", async () => {
  await withSite(async ({ page, url }) => {
    await open(page, url, quiet("hardened"));
    await area(page, "Ann").waitFor({ timeout: PATIENCE });
    await area(page, "Ann").focus();
    await page.keyboard.press("Control+End");
    await page.keyboard.type("for kate, by hand 🦀", { delay: 20 });
    await typed(page, 1);
    // Typed in a film that runs, and the cursor keeps its place while others type before it.
    await playButton(page).click();
    await typeFirst(page, "Ben", "é\u0301tude ");
    await playUntil(page, areEqual(page, "for kate, by hand 🦀", "é\u0301tude "), "the texts stay apart");
    const place = await area(page, "Ben").evaluate((it) => it.value.slice(0, it.selectionStart));
    assert.equal(place, "é\u0301tude ");

    // Undo takes back what was typed last, from within the text.
    const before = await textOf(page, "Ann");
    await area(page, "Ben").focus();
    await page.keyboard.press("Control+z");
    await until(async () => !(await textOf(page, "Ben")).includes("é\u0301tude "), "nothing is undone");
    await page.keyboard.press("Control+Shift+z");
    await until(areEqual(page, "é\u0301tude "), "nothing is done again");

    const link = await shareLink(page);
    assert.ok(parts(link).get("a").length < 250, `${parts(link).get("a").length} letters of actions`);
    await page.goto("about:blank");
    await page.goto(link);
    await area(page, "Ann").waitFor({ timeout: PATIENCE });
    await until(async () => (await textOf(page, "Ann")) === before, "the link gives other texts");
  });
});

for (const preset of ["hardened", "naive"]) {
  test(`two people type at one place while offline: ${preset}`, async () => {
    await withSite(async ({ page, url }) => {
      await open(page, url, quiet(preset));
      for (const name of ["Ann", "Ben"]) {
        await offline(page, name).click();
        await page.locator(`button[aria-label="Offline: ${name}"][aria-pressed=true]`).waitFor({ timeout: PATIENCE });
      }
      await typeFirst(page, "Ann", "aspic and ");
      await typeFirst(page, "Ben", "brine and ");
      await typed(page, 2);
      const broken = page.getByRole("alert").filter({ hasText: "◆ Broken at" });
      assert.equal(await broken.count(), 0);
      assert.ok(!(await textOf(page, "Ann")).includes("brine"));
      for (const name of ["Ann", "Ben"]) {
        await offline(page, name).click();
        await page.locator(`button[aria-label="Offline: ${name}"][aria-pressed=false]`).waitFor({ timeout: PATIENCE });
      }
      if (preset === "hardened") {
        await playUntil(page, areEqual(page, "aspic and ", "brine and "), "a letter is lost, or the texts stay apart");
        assert.equal(await broken.count(), 0);
      } else {
        // What was told while nobody heard it is not told again; the next save is, and replaces Ben's text.
        await typeFirst(page, "Ann", "ale and ");
        await typed(page, 3);
        await playUntil(page, () => broken.isVisible(), "the promise is kept");
        await broken.getByText("which Ben typed and saved and nobody struck out").waitFor({ timeout: PATIENCE });
        assert.ok(!(await textOf(page, "Ben")).includes("brine and "));
      }
    });
  });
}

test("letters that were not sent yet when the page goes are kept for the run that is open then", async () => {
  await withSite(async ({ page, url }) => {
    await open(page, url, quiet("hardened"));
    await area(page, "Ann").waitFor({ timeout: PATIENCE });
    // The letter has had no time to be sent.
    const kept = (letter) =>
      area(page, "Ann").evaluate((it, letter) => {
        it.value = letter + it.value;
        it.dispatchEvent(new InputEvent("input", { bubbles: true }));
        window.dispatchEvent(new Event("pagehide"));
        const keys = Object.keys(sessionStorage).filter((key) => key.startsWith("faultline.unsent."));
        window.dispatchEvent(new Event("pageshow"));
        return keys;
      }, letter);
    const before = await kept("a");
    assert.equal(before.length, 1, `${before}`);
    await until(async () => (await textOf(page, "Ben")) !== "" && (await textOf(page, "Ann")).startsWith("a"), "it is not typed");
    await page.waitForTimeout(1_000);
    await page.getByRole("button", { name: "Naive", exact: true }).click();
    const naive = page.locator('button[aria-pressed=true]').filter({ hasText: /^Naive$/ });
    await naive.waitFor({ timeout: PATIENCE });
    await page.waitForTimeout(500);
    const after = await kept("b");
    assert.equal(after.length, 1, `${after}`);
    assert.notDeepEqual(after, before, "they are kept for the run that was open before");
  });
});

test("the keyboard alone is enough, and letters typed are no shortcuts", async () => {
  await withSite(async ({ page, url }) => {
    await open(page, url, quiet("hardened"));
    await area(page, "Ann").waitFor({ timeout: PATIENCE });
    const begin = page.getByRole("button", { name: "Type in the texts" });
    await begin.focus();
    await page.keyboard.press("Tab");
    await page.keyboard.press("Space");
    await page.locator('button[aria-label="Offline: Ann"][aria-pressed=true]').waitFor({ timeout: PATIENCE });
    await page.keyboard.press("Tab");
    assert.ok(await area(page, "Ann").evaluate((it) => it === document.activeElement));
    await page.keyboard.press("Control+End");
    await page.keyboard.type("khprs? b");
    await page.keyboard.press("Tab");
    await until(async () => (await textOf(page, "Ann")).endsWith("khprs? b"), "it is not typed");
    assert.equal(await page.getByRole("dialog").count(), 0);
    await page.keyboard.press("Shift+Tab");
    await page.keyboard.press("Shift+Tab");
    await page.keyboard.press("Space");
    await page.locator('button[aria-label="Offline: Ann"][aria-pressed=false]').waitFor({ timeout: PATIENCE });
    await playUntil(page, areEqual(page, "khprs? b"), "it does not travel");
  });
});

test("what is too long is refused in a sentence", async () => {
  await withSite(async ({ page, url }) => {
    await open(page, url, quiet("hardened"));
    await area(page, "Ann").waitFor({ timeout: PATIENCE });
    const before = await textOf(page, "Ann");
    await area(page, "Ann").focus();
    await page.keyboard.insertText("x".repeat(10_000));
    await page.getByText("At most 2000 characters are taken at once, and these are 10000.").waitFor({ timeout: PATIENCE });
    assert.equal(await textOf(page, "Ann"), before);
    await page.keyboard.insertText("y".repeat(1_900));
    await until(async () => (await textOf(page, "Ann")).length === before.length + 1_900, "it is not typed");
    await playUntil(page, areEqual(page, "y".repeat(1_900)), "it does not travel");
  });
});

for (const colorScheme of ["light", "dark"]) {
  for (const [size, viewport] of [["a desk", {}], ["a phone", PHONE]]) {
    test(`texts to type in break no rule of accessibility, ${colorScheme}, on ${size}`, async () => {
      await withSite(
        async ({ page, url }) => {
          await open(page, url, quiet("hardened"));
          const begin = page.getByRole("button", { name: "Type in the texts" });
          await begin.waitFor({ timeout: PATIENCE });
          if ((await begin.getAttribute("aria-expanded")) === "false") await begin.click();
          await area(page, "Ann").waitFor();
          await typeFirst(page, "Ann", "a ");
          await offline(page, "Ann").click();
          await page.locator('button[aria-label="Offline: Ann"][aria-pressed=true]').waitFor({ timeout: PATIENCE });
          assert.deepEqual(await accessibilityViolations(page), []);
          const wide = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
          assert.ok(!wide, "the page is wider than the screen");
        },
        { colorScheme, ...viewport },
      );
    });
  }
}
