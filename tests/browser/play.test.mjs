// Playing with a scenario: asking for things, betting, and solving puzzles.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import test from "node:test";
import { accessibilityViolations, withSite } from "./harness.mjs";
import { PATIENCE, choose, open, parts, shareLink } from "./lab.mjs";

const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, colorScheme: "dark" };

const commands = (page) => page.getByRole("region", { name: "Commands" });
/** Waits until an element has the focus. */
const focused = async (element) => {
  const handle = await element.elementHandle();
  const has = (it) => it === document.activeElement;
  await element.page().waitForFunction(has, handle, { timeout: PATIENCE });
};
const logOf = async (page) => {
  await page.getByRole("tab", { name: "Log" }).click();
  return page.locator(".log-lines");
};

test("a command takes what is typed, says what would do, and is repeated by its key", async () => {
  await withSite(async ({ page, url }) => {
    await open(page, url, "#/s/g-counter?seed=1&at=600ms");
    const log = await logOf(page);
    await page.keyboard.press("c");
    const field = commands(page).getByRole("textbox", { name: "Increment by" });
    await field.waitFor({ timeout: PATIENCE });
    await focused(field);

    // What does not fit is said in a sentence, and Enter does nothing.
    await field.fill("21");
    const says = commands(page).getByText("It takes a whole number from 1 to 20.");
    await says.waitFor();
    await field.press("Enter");
    await field.fill("7");
    await says.waitFor({ state: "detached" });

    // Enter asks; the focus stays, and so does what was typed.
    await commands(page).getByRole("combobox").selectOption({ label: "N2" });
    await field.press("Enter");
    await log.getByText("Increment by 7 at N2").first().waitFor({ timeout: PATIENCE });
    assert.equal(await log.getByText("Increment by 21").count(), 0);
    assert.equal(await field.inputValue(), "7");
    await focused(field);

    // C repeats it, outside a field; undo takes it back.
    await commands(page).getByRole("button", { name: "Increment" }).focus();
    await page.keyboard.press("c");
    const asked = async () => {
      const link = parts(await shareLink(page));
      return link.get("a").length;
    };
    const twice = await asked();
    await page.keyboard.press("Control+z");
    await page.getByRole("tab", { name: "Faults" }).click();
    await page.locator(".fault-list").getByText("Increment by 7 at N2").waitFor({ timeout: PATIENCE });
    assert.ok((await asked()) < twice);

    // The menu leads here too, at the node that it is about.
    await choose(page, "N3", "Decrement …");
    const other = commands(page).getByRole("textbox", { name: "Decrement by" });
    await other.waitFor();
    await focused(other);
    assert.equal(await commands(page).getByRole("combobox").inputValue(), "2");

    // A node that is down cannot be asked, and it is said why.
    await choose(page, "N3", "Crash");
    await commands(page).getByText("Not now: N3 is down.").first().waitFor({ timeout: PATIENCE });
    assert.equal(
      await commands(page).getByRole("button", { name: "Increment" }).getAttribute("aria-disabled"),
      "true",
    );
    assert.deepEqual(await accessibilityViolations(page), []);
    await page.keyboard.press("Escape");
    await commands(page).waitFor({ state: "detached" });
  });
});

test("text, choice and place travel in the link, whatever the script", async () => {
  await withSite(async ({ page, url }) => {
    await open(page, url, "#/s/test-panics?seed=1&at=500ms");
    await page.getByRole("button", { name: /^Commands/ }).click();
    const text = commands(page).getByRole("textbox", { name: "Say aloud" });
    await text.fill("日本語 & “x”");
    await text.press("Enter");
    await commands(page).getByRole("combobox", { name: "Paint it" }).selectOption("blue");
    await commands(page).getByRole("button", { name: "Paint" }).click();
    const pad = await commands(page).locator(".pad").boundingBox();
    await page.mouse.click(pad.x + pad.width / 4, pad.y + pad.height / 2);
    const place = commands(page).getByRole("textbox", { name: /^Land at/ });
    assert.match(await place.inputValue(), /^2[3-7]\d, (4[5-9]|5[0-5])\d$/);
    await place.fill("250, 750");
    await place.press("Enter");
    await page.getByRole("tab", { name: "Faults" }).click();
    const list = page.locator(".fault-list");
    const expected = ["Say aloud “日本語 & “x”” at A", "Paint it “blue” at A", "Land at (250, 750) at A"];
    for (const said of expected) await list.getByText(said).waitFor({ timeout: PATIENCE });
    const link = await shareLink(page);
    await page.goto("about:blank");
    await page.goto(link);
    await page.getByRole("status").filter({ hasText: "Reproduced to the bit" }).waitFor({ timeout: PATIENCE });
    await page.getByRole("tab", { name: "Faults" }).click();
    for (const said of expected) await list.getByText(said).waitFor({ timeout: PATIENCE });
  });
});

test("a bet is made by keyboard, answered by the run, scored, kept and saved as a file", async () => {
  await withSite(async ({ page, url }) => {
    await open(page, url, "#/s/single-leader?seed=1");
    const lesson = page.getByRole("complementary", { name: "Lesson" });
    await lesson.getByRole("button", { name: "The cut" }).click();
    const bet = lesson.getByRole("group", { name: /What does it do with/ });
    await bet.waitFor({ timeout: PATIENCE });
    await bet.getByRole("radio", { name: "Acknowledges them" }).focus();
    await page.keyboard.press("Space");
    const sure = bet.getByRole("group", { name: "How sure are you?" });
    await sure.getByRole("radio", { name: "fairly sure" }).focus();
    await page.keyboard.press("ArrowRight");
    assert.equal(await sure.getByRole("radio", { name: "sure", exact: true }).isChecked(), true);

    // The run answers; from then on the bet is closed, also back in time.
    await lesson.getByRole("button", { name: "Show me" }).press("Enter");
    await lesson.getByText("You saw it coming.").waitFor({ timeout: PATIENCE });
    await lesson.getByRole("button", { name: "The cut" }).click();
    await bet.getByText("this bet is settled").waitFor({ timeout: PATIENCE });
    assert.equal(await bet.getByRole("radio").first().isDisabled(), true);

    // The score is kept over a reload, and handed in as a file.
    await page.reload();
    await page.locator("[data-node]").first().waitFor({ timeout: PATIENCE });
    await lesson.getByRole("button", { name: /^Puzzles/ }).click();
    await lesson.getByText("1 of 1 came true, and you were about as sure as you were right.").waitFor({
      timeout: PATIENCE,
    });
    const saved = page.waitForEvent("download");
    await lesson.getByRole("link", { name: "Save as a file" }).click();
    const file = JSON.parse(await readFile(await (await saved).path(), "utf8"));
    assert.equal(file.scenario, "single-leader");
    assert.equal(file.bets[0].answer, "Acknowledges them");
    assert.equal(file.bets[0].confidence, "sure");
    assert.equal(file.bets[0].right, true);
    assert.equal(file.puzzles.length, 2);
    await lesson.getByRole("button", { name: "Forget them" }).click();
    await lesson.getByText("Your answers").waitFor({ state: "detached" });
  });
});

test("a puzzle is set up, graded as one goes, and its link is the answer", async () => {
  const kept = await readFile(new URL("../puzzles.txt", import.meta.url), "utf8");
  const solution = kept.split("\n").find((line) => line.includes("One answer too few")).split(" | ").pop();
  await withSite(async ({ page, url }) => {
    await open(page, url, "#/s/g-counter?seed=1&preset=hardened");
    const lesson = page.getByRole("complementary", { name: "Lesson" });
    await lesson.getByRole("button", { name: /^Puzzles/ }).click();
    const puzzle = lesson.getByRole("listitem").filter({
      has: page.getByRole("heading", { name: "One answer too few" }),
    });
    await puzzle.getByText("opens the naive design").waitFor();
    await puzzle.getByRole("button", { name: "Set it up" }).click();
    await puzzle.getByText("It has not happened yet").waitFor({ timeout: PATIENCE });
    await puzzle.getByText("0 of 1 dropped message").waitFor();
    // From now on it is the puzzle that is on the stage, and no button tempts with the script.
    await page.getByText("Puzzle: One answer too few").waitFor();
    assert.equal(await page.locator(".stage-buttons .primary").count(), 0);

    // A fault that is not in the budget is counted, and told.
    await choose(page, "N1", "Crash");
    await puzzle.getByText("✗ 1 crash: not allowed").waitFor({ timeout: PATIENCE });
    await puzzle.getByText("more faults than you may").waitFor();
    await page.keyboard.press("Control+z");
    await puzzle.getByText("It has not happened yet").waitFor({ timeout: PATIENCE });

    // The address is of the puzzle: whoever opens it is at the puzzle.
    await page.waitForFunction(() => /&puzzle=\d/.test(location.hash), undefined, { timeout: PATIENCE });
    await page.reload();
    await puzzle.getByText("It has not happened yet").waitFor({ timeout: PATIENCE });
    assert.equal(await puzzle.getAttribute("aria-current"), "true");

    // Opening the answer shows the grade.
    await page.goto(url + solution);
    const status = page.getByRole("status").filter({ hasText: "This link solves the puzzle “One answer too few”" });
    await status.waitFor({ timeout: PATIENCE });
    await puzzle.getByText(/✓ Solved at .* with 1 fault, the fewest that are known\./).waitFor({ timeout: PATIENCE });
    await puzzle.getByText("1 of 1 dropped message").waitFor();
    await lesson.getByText("Puzzles solved: 1 of 2.").waitFor({ timeout: PATIENCE });
    assert.deepEqual(await accessibilityViolations(page), []);
  });
});

test("on a phone in the dark: commands, bets, puzzles and terms are within reach of a thumb", async () => {
  await withSite(async ({ page, url }) => {
    await open(page, url, "#/s/single-leader?seed=1");
    await page.getByRole("button", { name: /^Commands/ }).tap();
    const field = commands(page).getByRole("textbox", { name: "Write in a row" });
    await field.fill("3");
    await commands(page).getByRole("button", { name: "Write" }).tap();
    await commands(page).getByRole("button", { name: "Close the commands" }).tap();
    await commands(page).waitFor({ state: "detached" });
    const bar = page.getByRole("navigation", { name: "Panels" });
    await bar.getByRole("button", { name: "Over time" }).tap();
    await page.getByRole("tab", { name: "Faults" }).tap();
    await page.locator(".fault-list").getByText("Write 3 in a row at C1").waitFor({ timeout: PATIENCE });

    await bar.getByRole("button", { name: "Lesson" }).tap();
    const lesson = page.getByRole("complementary", { name: "Lesson" });
    const term = lesson.getByRole("button", { name: "leader", exact: true }).first();
    await term.tap();
    await lesson.getByText("The one server that decides the order of writes.").waitFor();
    await page.keyboard.press("Escape");
    await lesson.getByText("The one server that decides").waitFor({ state: "detached" });

    await lesson.getByRole("button", { name: /^Puzzles/ }).tap();
    for (const button of await lesson.locator(".puzzle-buttons .button, .lesson-views button").all()) {
      assert.ok((await button.boundingBox()).height >= 44);
    }
    assert.deepEqual(await accessibilityViolations(page), []);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.ok(wide <= 0, `the page is ${wide} px too wide`);
  }, PHONE);
});

test("a bet that was passed over is answered all the same, with what gave the answer away", async () => {
  await withSite(async ({ page, url }) => {
    await open(page, url, "#/s/single-leader?seed=1");
    const lesson = page.getByRole("complementary", { name: "Lesson" });
    await lesson.getByRole("button", { name: "The cut" }).click();
    const bet = lesson.getByRole("group", { name: /What does it do with/ });
    await bet.waitFor({ timeout: PATIENCE });
    await lesson.getByRole("button", { name: "Show me" }).click();
    await lesson.getByText("You did not bet.").first().waitFor({ timeout: PATIENCE });
    await bet.getByText("this happened").waitFor();
    // The row's own sentence, with its time.
    await lesson.getByText(/S1 acknowledged write \d+ of C1 at \d\.\d{3} s/).first().waitFor({ timeout: PATIENCE });
  });
});

test("on a phone the film waits at each step of the lesson, and every panel is within reach", async () => {
  await withSite(async ({ page, url }) => {
    await open(page, url, "#/s/single-leader?seed=1");
    const bar = page.getByRole("navigation", { name: "Panels" });
    const isWhole = async (button) => {
      const box = await button.boundingBox();
      const isCut = await button.evaluate((it) => it.scrollWidth > it.clientWidth);
      const what = `${await button.innerText()} ${JSON.stringify(box)}`;
      assert.ok(!isCut && box.x >= 0 && box.x + box.width <= 390 && box.height >= 44 && box.width >= 44, what);
    };
    for (const [name, tabs] of [
      ["Lesson", []],
      ["Details", ["Inspect", "State", "Properties", "Source"]],
      ["Over time", ["Space-time", "Log", "Faults", "History", "Break it"]],
    ]) {
      const button = bar.getByRole("button", { name, exact: true });
      await isWhole(button);
      await button.click();
      // The first step is read before the film begins, and does not stop it.
      if (name === "Lesson") await page.locator(".beats > li[aria-current=step] .say").waitFor({ timeout: PATIENCE });
      for (const tab of tabs) await isWhole(page.getByRole("tab", { name: tab, exact: true }));
      // The sheet leaves the stage two fifths of the screen, and takes no more than half.
      const [stage, sheet] = await page.evaluate(() => {
        const over = [...document.querySelectorAll(".lesson, .side, .strip")].find((it) => getComputedStyle(it).display !== "none");
        return [document.querySelector(".stage"), over].map((it) => it.getBoundingClientRect().toJSON());
      });
      assert.ok(stage.height >= 844 * 0.4 - 1 && stage.bottom <= sheet.top + 1 && sheet.height <= 422, JSON.stringify([name, stage, sheet]));
      await button.click();
    }
    await page.locator(".stage-buttons button").first().click();
    for (const title of ["A lease, and a clock behind", "The cut"]) {
      const step = page.locator(".bet-banner").filter({ hasText: title });
      await step.waitFor({ timeout: PATIENCE });
      await step.getByRole("button", { name: /Go on|Show me/ }).click();
    }
  }, PHONE);
});

test("where the step tells of the other design, it says so and offers it", async () => {
  await withSite(async ({ page, url }) => {
    await open(page, url, "#/s/single-leader?seed=1");
    const lesson = page.getByRole("complementary", { name: "Lesson" });
    await lesson.getByRole("button", { name: "The price" }).click();
    const hardened = page.getByRole("button", { name: "Hardened" });
    await page.waitForFunction((it) => it.getAttribute("aria-pressed") === "true", await hardened.elementHandle(), { timeout: PATIENCE });
    await page.getByRole("button", { name: "Naive", exact: true }).click();
    await lesson.getByText("This step tells of the hardened design, and the naive one runs.").waitFor({ timeout: PATIENCE });
    await lesson.getByRole("button", { name: "Turn the safeguards on and replay" }).click();
    await page.waitForFunction((it) => it.getAttribute("aria-pressed") === "true", await hardened.elementHandle(), { timeout: PATIENCE });
  });
});

test("on a phone “More” names the scenario and has what the bar has no room for", async () => {
  await withSite(async ({ page, url }) => {
    await open(page, url, "#/s/single-leader?seed=42");
    const more = page.getByRole("button", { name: "More", exact: true });
    await more.click();
    const menu = page.locator(".more .popover");
    await menu.getByRole("heading", { name: "One leader, though clocks lie" }).waitFor({ timeout: PATIENCE });
    for (const [what, box] of (await menu.locator(".choice").evaluateAll((all) => all.map((it) => [it.textContent, it.getBoundingClientRect().toJSON()])))) {
      assert.ok(box.height >= 44 && box.left >= 0 && box.right <= 390, what);
    }
    await menu.getByRole("button", { name: /^colours: /i }).click();
    await menu.getByRole("button", { name: /^undo/i }).waitFor({ timeout: PATIENCE });
    await menu.getByRole("button", { name: /^compare/i }).click();
    await page.getByRole("button", { name: /A\|B|Compare/ }).and(page.locator("[aria-pressed=true]")).waitFor({ timeout: PATIENCE });
    assert.equal(await menu.isVisible(), false);
  }, PHONE);
});
