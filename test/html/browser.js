// SPDX-License-Identifier: MIT
//
// The HTML report in a real browser: node browser.js FLOWSTATE PCAPS [SHOTS]
// FLOWSTATE is the program, PCAPS the folder of captures; with SHOTS screenshots are left there.
// Exit status 77 means that Chromium or playwright-core is missing. NODE_PATH says where to look for
// the latter, CHROMIUM names the browser.
"use strict";

const assert = require("node:assert/strict");
const { execFileSync } = require("node:child_process");
const fs = require("node:fs");
const os = require("node:os");
const path = require("node:path");

const [flowstate, pcaps, shots] = process.argv.slice(2);
const executablePath = process.env.CHROMIUM || "/usr/bin/chromium";
const WIDTHS = [360, 600, 768, 1024, 1280, 1920];
const CAPTURES = ["mixed.pcap", "ipv6.pcap", "zero-window.pcap", "scenarios/data-after-fin.pcap",
  "scenarios/unseen-new-life.pcap", "scenarios/rst-out-of-window.pcap"];

function skip(reason) {
  console.log(`skipped: ${reason}`);
  process.exit(77);
}

function playwright() {
  try {
    return require("playwright-core");
  } catch {
    return skip("playwright-core is not installed (npm install playwright-core; NODE_PATH)");
  }
}

if (!fs.existsSync(executablePath)) {
  skip(`${executablePath} is missing (apt-get install chromium, or set CHROMIUM)`);
}
const { chromium } = playwright();
const folder = fs.mkdtempSync(path.join(os.tmpdir(), "flowstate-html-"));

function report(capture) {
  const page = path.join(folder, `${path.basename(capture, ".pcap")}.html`);
  execFileSync(flowstate, ["report", "-r", path.join(pcaps, capture), "-o", `html:${page}`]);
  return page;
}

// A page from disk that fails the test if the browser has anything to say or to ask for.
async function open(browser, file, options = {}) {
  const page = await browser.newPage(options);
  const complaints = [];
  page.on("console", (message) => complaints.push(`console: ${message.text()}`));
  page.on("pageerror", (error) => complaints.push(`error: ${error}`));
  page.on("request", (request) => {
    if (request.url() !== `file://${file}`) {
      complaints.push(`request: ${request.url()}`);
    }
  });
  await page.goto(`file://${file}`);
  page.complaints = complaints;
  return page;
}

async function close(page, name) {
  assert.deepEqual(page.complaints, [], name);
  await page.close();
}

function visible(page) {
  return page.$$eval("#list > tbody", (bodies) =>
    bodies.filter((body) => body.checkVisibility()).map((body) => body.id));
}

async function filters(browser, file) {
  const page = await open(browser, file);
  const all = await visible(page);
  assert.equal(await page.textContent("#shown"), `${all.length} of ${all.length} shown`);
  await page.selectOption("#ended", "reset");
  assert.deepEqual(await visible(page), ["c5"]);
  await page.click("button[type=reset]");
  await page.waitForFunction((count) => document.getElementById("shown").value.startsWith(count),
    `${all.length} `);
  await page.selectOption("#state", "SYN-SENT");
  assert.deepEqual(await visible(page), ["c6"]);
  await page.selectOption("#state", "");
  await page.selectOption("#finding", "half-close-data");
  assert.deepEqual(await visible(page), ["c3"]);
  await page.selectOption("#finding", "anomaly");
  await page.fill("#text", "8006 no answer");
  assert.deepEqual(await visible(page), ["c6"]);
  assert.equal(await page.textContent("#shown"), `1 of ${all.length} shown`);
  await page.fill("#text", "no such thing");
  assert.deepEqual(await visible(page), []);
  assert.ok(await page.isVisible("#none"));
  await page.fill("#text", "");
  await page.selectOption("#finding", "");
  assert.deepEqual(await visible(page), all);
  await close(page, "filters");
}

async function unfolding(browser, file) {
  const page = await open(browser, file);
  assert.ok(!(await page.isVisible("#c1 .ladder")));
  await page.click("#c1 summary");
  assert.ok(await page.isVisible("#c1 .ladder"));
  assert.ok(await page.isVisible("#c1 svg.fsm"));
  await page.focus("#c2 summary");
  await page.keyboard.press("Enter");
  assert.ok(await page.isVisible("#c2 .ladder"));
  await page.click('.rule a[href="#c3"]');
  await page.waitForSelector("#c3 .ladder", { state: "visible" });
  await page.fill("#text", "8004");
  await page.click("#unfold");
  assert.ok(await page.isVisible("#c4 .ladder"));
  await page.fill("#text", "");
  assert.ok(!(await page.isVisible("#c5 .ladder")));
  await close(page, "unfolding");
}

async function withoutScripts(browser, file) {
  const page = await open(browser, file, { javaScriptEnabled: false });
  assert.ok(!(await page.isVisible("#filter")));
  assert.ok(await page.isVisible("#c8"));
  await page.click("#c1 summary");
  assert.ok(await page.isVisible("#c1 .ladder"));
  await close(page, "without scripts");
}

// In the page: text that leaves its box, the screen, or lies upon other text.
function faults() {
  const found = [];
  const boxes = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const hiddenFromEyes = (element) => element.closest(".skip, .ladder i, script, style, option, " +
    ".shared") || !element.checkVisibility();
  while (walker.nextNode()) {
    const text = walker.currentNode.textContent.trim();
    const element = walker.currentNode.parentElement;
    if (text === "" || hiddenFromEyes(element) ||
        (innerWidth <= 1050 && element.closest("#list > thead"))) {
      continue;
    }
    const range = document.createRange();
    range.selectNodeContents(walker.currentNode);
    for (const box of range.getClientRects()) {
      if (box.width < 1) {
        continue;
      }
      const scrolls = element.closest(".scroll");
      const right = scrolls ? Infinity : document.documentElement.clientWidth;
      if (box.left < -1 || box.right > right + 1) {
        found.push(`off the screen: "${text}" ${box.left}..${box.right}`);
      }
      const cell = element.closest("td, th, .s, .f, button");
      if (cell && !scrolls && !element.closest("svg")) {
        const edge = cell.getBoundingClientRect();
        if (box.left < edge.left - 1 || box.right > edge.right + 1) {
          found.push(`out of its cell: "${text}"`);
        }
      }
      boxes.push({ text, element, box });
    }
  }
  boxes.sort((a, b) => a.box.top - b.box.top);
  boxes.forEach((one, i) => {
    for (let j = i + 1; j < boxes.length && boxes[j].box.top < one.box.bottom - 3; j++) {
      const two = boxes[j];
      if (Math.min(one.box.right, two.box.right) - Math.max(one.box.left, two.box.left) > 1.5 &&
          Math.min(one.box.bottom, two.box.bottom) - two.box.top > 3 &&
          one.element !== two.element) {
        found.push(`"${one.text}" lies upon "${two.text}"`);
      }
    }
  });
  if (document.documentElement.scrollWidth > innerWidth) {
    found.push(`the page is ${document.documentElement.scrollWidth} wide`);
  }
  return found;
}

// In the page: how far text and what is behind it are apart, as WCAG counts.
function contrasts() {
  const light = (color) => {
    const [r, g, b] = color.match(/[\d.]+/g).map(Number).map((c) => c / 255)
      .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (element) => {
    const color = getComputedStyle(element).backgroundColor;
    return color === "rgba(0, 0, 0, 0)" ? behind(element.parentElement) : color;
  };
  return ["body", "header p", ".facts li", "a:not(.skip)", ".rule p", ".rule span", "cite", ".s",
    ".s.g", ".f", "#filter label", "#filter button", "td.q", ".a small", ".a b", ".why li"]
    .flatMap((selector) => {
      const element = document.querySelector(selector);
      if (!element) {
        return [];
      }
      const pair = [light(getComputedStyle(element).color), light(behind(element))]
        .sort((a, b) => b - a);
      const ratio = (pair[0] + 0.05) / (pair[1] + 0.05);
      return ratio < 4.5 ? [`${selector}: ${ratio.toFixed(1)}`] : [];
    });
}

async function looks(browser, file, width, colorScheme) {
  const page = await open(browser, file, { viewport: { width, height: 900 }, colorScheme });
  const name = `${path.basename(file, ".html")}-${width}-${colorScheme}`;
  await page.$$eval("details", (all) => all.forEach((details) => (details.open = true)));
  assert.deepEqual(await page.evaluate(faults), [], name);
  assert.deepEqual(await page.evaluate(contrasts), [], name);
  const dark = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  assert.equal(dark !== "rgb(255, 255, 255)", colorScheme === "dark", name);
  if (shots) {
    await page.screenshot({ path: path.join(shots, `${name}.png`), fullPage: true });
  }
  await close(page, name);
}

async function printing(browser, file) {
  const page = await open(browser, file, { viewport: { width: 780, height: 1100 } });
  await page.click("#c1 summary");
  await page.emulateMedia({ media: "print" });
  assert.ok(!(await page.isVisible("#filter")));
  assert.ok(await page.isVisible("#c1 .ladder"));
  assert.deepEqual(await page.evaluate(faults), [], "printed");
  await close(page, "printing");
}

async function main() {
  const files = CAPTURES.map(report);
  const browser = await chromium.launch({
    executablePath,
    args: ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
      "--disable-background-networking", "--disable-component-update", "--disable-sync"]
  });
  try {
    await filters(browser, files[0]);
    await unfolding(browser, files[0]);
    await withoutScripts(browser, files[0]);
    await printing(browser, files[0]);
    for (const file of files) {
      for (const width of file === files[0] ? WIDTHS : [360, 1280]) {
        for (const scheme of ["light", "dark"]) {
          await looks(browser, file, width, scheme);
        }
      }
    }
  } finally {
    await browser.close();
  }
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
}).finally(() => fs.rmSync(folder, { recursive: true }));
