/** Characters from files and from saved entries: opened where they fit, carried over by the server where they do not. */

import type { CharacterDocument } from "../api/types";
import { documentValues, isDocument } from "../api/wire";
import { problem, t } from "../i18n";
import { open } from "../state/editor";
import { bundle, client, schema, watched } from "../state/session";
import { findingOf } from "../state/solving";
import { say } from "./toast";

export async function importFile(file: Blob): Promise<void> {
  let found: unknown;
  try {
    found = JSON.parse(await file.text());
  } catch {
    return say(t("noCharacter"));
  }
  if (!isDocument(found)) return say(t("noCharacter"));
  await openDocument(found);
}

export async function openDocument(document: CharacterDocument): Promise<boolean> {
  const sliders = schema.value;
  if (!sliders) return false;
  const same = document.schema.hash === sliders.hash || document.schema.identity === sliders.identity;
  if (same) {
    open(sliders, documentValues(document), document);
    return true;
  }
  try {
    const carried = await watched(() => client.migrate(document, bundle.value));
    open(sliders, documentValues(carried), carried);
    say(t("carriedOver", { name: document.schema.name }));
    return true;
  } catch (error) {
    const { message, remedy } = problem(findingOf(error));
    say(`${message} ${remedy}`);
    return false;
  }
}
