/** Short messages at the page's foot, said by screen readers too. */

import { signal } from "@preact/signals";

import { t } from "../i18n";
import { connection, starting } from "../state/session";

const message = signal("");
let timer: ReturnType<typeof setTimeout> | undefined;

export function say(text: string): void {
  message.value = text;
  clearTimeout(timer);
  timer = setTimeout(() => (message.value = ""), 4000);
}

export function Toasts() {
  return (
    <div class="toasts" role="status" aria-live="polite">
      {message.value && <p class="toast">{message.value}</p>}
    </div>
  );
}

/** Says that the server is gone, for as long as it is. */
export function ConnectionBanner() {
  return (
    <div role="alert" class="banner-place">
      {connection.value === "down" && (
        <p class="banner">
          <span class="pulse" aria-hidden="true" />
          {t(starting.value ? "serverStarting" : "serverGone")}
        </p>
      )}
    </div>
  );
}
