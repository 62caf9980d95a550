import { useEffect } from "preact/hooks";

import { t } from "../i18n";
import { edit, redo, undo } from "../state/editor";
import { addPhotos, lookAgain } from "../state/photos";
import { connection, returns, schema, tokenWanted } from "../state/session";
import { solving } from "../state/solving";
import { Creating } from "./creating";
import { Header } from "./header";
import { imagesOf } from "./intake";
import { openLinked } from "./share-link";
import { Start } from "./start";
import { ConnectionBanner, Toasts } from "./toast";
import { TokenDialog } from "./token-dialog";
import { Workbench } from "./workbench";

export function App() {
  useEffect(() => {
    document.addEventListener("keydown", shortcut);
    document.addEventListener("paste", pasted);
    return () => {
      document.removeEventListener("keydown", shortcut);
      document.removeEventListener("paste", pasted);
    };
  }, []);
  useEffect(() => {
    if (schema.value) void openLinked();
    lookAgain();
  }, [schema.value, returns.value]);

  return (
    <>
      <a class="skip" href="#main">
        {t("skip")}
      </a>
      <Header />
      <ConnectionBanner />
      <main id="main" tabIndex={-1}>
        <Place />
      </main>
      <Toasts />
      {tokenWanted.value && <TokenDialog />}
    </>
  );
}

function Place() {
  if (solving.value?.kind === "create") return <Creating />;
  if (edit.value && schema.value) return <Workbench />;
  if (!schema.value && connection.value !== "down") return <div class="waiting" aria-busy="true" />;
  return <Start />;
}

const writes = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && target.matches("input:not([type=range],[type=radio],[type=checkbox]), textarea");

function shortcut(event: KeyboardEvent): void {
  if (!edit.value || solving.value || writes(event.target) || !(event.ctrlKey || event.metaKey)) return;
  const key = event.key.toLowerCase();
  const back = key === "z" && !event.shiftKey;
  const on = key === "y" || (key === "z" && event.shiftKey);
  if (!back && !on) return;
  event.preventDefault();
  if (back) undo();
  else redo();
}

function pasted(event: ClipboardEvent): void {
  const images = imagesOf(event.clipboardData);
  if (images.length === 0 || edit.value || solving.value) return;
  event.preventDefault();
  addPhotos(images);
}
