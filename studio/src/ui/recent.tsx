import { useEffect, useState } from "preact/hooks";

import { t } from "../i18n";
import { entries, type Entry } from "../state/library";
import { language } from "../state/settings";
import { schema } from "../state/session";
import { openDocument } from "./importing";

/** The latest characters of this browser, to go on with. */
export function Recent() {
  if (!schema.value || entries.value.length === 0) return null;
  return (
    <section class="strangers" aria-labelledby="recent">
      <h2 id="recent">{t("recent")}</h2>
      <div class="faces">
        {entries.value.slice(0, 6).map((entry) => (
          <button
            key={entry.id}
            type="button"
            class="face"
            aria-label={t("openEntry", { name: nameOf(entry) })}
            onClick={() => void openDocument(entry.document)}
          >
            <EntryPicture entry={entry} />
            <span class="face-name">{nameOf(entry)}</span>
          </button>
        ))}
      </div>
    </section>
  );
}

export function nameOf(entry: Entry): string {
  if (entry.name) return entry.name;
  const format = new Intl.DateTimeFormat(language.value, { month: "short", day: "numeric", hour: "numeric", minute: "2-digit" });
  return format.format(entry.time);
}

export function EntryPicture({ entry }: { entry: Entry }) {
  const [url, setUrl] = useState<string>();
  useEffect(() => {
    if (!entry.picture) return undefined;
    const address = URL.createObjectURL(entry.picture);
    setUrl(address);
    return () => URL.revokeObjectURL(address);
  }, [entry.picture]);
  return <span class={url ? "drawing" : "drawing empty"}>{url && <img src={url} alt="" width={128} height={128} />}</span>;
}
