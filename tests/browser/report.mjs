// Opens the quality report in Chromium as a double click does, uses it by keyboard, prints it, and has axe-core look.
//
//     PDF_LIB=/tmp/fill node report.mjs CHROMIUM FOLDER > report.json
//
// The report says, for each page: messages of the console, serious faults, whether it is wider than its window at 200 %;
// what a number opens, what filters show, and how many pages the print preview has.

import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import path from "node:path";

const require = createRequire(path.resolve(process.env.PDF_LIB ?? ".", "package.json"));
const puppeteer = require("puppeteer-core");
const axe = require("axe-core").source;

const [chromium, folder] = process.argv.slice(2);
const browser = await puppeteer.launch({ executablePath: chromium, args: ["--no-sandbox", "--disable-gpu"] });

/** A page as it is opened, with what went wrong on the way, every request, and every question it puts. */
async function opened(file) {
  const page = await browser.newPage();
  const messages = [];
  page.on("console", (said) => messages.push(said.text()));
  page.on("pageerror", (error) => messages.push(String(error)));
  page.on("dialog", (asked) => { messages.push(`asks “${asked.message()}”`); asked.dismiss(); });
  page.on("request", (asked) => {
    if (!asked.url().startsWith("file:")) messages.push(`asks for ${asked.url()}`);
  });
  await page.setViewport({ width: 1280, height: 900 });
  await page.goto(pathToFileURL(path.resolve(folder, file)).href);
  return { page, messages };
}

/** What axe-core calls serious or worse, run outside the page's own rules for scripts. */
async function faults(page) {
  const session = await page.createCDPSession();
  const { frameTree } = await session.send("Page.getFrameTree");
  const { executionContextId } = await session.send("Page.createIsolatedWorld", { frameId: frameTree.frame.id });
  const run = (expression) =>
    session.send("Runtime.evaluate", { expression, contextId: executionContextId, awaitPromise: true, returnByValue: true });
  await run(axe);
  const { result } = await run(
    "axe.run().then((found) => found.violations.filter((v) => ['serious', 'critical'].includes(v.impact)).map((v) => v.id + ': ' + v.nodes[0].html))",
  );
  return result.value;
}

const shown = (page) => page.$$eval("#rows tbody tr:not([hidden]) th", (cells) => cells.map((cell) => cell.textContent));
const told = (page) => page.$eval("#found", (it) => it.textContent);

const report = { pages: {} };
for (const file of ["index.html", "plans.html", "audits/needs.html", "audits/self-check.html"]) {
  const { page, messages } = await opened(file);
  await page.setViewport({ width: 640, height: 450 });
  const overflows = await page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth + 1);
  await page.setViewport({ width: 1280, height: 900 });
  report.pages[file] = { messages, faults: await faults(page), overflows };
}

// A number of a group opens the plans behind it: found and followed with the keyboard alone.
const { page, messages } = await opened("index.html");
const link = await page.evaluate(() => {
  const first = document.querySelector('a[href^="audits/"][href*="#site="]');
  first.focus();
  return { number: Number(first.textContent), site: decodeURIComponent(first.hash.split("=")[1]) };
});
await Promise.all([page.waitForNavigation(), page.keyboard.press("Enter")]);
report.number = link.number;
report.opened = new Set(await shown(page)).size;
report.chosen = (await page.$eval("#way-site", (it) => it.value)) === link.site;
report.told = await told(page);

// The filters of that page, by keyboard: all sites again, then one learner.
await page.focus("#way-site");
await page.keyboard.press("Home");
report.all = await told(page);
const wanted = (await shown(page))[0];
await page.focus("#find");
await page.keyboard.type(wanted);
report.found = [...new Set(await shown(page))];
report.wanted = wanted;

// Numbers that count what a plan is marked with open those plans, and all of them again by one button.
const marked = await opened("index.html");
report.marks = [];
for (const wanted of ["asked=yes", "looked=2", "sampled=yes", "no=", "partly="]) {
  await marked.page.goto(pathToFileURL(path.resolve(folder, "index.html")).href);
  const number = await marked.page.evaluate((mark) => {
    const link = [...document.querySelectorAll(`a[href*="${mark}"]`)].find((it) => it.href.includes("plans.html"));
    link.focus();
    return parseInt(link.textContent, 10);
  }, wanted);
  await Promise.all([marked.page.waitForNavigation(), marked.page.keyboard.press("Enter")]);
  report.marks.push([wanted, number, (await shown(marked.page)).length]);
}
await marked.page.focus("#all");
await marked.page.keyboard.press("Enter");
report.everybody = await told(marked.page);

// Print preview: what a meeting gets on paper.
const paper = await opened("index.html");
const pdf = await paper.page.pdf({ format: "A4", tagged: true });
report.pdf = { bytes: pdf.length, pages: (Buffer.from(pdf).toString("latin1").match(/\/Type\s*\/Page\b/g) ?? []).length };
await paper.page.emulateMediaType("print");
report.toolsOnPaper = await paper.page.$$eval(".tools", (all) => all.filter((it) => getComputedStyle(it).display !== "none").length);
report.messages = messages;
await browser.close();
console.log(JSON.stringify(report, null, 1));
