/** What is shown where there is no model: what to do next. */
import { html, nothing, type TemplateResult } from "lit";
import type { ToPage } from "../pageMessages.ts";
import type { Page } from "./page.ts";

export function empty(page: Page, { text, files }: ToPage & { kind: "empty" }): TemplateResult {
  const found = files && files.length > 0;
  return html`<div class="welcome">
    <p data-testid="empty">${text}</p>
    ${
      found
        ? html`<h2>Files with models</h2>
          <ul class="files">${files.map(
            ({ uri, name, models }) => html`<li>
              <button class="link" type="button" @click=${() => page.send({ kind: "open", uri })}>${name}</button>
              <span class="quiet small">${models.slice(0, 3).join(", ")}${models.length > 3 ? `, ${models.length - 3} more` : ""}</span></li>`,
          )}</ul>`
        : html`<p class="quiet">${files ? "No file of this workspace defines a PyTorch model." : "Looking for models in this workspace …"}</p>`
    }
    ${
      files
        ? html`<vscode-button ?secondary=${found ?? nothing} data-testid="sample" @click=${() => page.send({ kind: "sample" })}>Open a Sample</vscode-button>`
        : nothing
    }
  </div>`;
}
