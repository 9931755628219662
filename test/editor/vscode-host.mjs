// Starts a real VS Code (server plus headless Chromium page) for tests.
import { spawn } from "node:child_process";
import { createWriteStream, rmSync } from "node:fs";
import { cp, mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { chromium } from "playwright-core";
import { installVsCode } from "./install-vscode.mjs";

/** User settings that keep the workbench quiet, offline and the same on every run. */
const quietSettings = {
  "chat.disableAIFeatures": true,
  "editor.hover.delay": 100,
  "extensions.autoCheckUpdates": false,
  "extensions.autoUpdate": false,
  "extensions.ignoreRecommendations": true,
  "git.enabled": false,
  "json.schemaDownload.enable": false,
  "security.workspace.trust.enabled": false,
  "telemetry.telemetryLevel": "off",
  "update.mode": "none",
  "workbench.enableExperiments": false,
  "workbench.secondarySideBar.defaultVisibility": "hidden",
  "workbench.startupEditor": "none",
  "workbench.tips.enabled": false,
};

/** Process groups and folders in use now; they go when this process ends, however it ends. */
const runningGroups = new Set();
const temporaryFolders = new Set();
process.on("exit", () => {
  runningGroups.forEach(killGroup);
  temporaryFolders.forEach(removeFolder);
});
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.once(signal, () => process.exit(1));

/**
 * A running VS Code server with folders of its own and a copy of the fixture workspace.
 * @param {object} options
 * @param {string} options.workspace folder to copy and open
 * @param {Record<string, unknown>} [options.settings] user settings
 * @param {string[]} [options.vsix] packaged extensions to install first
 * @param {Record<string, string>} [options.env] variables for the server and the extension host
 * @param {string} options.logFile where everything that the server prints goes
 */
export async function startVsCode({ workspace, settings = {}, vsix = [], env = {}, logFile }) {
  const { node, serverMain } = await installVsCode();
  const root = await mkdtemp(path.join(tmpdir(), "vscode-e2e-"));
  temporaryFolders.add(root);
  const dataFolder = path.join(root, "server");
  const folder = path.join(root, "workspace");
  await cp(workspace, folder, { recursive: true });
  await mkdir(path.join(dataFolder, "data", "User"), { recursive: true });
  await writeFile(
    path.join(dataFolder, "data", "User", "settings.json"),
    JSON.stringify({ ...quietSettings, ...settings }, undefined, 2),
  );
  await mkdir(path.dirname(logFile), { recursive: true });
  const log = createWriteStream(logFile);
  const temporary = path.join(root, "tmp");
  await mkdir(temporary);

  const serverEnvironment = {
    ...process.env,
    ...env,
    TMPDIR: temporary, // for the server's sockets, which SIGKILL leaves behind
    XDG_RUNTIME_DIR: temporary,
    EXTENSIONS_GALLERY: '{"serviceUrl":""}', // read by code-server: no extension marketplace
  };
  const commonArguments = [
    serverMain,
    "--server-data-dir",
    dataFolder,
    "--accept-server-license-terms",
    "--telemetry-level",
    "off",
  ];

  /** @type {import('node:child_process').ChildProcess[]} */
  const started = [];
  const launch = (extra) => {
    const child = spawn(node, [...commonArguments, ...extra], {
      cwd: root,
      env: serverEnvironment,
      stdio: ["ignore", "pipe", "pipe"],
      detached: true, // a process group of its own, so that stop() also ends the extension hosts
    });
    child.stdout.pipe(log, { end: false });
    child.stderr.pipe(log, { end: false });
    started.push(child);
    runningGroups.add(child.pid);
    return child;
  };

  const stop = async () => {
    await Promise.all(started.map(stopGroup));
    log.end();
    removeFolder(root);
    temporaryFolders.delete(root);
  };

  try {
    for (const file of vsix) {
      const code = await exitCode(launch(["--install-extension", path.resolve(file), "--force"]));
      if (code !== 0) throw new Error(`Installing ${file} failed with code ${code}; see ${logFile}`);
    }
    const server = launch([
      "--host",
      "127.0.0.1",
      "--port",
      "0",
      "--without-connection-token",
      "--disable-workspace-trust",
      "--enable-smoke-test-driver", // without it a built VS Code ignores extensionDevelopmentPath and extensionTestsPath
      // Should this process be killed with no chance to clean up, the server ends by itself some minutes later.
      "--reconnection-grace-time",
      "30",
      "--enable-remote-auto-shutdown",
    ]);
    const port = await listeningPort(server, logFile);
    return { authority: `127.0.0.1:${port}`, folder, dataFolder, server, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The page address of a workbench; `payload` holds VS Code's own web options, such as extensionTestsPath. */
export function workbenchUrl(authority, folder, payload = []) {
  const url = new URL(`http://${authority}/`);
  url.searchParams.set("folder", folder);
  url.searchParams.set("payload", JSON.stringify([["skipWelcome", "true"], ...payload]));
  return url.href;
}

/** A file on the server, as the workbench names it. */
export function remoteUri(authority, file) {
  return `vscode-remote://${authority}${path.resolve(file)}`;
}

/** Debian's Chromium, headless, able to reach this machine only. */
export function launchChromium() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    headless: true,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
    ],
  });
}

async function listeningPort(server, logFile) {
  let output = "";
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`VS Code server did not start; see ${logFile}`)), 60_000);
    server.once("error", reject);
    server.once("exit", (code) => reject(new Error(`VS Code server exited with ${code}; see ${logFile}`)));
    server.stdout.on("data", (chunk) => {
      output += chunk;
      const match = /Extension host agent listening on (\d+)/.exec(output);
      if (match && /Extension host agent started/.test(output)) {
        clearTimeout(timer);
        server.removeAllListeners("exit");
        resolve(Number(match[1]));
      }
    });
  });
}

function exitCode(child) {
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", resolve);
  });
}

async function stopGroup(child) {
  if (!killGroup(child.pid)) return;
  if (child.exitCode === null && child.signalCode === null) await new Promise((resolve) => child.once("exit", resolve));
  runningGroups.delete(child.pid);
}

/** Ends a group that launch() made; false when it is gone already. */
function killGroup(pid) {
  try {
    return process.kill(-pid, "SIGKILL");
  } catch {
    return false;
  }
}

function removeFolder(folder) {
  rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
}
