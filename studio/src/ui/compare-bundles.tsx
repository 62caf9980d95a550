/** Two bundles' characters of one photo: side by side, and how they differ in the sliders that both have. */

import { optionName, parameterName, t } from "../i18n";
import { sharedDifference, type Whole } from "../model/shared";
import { effective } from "../state/editor";
import { bundle, schema } from "../state/session";
import { Drawing } from "./drawing";

const SHOWN = 12;
const LEAST = 0.005;

export function BothBundles({ other, name }: { other: Whole; name: string }) {
  const sliders = schema.value;
  const values = effective.value;
  if (!sliders) return null;
  const found = sharedDifference({ schema: sliders, values }, other);
  const largest = found.sliders.filter(({ share }) => Math.abs(share) > LEAST).slice(0, SHOWN);
  const counts = { n: found.sliders.length, first: found.onlyFirst, second: found.onlySecond };
  return (
    <>
      <div class="both">
        <figure>
          <Drawing values={values} alt={t("yourCharacter")} />
          <figcaption>{bundle.value}</figcaption>
        </figure>
        <figure>
          <Drawing values={other.values} bundle={name} alt={name} />
          <figcaption>{name}</figcaption>
        </figure>
      </div>
      <p class="soft">{found.sliders.length > 0 ? t("sharedSliders", counts) : t("noShared")}</p>
      {(largest.length > 0 || found.choices.length > 0) && (
        <>
          <h2 class="small-title">{t("differMost")}</h2>
          <table class="differences" data-testid="shared">
            <thead>
              <tr>
                <th scope="col">{t("parameter")}</th>
                <th scope="col">{t("here")}</th>
                <th scope="col">{t("there")}</th>
              </tr>
            </thead>
            <tbody>
              {largest.map(({ slider, first, second, unit }) => (
                <tr key={slider.name}>
                  <th scope="row">{parameterName(slider)}</th>
                  <td>{`${first.toFixed(2)} ${unit}`}</td>
                  <td>{`${second.toFixed(2)} ${unit}`}</td>
                </tr>
              ))}
              {found.choices.map((choice) => (
                <tr key={choice.name}>
                  <th scope="row">{parameterName(choice)}</th>
                  <td>{optionName(choice.name, choice.first)}</td>
                  <td>{optionName(choice.name, choice.second)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </>
      )}
    </>
  );
}
