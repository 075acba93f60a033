// Opens pages of ours in Chromium as a double click does, uses them by keyboard, and has axe-core look for faults.
//
//     PDF_LIB=/tmp/fill node look.mjs CHROMIUM REGISTER.html OTHER.html... > report.json
//
// puppeteer-core and axe-core are looked for in the folder that PDF_LIB names. The report says, for each page: messages
// of the console, serious faults, whether it is wider than its window at 200 %; of the register also what search, sort
// and the red warning do.

import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import path from "node:path";

const require = createRequire(path.resolve(process.env.PDF_LIB ?? ".", "package.json"));
const puppeteer = require("puppeteer-core");
const axe = require("axe-core").source;

const [chromium, register, ...others] = process.argv.slice(2);
const browser = await puppeteer.launch({ executablePath: chromium, args: ["--no-sandbox", "--disable-gpu"] });

/** A page as it is opened, with what went wrong on the way, and every request that it makes. */
async function opened(file) {
  const page = await browser.newPage();
  const messages = [];
  page.on("console", (said) => messages.push(said.text()));
  page.on("pageerror", (error) => messages.push(String(error)));
  page.on("request", (asked) => {
    if (!asked.url().startsWith("file:")) messages.push(`asks for ${asked.url()}`);
  });
  await page.setViewport({ width: 1280, height: 900 });
  await page.goto(pathToFileURL(path.resolve(file)).href);
  return { page, messages };
}

/** What axe-core calls serious or worse. It runs outside the page's own rules for scripts. */
async function faults(page) {
  const session = await page.createCDPSession();
  const { frameTree } = await session.send("Page.getFrameTree");
  const { executionContextId } = await session.send("Page.createIsolatedWorld", { frameId: frameTree.frame.id });
  await session.send("Runtime.evaluate", { expression: axe, contextId: executionContextId });
  const found = await session.send("Runtime.evaluate", {
    expression: "axe.run(document).then((r) => JSON.stringify(r.violations))",
    contextId: executionContextId, awaitPromise: true, returnByValue: true,
  });
  return JSON.parse(found.result.value)
    .filter((fault) => ["serious", "critical"].includes(fault.impact))
    .map((fault) => `${fault.id}: ${fault.nodes[0].html.slice(0, 120)}`);
}

/** Whether the page itself scrolls sideways in half the width, which is what 200 % leaves of it. */
async function overflows(page) {
  await page.setViewport({ width: 640, height: 450 });
  const wide = await page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth + 1);
  await page.setViewport({ width: 1280, height: 900 });
  return wide;
}

const shown = (page) =>
  page.$$eval("#plans tbody tr", (rows) => rows.filter((row) => !row.hidden).map((row) => row.cells[0].textContent));

/** The register used with the keyboard alone. */
async function used(page) {
  const report = { all: await shown(page) };
  await page.focus("#find");
  await page.keyboard.type("lukasz");
  report.found = await shown(page);
  report.told = await page.$eval("#found", (it) => it.textContent);
  for (let n = 0; n < 6; n += 1) await page.keyboard.press("Backspace");
  // Past the table's own stop to the button of its first column.
  for (let n = 0; n < 12; n += 1) {
    await page.keyboard.press("Tab");
    if ((await page.evaluate(() => document.activeElement.textContent)) === "Learner") break;
  }
  await page.keyboard.press("Enter");
  report.up = await shown(page);
  await page.keyboard.press("Enter");
  report.down = await shown(page);
  report.sorted = await page.$eval("#plans th", (it) => it.getAttribute("aria-sort"));
  return report;
}

/** Whether the register warns when it is opened long after it was written. */
async function warned(file) {
  const page = await browser.newPage();
  await page.evaluateOnNewDocument(() => {
    const now = Date.now;
    Date.now = () => now() + 3 * 3600 * 1000;
  });
  await page.goto(pathToFileURL(path.resolve(file)).href);
  return page.$eval("#looked", (it) => ({ late: it.classList.contains("late"), colour: getComputedStyle(it).color, words: it.innerText }));
}

const report = {};
for (const file of [register, ...others]) {
  const { page, messages } = await opened(file);
  report[path.basename(file)] = { messages, faults: await faults(page), overflows: await overflows(page) };
  if (file === register) report.register = { ...(await used(page)), warned: await warned(file) };
  if (process.env.PICTURES) {
    await page.screenshot({ path: path.join(process.env.PICTURES, `${path.basename(file, ".html")}.png`) });
  }
}
await browser.close();
console.log(JSON.stringify(report, null, 1));
