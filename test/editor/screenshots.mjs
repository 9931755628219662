// Pictures of the report in the real editor, for the README and for those who look: three themes, in the side bar (300 px)
// and in an editor tab (900 px).
//
//   node test/editor/screenshots.mjs [--out FOLDER] [light | dark | contrast ...]
import { mkdir } from "node:fs/promises";
import path from "node:path";
import { parseArgs } from "node:util";
import { openSidebarWebview, openWindow, runCommand } from "./workbench-page.mjs";

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { out: { type: "string", default: ".vscode-e2e/screenshots" } },
});
const themes = {
  light: "Default Light Modern",
  dark: "Default Dark Modern",
  contrast: "Default High Contrast",
};
const scenario = { phase: "train", batch: 8, sequence: 512, dtype: "bf16" };
const settings = Object.fromEntries(Object.entries(scenario).map(([key, value]) => [`assay.scenario.${key}`, value]));

await mkdir(options.out, { recursive: true });
for (const name of positionals.length > 0 ? positionals : Object.keys(themes)) {
  const window = await openWindow({
    file: "gpt.py",
    settings: { ...settings, "workbench.colorTheme": themes[name], "editor.minimap.enabled": false },
  });
  const { page } = window;
  /** Of the window, and of the part of it that the report is in. */
  const picture = async (what, part) => {
    await page.waitForTimeout(700);
    await page.screenshot({ path: path.join(options.out, `${what}-${name}.png`) });
    await part.screenshot({ path: path.join(options.out, `${what}-part-${name}.png`) });
  };
  const sideBar = page.locator(".part.sidebar");
  try {
    await page.setViewportSize({ width: 1400, height: 1000 });
    const view = await openSidebarWebview(page, "Assay");
    await view.getByTestId("icicle").waitFor({ timeout: 60_000 });
    await page.locator(".monaco-editor .view-line").nth(3).click();
    await page.keyboard.press("Control+g");
    await page.locator(".quick-input-widget input.input").fill(":60:9");
    await page.keyboard.press("Enter");
    await view.locator(".layer.lit").first().waitFor();
    await picture("report-sidebar", sideBar);
    await view.getByTestId("growth").evaluate((section) => section.scrollIntoView());
    await view.getByTestId("growth").locator(".chart").first().waitFor({ timeout: 90_000 });
    await view.getByTestId("timeline").evaluate((section) => section.scrollIntoView());
    await picture("report-pictures", sideBar);
    await view.getByTestId("techniques").evaluate((section) => section.scrollIntoView());
    const first = view.getByTestId("techniques").locator("vscode-checkbox").first();
    await first.waitFor({ timeout: 120_000 });
    await first.click();
    await view.getByTestId("what-if").waitFor({ timeout: 90_000 });
    await view.getByTestId("findings").evaluate((section) => section.scrollIntoView());
    await picture("report-advice", sideBar);
    await page.setViewportSize({ width: 1960, height: 1300 });
    await runCommand(page, "Assay: Open Report in Editor");
    const tab = page
      .frameLocator(".editor-group-container iframe.webview.ready, iframe.webview.ready >> nth=1")
      .frameLocator("iframe#active-frame");
    await tab
      .getByTestId("icicle")
      .waitFor({ timeout: 30_000 })
      .catch(() => {});
    await picture("report-tab", page.locator(".editor-group-container").nth(1));
  } finally {
    await window.close();
  }
}
