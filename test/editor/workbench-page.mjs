// What a person does in the VS Code window, for Playwright. Every helper waits for the effect it names.
import { mkdir } from "node:fs/promises";
import path from "node:path";
import { launchChromium, remoteUri, startVsCode, workbenchUrl } from "./vscode-host.mjs";

/** @typedef {import("playwright-core").Page} Page */

/** Where screenshots and logs go. */
export const evidence = ".vscode-e2e/ui";

/**
 * A VS Code window on a copy of a workspace, with this project as the extension under development.
 * @param {{ file?: string, workspace?: string, settings?: Record<string, unknown> }} options `file` is opened at once
 */
export async function openWindow({ file, workspace = "test/editor/workspace", settings } = {}) {
  await mkdir(evidence, { recursive: true });
  const vscode = await startVsCode({
    workspace: path.resolve(workspace),
    logFile: path.resolve(evidence, "server.log"),
    settings: settings ?? {},
  });
  /** @type {import("playwright-core").Browser | undefined} */
  let browser;
  const close = async () => {
    await browser?.close();
    await vscode.stop();
  };
  try {
    browser = await launchChromium();
    const page = await openWorkbench(browser, vscode, { extension: ".", file });
    /** @param {string} name */
    const screenshot = (name) => page.screenshot({ path: path.join(evidence, `${name}.png`) });
    return { page, folder: vscode.folder, screenshot, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/**
 * Opens the workbench with an extension under development (or none) and, if given, a file of the workspace.
 * @param {import("playwright-core").Browser} browser
 * @param {{ authority: string, folder: string }} vscode
 * @param {{ extension?: string, file?: string }} options
 */
export async function openWorkbench(browser, vscode, { extension, file } = {}) {
  const context = await browser.newContext({ viewport: { width: 1400, height: 900 } });
  const page = await context.newPage();
  const payload = [];
  if (extension) payload.push(["extensionDevelopmentPath", remoteUri(vscode.authority, extension)]);
  if (file) payload.push(["openFile", remoteUri(vscode.authority, `${vscode.folder}/${file}`)]);
  await page.goto(workbenchUrl(vscode.authority, vscode.folder, payload));
  await page.locator(".monaco-workbench").waitFor({ timeout: 60_000 });
  if (file) await page.locator(".monaco-editor .view-line").first().waitFor({ timeout: 60_000 });
  return page;
}

/**
 * The text of the hover that appears over a word in the editor and contains `expected`.
 * @param {Page} page
 * @param {string} word
 * @param {string} expected
 */
export async function hoverText(page, word, expected) {
  const target = page.locator(".monaco-editor .view-line span").getByText(word, { exact: true }).first();
  const hover = page.locator(".monaco-hover:visible .hover-contents", { hasText: expected }).first();
  // The first hovers may come before the extension has registered its provider: move away and try again.
  for (let attempt = 0; ; attempt++) {
    await target.hover();
    try {
      await hover.waitFor({ timeout: 3_000 });
      return (await hover.innerText()).trim();
    } catch (error) {
      if (attempt === 9) throw error;
      await page.mouse.move(5, 5);
    }
  }
}

/**
 * The titles of the CodeLenses shown, once one contains `expected`.
 * @param {Page} page
 * @param {string} expected
 */
export async function codeLenses(page, expected) {
  await page.locator(".codelens-decoration", { hasText: expected }).first().waitFor({ timeout: 30_000 });
  return page.locator(".codelens-decoration").allInnerTexts();
}

/**
 * Puts the cursor on a word, opens the quick fix menu and picks an entry.
 * @param {Page} page
 * @param {string} word
 * @param {string} title
 */
export async function applyQuickFix(page, word, title) {
  await page.locator(".monaco-editor .view-line span").getByText(word, { exact: true }).first().click();
  await page.keyboard.press("Control+.");
  const entry = page.locator(".action-widget .action", { hasText: title }).first();
  await entry.waitFor({ timeout: 15_000 });
  // By keyboard: the menu lies under a layer that blocks the pointer until the mouse has moved.
  const chosen = page.locator(".action-widget .action.focused", { hasText: title });
  for (let step = 0; step < 20 && (await chosen.count()) === 0; step++) await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
}

/**
 * Runs a command by its title through the command palette.
 * @param {Page} page
 * @param {string} title
 */
export async function runCommand(page, title) {
  await page.keyboard.press("F1");
  const input = page.locator(".quick-input-widget input.input");
  await input.waitFor({ timeout: 10_000 });
  await input.fill(`>${title}`);
  await page.locator(".quick-input-list .monaco-list-row", { hasText: title }).first().click();
}

/**
 * Clicks an icon of the activity bar and returns the contents of the webview that opens.
 * @param {Page} page
 * @param {string} containerTitle
 */
export async function openSidebarWebview(page, containerTitle) {
  await page.locator(`.activitybar .action-item a[aria-label^="${containerTitle}"]`).click();
  return webviewContents(page);
}

/**
 * The document inside a webview: VS Code nests the extension's HTML two iframes deep.
 * @param {Page} page
 */
export function webviewContents(page) {
  return page.frameLocator("iframe.webview.ready").frameLocator("iframe#active-frame");
}
