// Twenty lines of use: a photo sets the blend shapes of a head. Put it on the object with the SkinnedMeshRenderer.
using System.IO;
using UnityEngine;

public sealed class F2PHead : MonoBehaviour
{
    [SerializeField] string server = "http://localhost:8080";
    [SerializeField] string photo = "me.jpg";

    void Start()
    {
        var head = GetComponent<SkinnedMeshRenderer>();
        StartCoroutine(new F2P.Client(server).Create(File.ReadAllBytes(photo), character =>
        {
            foreach (var parameter in character.Parameters)
            {
                int shape = head.sharedMesh.GetBlendShapeIndex(parameter.Name);
                if (shape >= 0 && parameter.Value is float value) head.SetBlendShapeWeight(shape, 100f * value);
            }
        }, problem => Debug.LogWarning($"{problem.Code}: {problem.Message} {problem.Remedy}")));
    }
}
