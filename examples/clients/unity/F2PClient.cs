// A client of f2p over HTTP for Unity, WebGL included: a file to copy into Assets/. Needs com.unity.nuget.newtonsoft-json.
//
//     var client = new F2P.Client("http://localhost:8080");
//     StartCoroutine(client.Create(photo, character => Apply(character), error => Show(error.Code, error.Remedy)));
using System;
using System.Collections;
using System.Collections.Generic;
using System.Text;
using Newtonsoft.Json;
using UnityEngine;
using UnityEngine.Networking;

namespace F2P
{
    /// <summary>A character as character.json has it: a value or an option for every parameter.</summary>
    public sealed class Character
    {
        [JsonProperty("parameters")] public List<Parameter> Parameters = new List<Parameter>();
        [JsonProperty("warnings")] public List<string> Warnings = new List<string>();
    }

    public sealed class Parameter
    {
        [JsonProperty("name")] public string Name;
        [JsonProperty("label")] public string Label;
        [JsonProperty("group")] public string Group;
        /// <summary>In [0, 1]; null for a choice.</summary>
        [JsonProperty("value")] public float? Value;
        /// <summary>The same in the engine's unit.</summary>
        [JsonProperty("engine_value")] public float? EngineValue;
        /// <summary>A choice's option; null for a slider.</summary>
        [JsonProperty("option")] public string Option;
    }

    /// <summary>What is wrong: translate by Code, docs/errors.md lists them.</summary>
    public sealed class Problem
    {
        [JsonProperty("code")] public string Code = "SERVICE_UNAVAILABLE";
        [JsonProperty("message")] public string Message = "The server cannot be reached.";
        [JsonProperty("remedy")] public string Remedy = "Start it: f2p serve.";
    }

    public sealed class Client
    {
        readonly string server;
        readonly string token;

        public Client(string server, string token = "")
        {
            this.server = server.TrimEnd('/');
            this.token = token;
        }

        /// <summary>A photo file's bytes to a character. `query` holds options: "preset=instant&amp;seed=7".</summary>
        public IEnumerator Create(byte[] photo, Action<Character> done, Action<Problem> failed, string query = "")
        {
            return Post("/v1/characters?" + query, photo, "image/jpeg", new DownloadHandlerBuffer(),
                handler => done(JsonConvert.DeserializeObject<Character>(handler.text)), failed);
        }

        /// <summary>A picture of values by name, numbers and options; those left out stand at the average.</summary>
        public IEnumerator Preview(IDictionary<string, object> values, Action<Texture2D> done, Action<Problem> failed)
        {
            var body = Encoding.UTF8.GetBytes(JsonConvert.SerializeObject(new { values }));
            return Post("/v1/preview", body, "application/json", new DownloadHandlerTexture(),
                handler => done(((DownloadHandlerTexture)handler).texture), failed);
        }

        IEnumerator Post(string path, byte[] body, string kind, DownloadHandler handler,
            Action<DownloadHandler> done, Action<Problem> failed)
        {
            using (var request = new UnityWebRequest(server + path, UnityWebRequest.kHttpVerbPOST))
            {
                request.uploadHandler = new UploadHandlerRaw(body) { contentType = kind };
                request.downloadHandler = handler;
                request.timeout = 300;
                if (token != "") request.SetRequestHeader("Authorization", "Bearer " + token);
                yield return request.SendWebRequest();
                if (request.result == UnityWebRequest.Result.Success) done(handler);
                else failed(ReadProblem(handler.data));
            }
        }

        static Problem ReadProblem(byte[] data)
        {
            if (data == null || data.Length == 0) return new Problem();
            try { return JsonConvert.DeserializeObject<Problem>(Encoding.UTF8.GetString(data)) ?? new Problem(); }
            catch (JsonException) { return new Problem(); }
        }
    }
}
