import { t } from "../i18n";
import { documentValues } from "../api/wire";
import { differing } from "../model/schema";
import { answer, edit, take } from "../state/editor";
import { Drawing } from "./drawing";

/** Other readings of the photo to choose from, where the server offers them. */
export function CandidateRow() {
  const candidates = answer.value?.candidates ?? [];
  const origin = edit.value?.origin;
  if (candidates.length < 2 || !origin) return null;
  return (
    <section class="candidates" aria-labelledby="candidates">
      <h2 id="candidates">{t("candidates")}</h2>
      <div class="faces small">
        {candidates.map((candidate, index) => {
          const values = documentValues(candidate);
          const chosen = differing(values, origin).length === 0;
          return (
            <button
              key={index}
              type="button"
              class="face"
              aria-pressed={chosen}
              aria-label={t("candidate", { n: index + 1 })}
              onClick={() => take(candidate)}
            >
              <Drawing values={values} />
            </button>
          );
        })}
      </div>
    </section>
  );
}
