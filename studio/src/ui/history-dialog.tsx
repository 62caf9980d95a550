import { Trash2 } from "lucide-preact";

import { t } from "../i18n";
import { available, entries, forget, forgetAll, rename } from "../state/library";
import { openDocument } from "./importing";
import { Button, Dialog, IconButton } from "./kit";
import { EntryPicture, nameOf } from "./recent";

export function HistoryDialog({ onClose }: { onClose: () => void }) {
  const found = entries.value;
  return (
    <Dialog title={t("history")} onClose={onClose} wide>
      <p class="soft">{t(available.value ? "historyText" : "historyMissing")}</p>
      {found.length === 0 ? (
        <p class="nothing">{t("historyEmpty")}</p>
      ) : (
        <ul class="history">
          {found.map((entry) => (
            <li key={entry.id}>
              <button
                type="button"
                class="face"
                aria-label={t("openEntry", { name: nameOf(entry) })}
                onClick={() => void openDocument(entry.document).then((opened) => opened && onClose())}
              >
                <EntryPicture entry={entry} />
              </button>
              <input
                aria-label={t("name")}
                value={entry.name}
                placeholder={nameOf(entry)}
                maxLength={60}
                onChange={(event) => void rename(entry.id, event.currentTarget.value.trim())}
              />
              <IconButton icon={Trash2} label={t("forget", { name: nameOf(entry) })} onClick={() => void forget(entry.id)} />
            </li>
          ))}
        </ul>
      )}
      {found.length > 0 && (
        <div class="actions">
          <Button kind="danger" icon={Trash2} onClick={() => void forgetAll()}>
            {t("forgetAll")}
          </Button>
        </div>
      )}
    </Dialog>
  );
}
