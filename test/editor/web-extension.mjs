// Serves an extension folder over HTTP and has the workbench load it as a web extension under development, the way
// @vscode/test-web does. (An extension on the vscode-remote:// scheme can run in the web worker too, by the setting
// remote.extensionKind, but VS Code refuses it nested workers, which a language server in a browser needs.)
import { readFile } from "node:fs/promises";
import http from "node:http";
import path from "node:path";

const contentTypes = {
  ".css": "text/css",
  ".js": "text/javascript",
  ".json": "application/json",
  ".map": "application/json",
  ".svg": "image/svg+xml",
  ".wasm": "application/wasm",
};

/** @returns {Promise<{ authority: string, close: () => void }>} */
export async function serveExtension(folder) {
  const root = path.resolve(folder);
  const server = http.createServer(async (request, response) => {
    const headers = { "access-control-allow-origin": "*", "cross-origin-resource-policy": "cross-origin" };
    const file = path.join(root, path.normalize(decodeURIComponent(new URL(request.url, "http://localhost").pathname)));
    const content = await readFile(file).catch(() => undefined);
    if (content) headers["content-type"] = contentTypes[path.extname(file)] ?? "application/octet-stream";
    response.writeHead(content ? 200 : 404, headers);
    response.end(content);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { authority: `127.0.0.1:${server.address().port}`, close: () => server.close() };
}

/**
 * Adds the served extension and its tests to the workbench's configuration, before its scripts run. Rewriting the
 * page with Playwright's route() instead would cost it its address space: Chromium then blocks its WebSocket.
 */
export async function loadWebExtension(page, authority, testsPath) {
  await page.addInitScript(
    ({ authority, testsPath }) => {
      document.addEventListener("readystatechange", () => {
        const element = document.getElementById("vscode-workbench-web-configuration");
        if (document.readyState !== "interactive" || !element) return;
        const configuration = JSON.parse(element.getAttribute("data-settings"));
        configuration.developmentOptions = {
          ...configuration.developmentOptions,
          extensions: [{ scheme: "http", authority, path: "/" }],
          extensionTestsPath: { scheme: "http", authority, path: testsPath },
        };
        element.setAttribute("data-settings", JSON.stringify(configuration));
      });
    },
    { authority, testsPath },
  );
}
