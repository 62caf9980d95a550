import { useEffect, useRef, useState } from "preact/hooks";
import { Camera } from "lucide-preact";

import { t, type Key } from "../i18n";
import { addPhotos } from "../state/photos";
import { Button, Dialog } from "./kit";

const FAULTS: Readonly<Record<string, Key>> = {
  NotAllowedError: "cameraRefused",
  NotFoundError: "cameraMissing",
  NotReadableError: "cameraBusy",
};

/** The camera is open only while this dialog is. */
export function CameraDialog({ onClose }: { onClose: () => void }) {
  const video = useRef<HTMLVideoElement>(null);
  const [ready, setReady] = useState(false);
  const [fault, setFault] = useState<Key>();

  useEffect(() => {
    let stream: MediaStream | undefined;
    let closed = false;
    const begin = async (): Promise<void> => {
      // Browsers give the camera to pages from https and from this machine alone.
      if (!("mediaDevices" in navigator)) return setFault("cameraInsecure");
      try {
        stream = await navigator.mediaDevices.getUserMedia({
          video: { facingMode: "user", width: { ideal: 1280 }, height: { ideal: 960 } },
        });
        if (closed) return stop(stream);
        if (video.current) {
          video.current.srcObject = stream;
          await video.current.play();
          setReady(true);
        }
      } catch (error) {
        setFault(FAULTS[error instanceof DOMException ? error.name : ""] ?? "cameraFailed");
      }
    };
    void begin();
    return () => {
      closed = true;
      stop(stream);
    };
  }, []);

  const shoot = (): void => {
    const seen = video.current;
    if (!seen) return;
    const canvas = document.createElement("canvas");
    canvas.width = seen.videoWidth;
    canvas.height = seen.videoHeight;
    canvas.getContext("2d")?.drawImage(seen, 0, 0);
    canvas.toBlob(
      (blob) => {
        if (blob) addPhotos([blob]);
        onClose();
      },
      "image/jpeg",
      0.95,
    );
  };

  return (
    <Dialog title={t("camera")} onClose={onClose} wide>
      <div class="camera">
        {/* Mirrored, as people know themselves; the photo is not. */}
        <video ref={video} muted playsInline aria-label={t("cameraPicture")} />
        <svg class="guide" viewBox="0 0 100 75" aria-hidden="true">
          <ellipse cx="50" cy="37" rx="16" ry="22" />
        </svg>
        {fault && (
          <p class="finding bad" role="alert">
            {t(fault)}
          </p>
        )}
      </div>
      <p class="soft">{t("cameraHint")}</p>
      <div class="actions">
        <Button onClick={onClose}>{t("cancel")}</Button>
        <Button kind="main" icon={Camera} disabled={!ready} onClick={shoot}>
          {t("takePhoto")}
        </Button>
      </div>
    </Dialog>
  );
}

function stop(stream: MediaStream | undefined): void {
  for (const track of stream?.getTracks() ?? []) track.stop();
}
