import { useEffect, useState } from "preact/hooks";

import { t } from "../i18n";
import { averageValues } from "../model/schema";
import { faceOf } from "../state/crops";
import { usable } from "../state/photos";
import { schema } from "../state/session";
import { cancel, solving } from "../state/solving";
import { Drawing } from "./drawing";
import { Button } from "./kit";

export function Creating() {
  const now = solving.value;
  const photo = usable.value[0];
  const sliders = schema.value;
  const [face, setFace] = useState<string>();
  useEffect(() => {
    if (photo) void faceOf(photo).then(setFace);
  }, [photo]);
  return (
    <div class="creating">
      <div class="creating-pictures">
        <figure>
          {photo && <img src={face ?? photo.url} alt={t("yourPhoto")} />}
          <figcaption>{t("yourPhoto")}</figcaption>
        </figure>
        <figure>
          <span class="taking-shape">
            {now?.picture ? <img src={now.picture} alt={t("faceSoFar")} /> : <span class="shapeless" aria-hidden="true">
                {sliders && <Drawing values={averageValues(sliders)} />}
                <span class="shimmer" />
              </span>}
          </span>
          <figcaption>{now?.picture ? t("faceSoFar") : "\u00a0"}</figcaption>
        </figure>
      </div>
      <SolvingBar />
    </div>
  );
}

/** How far it has come, in a bar, in words, and in the loss that falls. */
export function SolvingBar() {
  const now = solving.value;
  if (!now) return null;
  const { progress } = now;
  const solves = progress?.stage === "solving" && progress.steps > 0;
  const share = solves ? Math.min(1, (progress.step + 1) / progress.steps) : undefined;
  const words =
    progress?.stage === "waiting" && progress.queue > 0
      ? t("waitingFor", { n: progress.queue })
      : solves
        ? t("stepOf", { step: progress.step + 1, steps: progress.steps })
        : t("reading");
  return (
    <div class="solving">
      <div class="solving-line">
        <p aria-live="polite" data-testid="solving">
          {now.kind === "refit" ? t("refitting") : t("creating")} <span class="soft">{words}</span>
        </p>
        <Curve losses={now.losses} />
        <Button kind="quiet" onClick={cancel}>
          {t("cancel")}
        </Button>
      </div>
      <progress {...(share === undefined ? {} : { value: share })} max={1} aria-label={t("creating")} />
    </div>
  );
}

function Curve({ losses }: { losses: readonly number[] }) {
  if (losses.length < 2) return <span class="curve" />;
  const high = Math.max(...losses);
  const low = Math.min(...losses);
  const points = losses
    .map((loss, index) => `${(100 * index) / (losses.length - 1)},${2 + (26 * (high - loss)) / (high - low || 1)}`)
    .join(" ");
  return (
    <svg class="curve" viewBox="0 0 100 30" preserveAspectRatio="none" aria-hidden="true">
      <polyline points={points} />
    </svg>
  );
}
