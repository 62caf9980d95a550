import { CircleAlert, CircleCheck, CircleHelp, TriangleAlert, X } from "lucide-preact";

import { problem, t } from "../i18n";
import type { Finding } from "../api/types";
import { chooseFace, removePhoto, type GivenPhoto } from "../state/photos";
import { IconButton } from "./kit";

export function PhotoCard({ photo }: { photo: GivenPhoto }) {
  const { check } = photo;
  const known = typeof check === "object" ? check : undefined;
  return (
    <article class="photo-card" aria-busy={check === "checking"}>
      <div class="photo">
        <div class="photo-frame">
          <img src={photo.url} alt={t("yourPhoto")} />
          {known && known.faces.length > 0 && <Faces photo={photo} faces={known.faces} />}
          {check === "checking" && <span class="scan" aria-hidden="true" />}
        </div>
        <IconButton icon={X} label={t("removePhoto")} kind="plain" onClick={() => removePhoto(photo.id)} />
      </div>
      <div class="findings" aria-live="polite">
        {check === "checking" && <p class="soft">{t("looking")}</p>}
        {check === "unchecked" && (
          <p class="finding">
            <CircleHelp size={18} aria-hidden="true" />
            <span>{t("notLookedAt")}</span>
          </p>
        )}
        {known?.usable && (
          <p class="finding good">
            <CircleCheck size={18} aria-hidden="true" />
            <span>{known.hints.length > 0 ? t("usableWithHints") : t("goodPhoto")}</span>
          </p>
        )}
        {known?.issues.map((found) => (
          <Problem key={found.code} found={found} kind="bad" />
        ))}
        {known?.hints.map((found) => (
          <Problem key={found.code} found={found} kind="warn" />
        ))}
      </div>
    </article>
  );
}

function Faces({ photo, faces }: { photo: GivenPhoto; faces: readonly { left: number; top: number; width: number; height: number }[] }) {
  return (
    <>
      {faces.map((face, index) => {
        const place = {
          left: `${100 * face.left}%`,
          top: `${100 * face.top}%`,
          width: `${100 * face.width}%`,
          height: `${100 * face.height}%`,
        };
        if (faces.length === 1) return <span key={index} class="face-box chosen" style={place} aria-hidden="true" />;
        const chosen = photo.face === index;
        return (
          <button
            key={index}
            type="button"
            class={chosen ? "face-box chosen" : "face-box"}
            style={place}
            aria-pressed={chosen}
            aria-label={t("faceNumber", { n: index + 1 })}
            onClick={() => chooseFace(photo.id, index)}
          >
            <span aria-hidden="true">{index + 1}</span>
          </button>
        );
      })}
    </>
  );
}

export function Problem({ found, kind }: { found: Finding; kind: "bad" | "warn" }) {
  const { message, remedy } = problem(found);
  const Icon = kind === "bad" ? CircleAlert : TriangleAlert;
  return (
    <div class={`finding ${kind}`} role={kind === "bad" ? "alert" : undefined} data-code={found.code}>
      <Icon size={18} aria-hidden="true" />
      <p>
        <b>{message}</b> {remedy}
      </p>
    </div>
  );
}
