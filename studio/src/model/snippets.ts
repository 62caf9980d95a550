/** Programs that ask this very server for a character: a photo in, values by name out. */

export interface Facts {
  /** The service's address, with / at its end. */
  base: string;
  bundle: string;
  preset: string;
  seed: number;
  /** A slider and an option of the character, as examples to read. */
  slider: { name: string; engineValue: number; unit: string };
  /** Whether the server asks for a token. */
  token: boolean;
}

export const LANGUAGES = ["curl", "python", "unity", "unreal", "godot", "javascript"] as const;
export type Program = (typeof LANGUAGES)[number];

export const PROGRAM_NAMES: Readonly<Record<Program, string>> = {
  curl: "curl", python: "Python", unity: "Unity", unreal: "Unreal", godot: "Godot", javascript: "JavaScript",
};

export function snippet(program: Program, facts: Facts): string {
  return `${WRITERS[program](facts).trim()}\n`;
}

function address({ base, bundle, preset, seed }: Facts): string {
  const query = new URLSearchParams({ bundle, preset, seed: String(seed) });
  return `${base}v1/characters?${query.toString()}`;
}

const WRITERS: Readonly<Record<Program, (facts: Facts) => string>> = {
  curl: (facts) => `
curl --fail-with-body --data-binary @me.jpg \\
     -H 'content-type: image/jpeg' \\${facts.token ? `\n     -H "authorization: Bearer $F2P_TOKEN" \\` : ""}
     '${address(facts)}' -o character.json`,

  python: (facts) => `
# The standard library is enough; \`pip install face-to-parameter-client\` has retries and progress, over gRPC.
import json
from pathlib import Path
from urllib.request import Request, urlopen

headers = {"content-type": "image/jpeg"${facts.token ? ', "authorization": "Bearer TOKEN"' : ""}}
request = Request("${address(facts)}", Path("me.jpg").read_bytes(), headers)
with urlopen(request) as answer:
    character = json.load(answer)

values = {entry["name"]: entry.get("engine_value", entry.get("option")) for entry in character["parameters"]}
print(values["${facts.slider.name}"])  # ${shown(facts)}`,

  unity: (facts) => `
using System;
using System.Collections;
using System.IO;
using UnityEngine;
using UnityEngine.Networking;

public class CharacterFromPhoto : MonoBehaviour
{
    [Serializable] class Parameter { public string name; public float engine_value; public string option; }
    [Serializable] class Character { public Parameter[] parameters; }

    public IEnumerator Create(string photo)
    {
        using var request = new UnityWebRequest("${address(facts)}", "POST");
        request.uploadHandler = new UploadHandlerRaw(File.ReadAllBytes(photo));
        request.downloadHandler = new DownloadHandlerBuffer();
        request.SetRequestHeader("Content-Type", "image/jpeg");${facts.token ? '\n        request.SetRequestHeader("Authorization", "Bearer TOKEN");' : ""}
        yield return request.SendWebRequest();
        if (request.result != UnityWebRequest.Result.Success) { Debug.LogError(request.downloadHandler.text); yield break; }
        foreach (var slider in JsonUtility.FromJson<Character>(request.downloadHandler.text).parameters)
            SetSlider(slider.name, slider.engine_value, slider.option);  // ${facts.slider.name}: ${shown(facts)}
    }

    void SetSlider(string name, float value, string option) { /* your character's own sliders */ }
}`,

  unreal: (facts) => `
// Build.cs: "HTTP", "Json"
TArray64<uint8> Photo;
FFileHelper::LoadFileToArray(Photo, *PhotoPath);
auto Request = FHttpModule::Get().CreateRequest();
Request->SetURL(TEXT("${address(facts)}"));
Request->SetVerb(TEXT("POST"));
Request->SetHeader(TEXT("Content-Type"), TEXT("image/jpeg"));${facts.token ? '\nRequest->SetHeader(TEXT("Authorization"), TEXT("Bearer TOKEN"));' : ""}
Request->SetContent(TArray<uint8>(Photo.GetData(), Photo.Num()));
Request->OnProcessRequestComplete().BindLambda([this](FHttpRequestPtr, FHttpResponsePtr Response, bool bConnected)
{
    TSharedPtr<FJsonObject> Character;
    if (!bConnected || !FJsonSerializer::Deserialize(TJsonReaderFactory<>::Create(Response->GetContentAsString()), Character)) return;
    if (Response->GetResponseCode() != 200) { UE_LOG(LogTemp, Error, TEXT("%s"), *Character->GetStringField(TEXT("detail"))); return; }
    for (const TSharedPtr<FJsonValue>& Entry : Character->GetArrayField(TEXT("parameters")))
    {
        const TSharedPtr<FJsonObject> Parameter = Entry->AsObject();
        double Value = 0.0;
        if (Parameter->TryGetNumberField(TEXT("engine_value"), Value))
            SetSlider(Parameter->GetStringField(TEXT("name")), Value);  // ${facts.slider.name}: ${shown(facts)}
        else
            SetOption(Parameter->GetStringField(TEXT("name")), Parameter->GetStringField(TEXT("option")));
    }
});
Request->ProcessRequest();`,

  godot: (facts) => `
extends Node

func create_character(photo: String) -> void:
\tvar http := HTTPRequest.new()
\tadd_child(http)
\tvar headers := ["Content-Type: image/jpeg"${facts.token ? ', "Authorization: Bearer TOKEN"' : ""}]
\thttp.request_raw("${address(facts)}", headers, HTTPClient.METHOD_POST, FileAccess.get_file_as_bytes(photo))
\tvar answer: Array = await http.request_completed
\tvar character: Dictionary = JSON.parse_string(answer[3].get_string_from_utf8())
\tif answer[1] != 200:
\t\tpush_error(character["detail"])
\t\treturn
\tfor parameter in character["parameters"]:
\t\tset_slider(parameter["name"], parameter.get("engine_value", parameter.get("option")))  # ${facts.slider.name}: ${shown(facts)}

func set_slider(slider: String, value: Variant) -> void:
\tprint(slider, " ", value)  # your character's own sliders`,

  javascript: (facts) => `
const photo = document.querySelector("input[type=file]").files[0];
const answer = await fetch("${address(facts)}", {
  method: "POST",
  headers: { "content-type": photo.type${facts.token ? ', authorization: "Bearer TOKEN"' : ""} },
  body: photo,
});
const character = await answer.json();
if (!answer.ok) throw new Error(character.detail);
const values = Object.fromEntries(character.parameters.map((entry) => [entry.name, entry.engine_value ?? entry.option]));
console.log(values["${facts.slider.name}"]); // ${shown(facts)}`,
};

const shown = ({ slider }: Facts): string => `${slider.engineValue} ${slider.unit}`;
