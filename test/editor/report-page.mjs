// The report's page by itself in headless Chromium: the built script and style, a theme's colours as VS Code gives them,
// and the same policy. Messages are posted as the extension would.
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { launchChromium } from "./vscode-host.mjs";

/** @typedef {import("playwright-core").Page} Page */
/** @typedef {"light" | "dark" | "contrast"} Theme */

/** What VS Code's webview gives to its page. */
const editor = `
window.sent = [];
window.refused = [];
let kept;
window.acquireVsCodeApi = () => ({
  postMessage: (message) => window.sent.push(message),
  getState: () => kept,
  setState: (state) => { kept = state; },
});
document.addEventListener("securitypolicyviolation", (event) => window.refused.push(event.violatedDirective + " " + event.sourceFile));
`;

/**
 * A server for the page's files, and the browser that shows them.
 * @param {(files: { script: string, style: string, source: string, nonce: string, tab: boolean }) => string} html
 */
export async function startReportPage(html) {
  const themes = JSON.parse(readFileSync("test/editor/themes.json", "utf8"));
  const files = {
    "/report.js": ["text/javascript", () => readFileSync("dist/report.js")],
    "/report.css": ["text/css", () => readFileSync("media/report.css")],
    "/editor.js": ["text/javascript", () => editor],
  };
  const server = createServer(({ url }, response) => {
    const file = files[url ?? ""];
    const source = `http://127.0.0.1:${server.address().port}`;
    const page = () =>
      html({
        script: "/report.js",
        style: "/report.css",
        source,
        nonce: "test",
        tab: url === "/tab",
      }).replace("<script", '<script nonce="test" src="/editor.js"></script><script');
    response.setHeader("content-type", file?.[0] ?? "text/html");
    response.end(file ? file[1]() : page());
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(undefined)));
  const browser = await launchChromium();
  return {
    /**
     * The page in a theme and a width, ready for messages.
     * @param {{ theme?: Theme, width?: number, height?: number, tab?: boolean, scale?: number }} options
     */
    async open({ theme = "light", width = 300, height = 900, tab = false, scale = 1 } = {}) {
      const page = await browser.newPage({ viewport: { width, height }, deviceScaleFactor: scale });
      /** @type {string[]} */
      const problems = [];
      page.on("pageerror", ({ message }) => problems.push(message));
      page.on("console", (message) => message.type() === "error" && problems.push(message.text()));
      await page.goto(`http://127.0.0.1:${server.address().port}/${tab ? "tab" : ""}`);
      await page.evaluate(({ body, variables }) => {
        for (const [name, value] of Object.entries(variables)) document.documentElement.style.setProperty(name, value);
        document.body.classList.add(body);
        const ground = document.body.hasAttribute("data-tab") ? "editor" : "sideBar";
        document.body.style.background = `var(--vscode-${ground}-background)`;
      }, themes[theme]);
      return { page, problems };
    },
    async stop() {
      await browser.close();
      server.close();
    },
  };
}

/**
 * Posts a message, and gives the milliseconds until what it changed was painted.
 * @param {Page} page
 * @param {unknown} message
 */
export async function painted(page, message) {
  await hand(page, message);
  return paintHanded(page);
}

/**
 * Gives the page a message that is posted later: what the way there takes is the test's, not the page's.
 * @param {Page} page
 * @param {unknown} message
 */
export async function hand(page, message) {
  await page.evaluate((data) => {
    window.handed = data;
  }, message);
}

/**
 * Posts what was handed over, and gives the milliseconds until it was painted.
 * @param {Page} page
 */
export function paintHanded(page) {
  return page.evaluate(
    () =>
      new Promise((resolve) => {
        let begun = 0;
        window.addEventListener(
          "message",
          () =>
            requestAnimationFrame(() => {
              const { port1, port2 } = new MessageChannel();
              port1.onmessage = () => resolve(performance.now() - begun);
              port2.postMessage(0);
            }),
          { once: true },
        );
        begun = performance.now();
        window.postMessage(window.handed, "*");
      }),
  );
}
