// How long the page's main thread works for a frame of the screen, from the browser's own records.

const SCRIPT = new Set([
  "FunctionCall", "FireAnimationFrame", "EventDispatch", "TimerFire", "RunMicrotasks",
  "EvaluateScript", "v8.callFunction", "HandlePostMessage",
]);

/** Records for `milliseconds` and returns, per frame, milliseconds of script and of all tasks. */
export async function recordFrames(page, milliseconds) {
  const session = await page.context().newCDPSession(page);
  const events = [];
  session.on("Tracing.dataCollected", ({ value }) => events.push(...value));
  const complete = new Promise((done) => session.once("Tracing.tracingComplete", done));
  const categories = "devtools.timeline,toplevel,disabled-by-default-devtools.timeline";
  await session.send("Tracing.start", { categories, transferMode: "ReportEvents" });
  await page.waitForTimeout(milliseconds);
  await session.send("Tracing.end");
  await complete;
  await session.detach();
  return framesOf(events);
}

function framesOf(events) {
  const rolls = events.filter(({ name, ph }) => name === "FireAnimationFrame" && ph === "X");
  // The page is the thread that draws most; workers have no animation frames here.
  const byThread = new Map();
  for (const roll of rolls) {
    const thread = `${roll.pid}/${roll.tid}`;
    byThread.set(thread, [...(byThread.get(thread) ?? []), roll]);
  }
  const [thread] = [...byThread].sort((one, other) => other[1].length - one[1].length)[0] ?? [];
  const own = events.filter(({ pid, tid, ph }) => `${pid}/${tid}` === thread && ph === "X");
  const starts = [];
  for (const { ts } of byThread.get(thread).sort((one, other) => one.ts - other.ts)) {
    // Several callbacks of one frame come right after each other.
    if (starts.length === 0 || ts - starts.at(-1) > 6_000) starts.push(ts);
  }
  const sums = (isMeant) => {
    const outermost = withoutNested(own.filter(isMeant));
    const perFrame = new Array(Math.max(starts.length - 1, 0)).fill(0);
    let frame = 0;
    for (const { ts, dur, tdur } of outermost) {
      while (frame + 1 < starts.length && ts >= starts[frame + 1]) frame += 1;
      // The thread's own time: what others do on the same machine is not counted.
      if (ts >= starts[0] && frame < perFrame.length) perFrame[frame] += (tdur ?? dur ?? 0) / 1_000;
    }
    return perFrame;
  };
  return {
    script: sums(({ name }) => SCRIPT.has(name)),
    all: sums(({ name }) => name === "RunTask" || name === "ThreadControllerImpl::RunTask"),
  };
}

function withoutNested(events) {
  const sorted = events.toSorted((one, other) => one.ts - other.ts || other.dur - one.dur);
  let end = 0;
  return sorted.filter(({ ts, dur }) => {
    if (ts < end) return false;
    end = ts + (dur ?? 0);
    return true;
  });
}

/** The value below which this share of all values lies. */
export function quantile(values, share) {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}
