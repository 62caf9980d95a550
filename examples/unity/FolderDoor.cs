// The folder door for Unity (2021.3 and later, any render pipeline): draws the jobs of a folder.
// docs/engines.md says what a job is. Needs the package com.unity.nuget.newtonsoft-json.
//
// Put this on an object of a scene that holds the head, a camera and a directional light, fill in the fields, build a player, and
// name it as `command` in engine.toml: ["./Head.x86_64", "-batchmode", "-jobs", "{folder}"]. Not with -nographics, which draws nothing.
// Changes for your own head are needed at the places marked HEAD.
using System;
using System.Collections;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Newtonsoft.Json.Linq;
using UnityEngine;

public class FolderDoor : MonoBehaviour
{
    [Serializable]
    public struct Label
    {
        [Tooltip("Name of a material, or the beginning of it")] public string material;
        [Tooltip("Colour of its region in f2p.regions.PALETTE")] public Color32 colour;
        [Tooltip("Or a texture in these colours: no mip maps, point filter, uncompressed, sRGB")] public Texture2D painted;
    }

    public Transform head;
    public Camera lens;
    public Light sun;
    [Tooltip("A shader that shows one colour or texture, unlit: Unlit/Texture, or your pipeline's")] public Shader flat;
    public List<Label> labels = new List<Label>();

    static readonly Color32 Nothing = new Color32(64, 64, 72, 255);
    string folder;
    Renderer[] parts;
    readonly Dictionary<Renderer, Material[]> lit = new Dictionary<Renderer, Material[]>();
    readonly Dictionary<Renderer, Material[]> labelled = new Dictionary<Renderer, Material[]>();
    Quaternion upright, lamp;
    float strength;
    Color warmth, backdrop;

    IEnumerator Start()
    {
        var words = Environment.GetCommandLineArgs();
        folder = words[Array.IndexOf(words, "-jobs") + 1];
        Directory.CreateDirectory(Path.Combine(folder, "jobs"));
        Directory.CreateDirectory(Path.Combine(folder, "done"));
        QualitySettings.vSyncCount = 0;
        Application.targetFrameRate = -1;
        Application.runInBackground = true;
        lens.enabled = false;
        upright = head.localRotation;
        lamp = sun.transform.rotation;
        strength = sun.intensity;
        warmth = sun.color;
        backdrop = lens.backgroundColor;
        parts = head.GetComponentsInChildren<Renderer>(true);
        foreach (var part in parts)
        {
            lit[part] = part.materials;
            labelled[part] = lit[part].Select(Flat).ToArray();
        }
        while (true)
        {
            var job = Take();
            if (job == null) { yield return null; continue; }
            string said = "";
            try { Pose(job); }
            catch (Exception error) { said = error.Message; }
            // Skinning and animation see new values in the next frame.
            yield return null;
            yield return new WaitForEndOfFrame();
            if (said == "")
            {
                try
                {
                    Draw(job, ".png", lit, 8, backdrop);
                    Draw(job, ".labels.png", labelled, 1, Nothing);
                }
                catch (Exception error) { said = error.Message; }
            }
            File.WriteAllText(Done(job, ".done"), said);
        }
    }

    JObject Take()
    {
        foreach (var path in Directory.GetFiles(Path.Combine(folder, "jobs"), "*.json"))
        {
            try
            {
                var job = JObject.Parse(File.ReadAllText(path));
                File.Delete(path);
                job["name"] = Path.GetFileNameWithoutExtension(path);
                return job;
            }
            catch (IOException) { }  // another engine took it
        }
        return null;
    }

    void Pose(JObject job)
    {
        // Unity's z runs away from the viewer: a head that faces the camera turns to the viewer's right with negative y.
        head.localRotation = Quaternion.Euler((float)job["pitch"], -(float)job["yaw"], -(float)job["roll"]) * upright;
        Shine((int)job["light"]);
        foreach (var entry in (JObject)job["engine_values"])
        {
            if (entry.Value.Type == JTokenType.String) Choose(entry.Key, (string)entry.Value);
            else Slide(entry.Key, (float)entry.Value);
        }
    }

    // HEAD: sliders. Here each is a blend shape of the same name, in [0, 1] or [-1, 1] of schema.yaml; Unity counts in percent
    // and draws negative weights unless Player Settings clamp them ("Clamp BlendShapes": off).
    void Slide(string name, float value)
    {
        foreach (var mesh in parts.OfType<SkinnedMeshRenderer>())
        {
            int index = mesh.sharedMesh.GetBlendShapeIndex(name);
            if (index >= 0) mesh.SetBlendShapeWeight(index, 100 * value);
        }
        if (name == "skin_darkness") Tint("skin", Color.Lerp(Color.white, new Color(0.4f, 0.28f, 0.22f), value));
        if (name == "hair_darkness") Tint("hair", Color.Lerp(new Color(0.85f, 0.7f, 0.45f), new Color(0.06f, 0.045f, 0.035f), value));
    }

    // HEAD: choices. Here an option shows the object NAME_OPTION and hides the other NAME_ ones.
    void Choose(string name, string option)
    {
        foreach (var part in parts)
            if (part.name.StartsWith(name + "_")) part.enabled = part.name == name + "_" + option;
    }

    void Tint(string material, Color colour)
    {
        foreach (var one in lit.Values.SelectMany(all => all))
            if (one.name.StartsWith(material)) one.color = colour;
    }

    // 0 is the neutral light; any other number always gives the same one.
    void Shine(int seed)
    {
        sun.transform.rotation = lamp;
        sun.intensity = strength;
        sun.color = warmth;
        if (seed == 0) return;
        var random = new System.Random(seed);
        float Between(float low, float high) => low + (high - low) * (float)random.NextDouble();
        sun.transform.rotation = Quaternion.Euler(Between(-10, 60), 180 + Between(-70, 70), 0);
        sun.intensity = strength * Between(0.5f, 1.3f);
        sun.color = new Color(1, Between(0.8f, 1), Between(0.6f, 1));
    }

    Material Flat(Material material)
    {
        var label = labels.FirstOrDefault(one => material.name.StartsWith(one.material));
        if (label.material == null) throw new InvalidOperationException("no label for the material " + material.name);
        var made = new Material(flat);
        if (label.painted != null) { made.mainTexture = label.painted; return made; }
        var dot = new Texture2D(1, 1, TextureFormat.RGBA32, false);
        dot.SetPixel(0, 0, label.colour);
        dot.Apply();
        made.mainTexture = dot;
        return made;
    }

    void Draw(JObject job, string end, Dictionary<Renderer, Material[]> materials, int samples, Color ground)
    {
        int size = (int)job["size"];
        foreach (var part in parts) part.materials = materials[part];
        var target = RenderTexture.GetTemporary(size, size, 24, RenderTextureFormat.ARGB32, RenderTextureReadWrite.sRGB, samples);
        var picture = new Texture2D(size, size, TextureFormat.RGB24, false);
        try
        {
            lens.targetTexture = target;
            lens.backgroundColor = ground;
            lens.Render();
            RenderTexture.active = target;
            picture.ReadPixels(new Rect(0, 0, size, size), 0, 0);
            File.WriteAllBytes(Done(job, end), picture.EncodeToPNG());
        }
        finally
        {
            lens.targetTexture = null;
            RenderTexture.active = null;
            RenderTexture.ReleaseTemporary(target);
            Destroy(picture);
        }
    }

    string Done(JObject job, string end) => Path.Combine(folder, "done", (string)job["name"] + end);
}
