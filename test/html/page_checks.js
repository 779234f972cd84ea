// SPDX-License-Identifier: MIT
//
// What test/html/browser.py asks of a page while it is shown: an object of functions, each of which
// returns a list of complaints.
({
  // Text that leaves its box or the screen, is cut off, or lies upon other text.
  layout() {
    const found = [];
    const boxes = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const isClipped = (element) => element !== null &&
      (getComputedStyle(element).clipPath.startsWith("inset") || isClipped(element.parentElement));
    const isHidden = (element) => !element.checkVisibility() || isClipped(element) ||
      element.closest(".skip, script, style, option, .shared");
    while (walker.nextNode()) {
      const text = walker.currentNode.textContent.trim();
      const element = walker.currentNode.parentElement;
      if (text === "" || isHidden(element)) {
        continue;
      }
      const range = document.createRange();
      range.selectNodeContents(walker.currentNode);
      const scrolls = element.closest(".scroll");
      for (const box of range.getClientRects()) {
        if (box.width < 1) {
          continue;
        }
        const right = scrolls ? Infinity : document.documentElement.clientWidth;
        if (box.left < -1 || box.right > right + 1) {
          found.push(`off the screen: "${text}" ${box.left}..${box.right}`);
        }
        const cell = element.closest("td, th, li, dd, .s, .f, button, summary, figure, p");
        if (cell && !scrolls && !element.closest("svg")) {
          const edge = cell.getBoundingClientRect();
          if (box.left < edge.left - 1 || box.right > edge.right + 1) {
            found.push(`out of its box: "${text}"`);
          }
        }
        boxes.push({ text, element, box });
      }
    }
    for (const element of document.querySelectorAll("select, input, button")) {
      if (element.checkVisibility() && element.scrollWidth > element.clientWidth + 1) {
        found.push(`cut off: ${element.id}`);
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
  },

  // How far text and what is behind it are apart, as WCAG 2 counts: 4.5 at least.
  contrast() {
    const light = (color) => {
      const [r, g, b] = color.match(/[\d.]+/g).map(Number).map((c) => c / 255)
        .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const behind = (element) => {
      const color = getComputedStyle(element).backgroundColor;
      return color === "rgba(0, 0, 0, 0)" ? behind(element.parentElement) : color;
    };
    const found = new Set();
    for (const element of document.querySelectorAll("body *:not(.skip):not(svg *)")) {
      const own = Array.from(element.childNodes).some((node) =>
        node.nodeType === Node.TEXT_NODE && node.textContent.trim() !== "");
      if (!own || !element.checkVisibility()) {
        continue;
      }
      const pair = [light(getComputedStyle(element).color), light(behind(element))]
        .sort((a, b) => b - a);
      const ratio = (pair[0] + 0.05) / (pair[1] + 0.05);
      if (ratio < 4.5) {
        found.add(`${element.tagName}.${element.className}: ${ratio.toFixed(1)}`);
      }
    }
    return Array.from(found);
  },

  // What a screen reader steers by: one h1, no heading level left out, tables with headings, pictures
  // with a text or hidden, fields with a label.
  structure() {
    const found = [];
    let level = 0;
    for (const heading of document.querySelectorAll("h1, h2, h3, h4")) {
      const here = Number(heading.tagName[1]);
      if (here > level + 1) {
        found.push(`${heading.tagName} "${heading.textContent}" below h${level}`);
      }
      level = here;
    }
    const complain = (selector, fits, what) => {
      for (const element of document.querySelectorAll(selector)) {
        if (!fits(element)) {
          found.push(`${what}: ${element.outerHTML.slice(0, 80)}`);
        }
      }
    };
    if (document.querySelectorAll("h1").length !== 1 || !document.documentElement.lang) {
      found.push("not one h1, or no language");
    }
    complain("table", (table) => table.querySelector("th[scope=col]"), "no headings");
    complain("svg", (svg) => svg.closest("[aria-hidden=true]") || svg.getAttribute("aria-label"),
      "no text");
    complain("input, select", (field) => field.labels.length > 0, "no label");
    complain("section", (section) =>
      document.getElementById(section.getAttribute("aria-labelledby")), "no name");
    return found;
  }
})
