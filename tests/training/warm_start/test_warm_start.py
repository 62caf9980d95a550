"""A warm start: the same faces give the same pictures, whatever sliders, options and regions have been added since."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors import safe_open
from safetensors.torch import save_file

from f2p.engines.abilities import sample_values
from f2p.errors import TrainingError
from f2p.networks.face_parser import build_parser
from f2p.networks.imitator.registry import build_imitator
from f2p.networks.translator import PICTURE_FEATURES, build_translator
from f2p.regions import REGIONS
from f2p.schema import Schema
from imitator_training.runtime.checkpointing import newest
from imitator_training.runtime.trained_networks import trained_imitator
from imitator_training.tasks.config import ImitatorTraining, ParserTraining
from imitator_training.tasks.imitator import ImitatorTask
from imitator_training.tasks.parser import ParserTask
from imitator_training.training.trainer import train
from imitator_training.warm_start import Source, open_source, warm_imitator, warm_parser, warm_translator
from tests.helpers.tiny_bundle import save_tiny_bundle
from tests.helpers.toy_engine import toy_schema


def changed_schema() -> Schema:
    """The toy's with a slider more (in the middle), one less, one of another range and average, and a new option."""
    old = toy_schema()
    first, height, eye, mouth, _, skin, smile = old.continuous
    eye = replace(eye, low=-1.5, high=2.0, average=0.4, spread=0.2)
    hair = replace(old.discrete[0], options=("short", "bun", "long", "bald"), weights=(0.4, 0.3, 0.2, 0.1))
    continuous = (first, replace(first, name="chin", label="Chin"), height, eye, mouth, skin, smile)
    return replace(old, version="2", continuous=continuous, discrete=(hair,))


def same_face(values: dict[str, float | str], old: Schema, new: Schema) -> dict[str, float | str]:
    """The face as the new schema writes it, in engine units."""
    return new.from_engine({k: v for k, v in old.to_engine(values).items() if k in new.names})


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("warm") / "bundle"
    return save_tiny_bundle(folder, toy_schema(), "toy", seed=3)


def faces(schema: Schema, count: int = 5) -> list[dict[str, float | str]]:
    """Random faces with the nose of the average face, whose slider is gone in the changed schema."""
    random = torch.Generator().manual_seed(1)
    seeds = torch.randint(1 << 30, (count,), generator=random).tolist()
    return [sample_values(schema, np.random.default_rng(seed)) | {"nose_length": 0.5} for seed in seeds]


def encoded(schema: Schema, values: list[dict[str, float | str]]) -> torch.Tensor:
    return torch.stack([torch.from_numpy(schema.encode(v)) for v in values])


def old_network(bundle: Path, task: str) -> tuple[torch.nn.Module, Source]:
    arch = {"imitator": "modulated", "parser": "fpn_mobilenet", "translator": "mlp"}[task]
    source = open_source(bundle, task, arch)
    build = {"imitator": lambda: build_imitator(arch, source.config, source.schema)}
    build["parser"] = lambda: build_parser(arch, source.config)
    build["translator"] = lambda: build_translator(source.config, source.schema)
    network = build[task]()
    network.load_state_dict(source.tensors)
    return network.eval(), source


def without_region(bundle: Path, task: str, name: str, folder: Path) -> Path:
    """The bundle's network as a release without that region would have written it: its rows taken out."""
    path = bundle / f"{task}.safetensors"
    layer, block = ("to_labels", 4) if task == "imitator" else ("net.segmentation_head.0", 1)
    rows = [i for i in range(len(REGIONS) * block) if i // block != REGIONS.index(name)]
    with safe_open(path, "pt") as handle:
        header = handle.metadata() | {"regions": ",".join(r for r in REGIONS if r != name)}
        tensors = {key: handle.get_tensor(key) for key in handle.keys()}  # noqa: SIM118
    for part in ("weight", "bias"):
        tensors[f"{layer}.{part}"] = tensors[f"{layer}.{part}"][rows].clone()
    if "decals.regions" in tensors:
        tensors["decals.regions"] = tensors["decals.regions"][:, [r != name for r in REGIONS]].clone()
    folder.mkdir()
    save_file(tensors, folder / path.name, header)
    (folder / "schema.yaml").write_bytes((bundle / "schema.yaml").read_bytes())
    return folder / path.name


@torch.no_grad()
def test_the_same_schema_gives_the_same_imitator_bit_for_bit(bundle: Path) -> None:
    old, source = old_network(bundle, "imitator")
    new = build_imitator("modulated", source.config, source.schema)
    said = warm_imitator(new, source, source.schema)
    x = encoded(source.schema, faces(source.schema))
    assert torch.equal(new.eval()(x).image, old(x).image)
    assert torch.equal(new(x).labels, old(x).labels)
    assert "fresh" not in said
    assert "new:" not in said


@torch.no_grad()
def test_a_changed_schema_leaves_the_same_faces_as_they_were(bundle: Path) -> None:
    old, source = old_network(bundle, "imitator")
    schema = changed_schema()
    new = build_imitator("modulated", source.config, schema)
    said = warm_imitator(new, source, schema)
    before = faces(source.schema)
    after = [same_face(values, source.schema, schema) for values in before]
    with_a_chin = [values | {"chin": 0.9} for values in after]
    wanted = old(encoded(source.schema, before))
    for values in (after, with_a_chin):
        drawn = new.eval()(encoded(schema, values))
        torch.testing.assert_close(drawn.image, wanted.image, atol=2e-5, rtol=0)
        torch.testing.assert_close(drawn.labels, wanted.labels, atol=1e-4, rtol=0)
    assert "new: chin, hair=bun" in said
    assert "converted: eye_size" in said
    assert "gone: nose_length" in said


@torch.no_grad()
def test_expressions_and_angles_start_without_effect_and_go_on_as_they_were(bundle: Path) -> None:
    old, source = old_network(bundle, "imitator")
    schema, x = source.schema, encoded(source.schema, faces(source.schema))
    x[:, schema.slices["smile"]] = 0.7
    first = build_imitator("modulated", source.config | {"expressions": {"smile": 0.3}, "pose": (20, 10, 0)}, schema)
    said = warm_imitator(first, source, schema)
    assert "fresh" not in said
    pose = torch.tensor([[8.0, -5.0, 3.0]])
    torch.testing.assert_close(first.eval()(x, pose).image, old(x).image, atol=1e-6, rtol=0)

    first.get_parameter("code.0.weight").add_(0.1 * torch.randn(first.get_parameter("code.0.weight").shape))
    first.get_parameter("field.weight").add_(0.1 * torch.randn(first.get_parameter("field.weight").shape))
    options = source.config | {"expressions": {"smile": 0.5}, "pose": (30.0, 10.0, 5.0)}
    again = build_imitator("modulated", options, schema)
    config = source.config | {"expressions": first.expressions, "pose": list(first.pose)}
    warm_imitator(again, replace(source, config=config, tensors=first.state_dict()), schema)
    drawn = first(x, pose).image
    assert (drawn - first(x).image).abs().max() > 1e-3
    torch.testing.assert_close(again.eval()(x, pose).image, drawn, atol=2e-5, rtol=0)


@torch.no_grad()
def test_a_new_option_looks_like_none_of_the_old_ones_and_like_their_mean(bundle: Path) -> None:
    old, source = old_network(bundle, "imitator")
    schema = changed_schema()
    new = build_imitator("modulated", source.config, schema)
    warm_imitator(new, source, schema)
    mean = torch.from_numpy(source.schema.average())[None].clone()
    mean[:, source.schema.slices["hair"]] = torch.tensor(source.schema.discrete[0].weights)
    bun = schema.encode(
        same_face(source.schema.decode(source.schema.average()), source.schema, schema) | {"hair": "bun"}
    )
    torch.testing.assert_close(new.eval()(torch.from_numpy(bun)[None]).image, old(mean).image, atol=2e-5, rtol=0)


@torch.no_grad()
@pytest.mark.parametrize("region", ["neck", "ears"])
def test_a_new_region_wins_no_pixel_and_moves_no_other(bundle: Path, tmp_path: Path, region: str) -> None:
    rest = [i for i, name in enumerate(REGIONS) if name != region]
    old, whole = old_network(bundle, "imitator")
    x = encoded(whole.schema, faces(whole.schema))
    source = open_source(without_region(bundle, "imitator", region, tmp_path / "a"), "imitator", "modulated")
    drawing = build_imitator("modulated", source.config, source.schema)
    assert f"region {region}" in warm_imitator(drawing, source, source.schema)
    labels = drawing.eval()(x).labels
    torch.testing.assert_close(labels[:, rest], old(x).labels[:, rest])
    assert (labels.argmax(1) != REGIONS.index(region)).all()

    parser, _ = old_network(bundle, "parser")
    source = open_source(without_region(bundle, "parser", region, tmp_path / "b"), "parser", "fpn_mobilenet")
    parsing = build_parser("fpn_mobilenet", source.config)
    warm_parser(parsing, source)
    logits = parsing.eval()(drawing(x).image)
    torch.testing.assert_close(logits[:, rest], parser(drawing(x).image)[:, rest])
    assert (logits.argmax(1) != REGIONS.index(region)).all()


@torch.no_grad()
def test_a_fine_stage_corrects_the_regions_that_it_knew(bundle: Path) -> None:
    _, source = old_network(bundle, "parser")
    config = source.config | {"fine": 8}
    old = build_parser("fpn_mobilenet", config).eval()
    torch.nn.init.normal_(old.get_submodule("fine.correction").get_parameter("weight"), std=0.3)
    missing = REGIONS.index("neck")
    tensors = dict(old.state_dict())
    for layer, block in (("net.segmentation_head.0", 1), ("fine.correction", 4)):
        for kind in ("weight", "bias"):
            rows = tensors[f"{layer}.{kind}"]
            tensors[f"{layer}.{kind}"] = rows[[i for i in range(len(rows)) if i // block != missing]]
    rest = [i for i in range(len(REGIONS)) if i != missing]
    new = build_parser("fpn_mobilenet", config)
    warm_parser(new, replace(source, config=config, tensors=tensors, regions=tuple(REGIONS[i] for i in rest)))
    images = torch.rand(2, 3, 64, 64)
    logits = new.eval()(images)
    torch.testing.assert_close(logits[:, rest], old(images)[:, rest])
    assert (logits.argmax(1) != missing).all()


@torch.no_grad()
def test_training_gives_an_earlier_parser_a_fine_stage(bundle: Path, toy_data: Path, tmp_path: Path) -> None:
    old, _ = old_network(bundle, "parser")
    config = ParserTraining(
        out=tmp_path / "run", data=(toy_data,), size=64, steps=1, holdout=6, warm_start=bundle, fine=8, bf16="off"
    )
    task = ParserTask(config)
    assert task.describe()["options"]["fine"] == 8
    images = torch.rand(2, 3, 64, 64)
    torch.testing.assert_close(task.network.eval()(images), old(images))


@torch.no_grad()
def test_a_translator_that_learns_to_look_guesses_as_before_at_first(bundle: Path) -> None:
    old, source = old_network(bundle, "translator")
    old.look, source.config["pictures"] = None, 0
    width = source.config["features"]
    first = old.trunk[0]
    first.weight = torch.nn.Parameter(first.weight[:, :width])
    blind = Source(**{**vars(source), "tensors": old.state_dict()})
    new = build_translator(source.config | {"pictures": 4}, source.schema)
    warm_translator(new, blind, source.schema)
    seen = torch.randn(3, width + PICTURE_FEATURES, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(new.eval()(seen)[0], old(seen[:, :width])[0])


@torch.no_grad()
def test_a_translator_that_learns_to_read_attributes_guesses_as_before_at_first(bundle: Path) -> None:
    old, source = old_network(bundle, "translator")
    width = source.config["features"]
    new = build_translator(source.config | {"attributes": True, "features": width + 2}, source.schema)
    warm_translator(new, source, source.schema)
    seen = torch.randn(3, width + 2 + PICTURE_FEATURES, generator=torch.Generator().manual_seed(0))
    without = torch.cat((seen[:, :width], seen[:, width + 2 :]), 1)
    torch.testing.assert_close(new.eval()(seen)[0], old(without)[0])


@torch.no_grad()
def test_the_translator_guesses_the_same_face_in_the_new_schema(bundle: Path) -> None:
    old, source = old_network(bundle, "translator")
    schema = changed_schema()
    new = build_translator(source.config, schema)
    # Features that spread differently today: the first layer is converted to that.
    new.feature_mean.fill_(0.1)
    new.feature_scale.fill_(2.0)
    warm_translator(new, source, schema)
    size = source.config["features"] + PICTURE_FEATURES
    features = 0.3 * torch.randn(4, size, generator=torch.Generator().manual_seed(0))
    z, logits = old(features)
    ours, options = new.eval()(features)
    rows = {slider.name: i for i, slider in enumerate(source.schema.continuous)}
    for i, slider in enumerate(schema.continuous):
        if slider.name == "chin":
            assert (ours[:, i] == 0).all()
            continue
        before = source.schema.continuous[rows[slider.name]]
        units = before.to_engine(before.average) + z[:, rows[slider.name]] * before.spread * (before.high - before.low)
        mine = slider.to_engine(slider.average) + ours[:, i] * slider.spread * (slider.high - slider.low)
        torch.testing.assert_close(mine, units, atol=1e-5, rtol=0)
    bald, short, long = logits["hair"].unbind(1)
    torch.testing.assert_close(options["hair"][:, [3, 0, 2]], torch.stack([bald, short, long], 1), atol=1e-5, rtol=0)
    torch.testing.assert_close(options["hair"][:, 1], logits["hair"].mean(1), atol=1e-5, rtol=0)


def test_a_training_starts_warm_from_a_bundle_and_from_a_run(toy_data: Path, bundle: Path, tmp_path: Path) -> None:
    def config(name: str, warm: Path) -> ImitatorTraining:
        return ImitatorTraining(
            out=tmp_path / name,
            data=(toy_data,),
            size=64,
            steps=1,
            batch=4,
            holdout=16,
            identity=0.0,
            learning_rate=1e-12,
            bf16="off",
            warm_start=warm,
        )

    first, second = config("first", bundle), config("second", tmp_path / "first")
    for each in (first, second):
        train(ImitatorTask(each), each)
    old, _ = old_network(bundle, "imitator")
    new = trained_imitator(second.out, toy_schema())
    assert new.config == old.config  # its channels, not the defaults
    x = encoded(toy_schema(), faces(toy_schema()))
    with torch.no_grad():
        torch.testing.assert_close(new(x).image, old(x).image, atol=1e-5, rtol=0)
    assert newest(second.out).name == "00000001"


def test_a_training_starts_warm_from_another_engines_bundle(toy_data: Path, tmp_path: Path) -> None:
    schema = toy_schema()
    hair, smile = schema.discrete[0], schema.continuous[-1]
    other = replace(
        schema,
        name="other",
        continuous=(*(replace(slider, name=f"{slider.name}.b") for slider in schema.continuous[:-1]), smile),
        discrete=(replace(hair, name="haircut"),),
    )
    unit = replace(smile, name="frown")
    other = replace(other, continuous=(*other.continuous, unit))
    options = {"expressions": {"smile": 0.3, "frown": 0.3}}
    source = save_tiny_bundle(tmp_path / "other", other, "other", imitator_options=options)
    config = ImitatorTraining(
        out=tmp_path / "run", data=(toy_data,), size=64, steps=1, batch=4, holdout=16, identity=0.0, bf16="off",
        warm_start=source,
    )  # fmt: skip
    task = ImitatorTask(config)
    assert task.options["decals"] == ()  # there is no choice of that name any more
    assert task.options["expressions"] == {"smile": 0.3}
    again = ImitatorTask(replace(config, decals=("hair",)))
    assert again.options["decals"] == ("hair",)


def test_another_network_is_refused(bundle: Path, tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="'modulated'; this run trains 'dcgan'"):
        open_source(bundle, "imitator", "dcgan")
    with pytest.raises(TrainingError, match="cannot be read"):
        open_source(tmp_path / "none.safetensors", "imitator", "modulated")
    alone = tmp_path / "imitator.safetensors"
    alone.write_bytes((bundle / "imitator.safetensors").read_bytes())
    with pytest.raises(TrainingError, match=r"schema\.yaml"):
        open_source(alone, "imitator", "modulated")


@torch.no_grad()
def test_dcgan_takes_new_sliders_too() -> None:
    old, options = toy_schema(), {"size": 64, "channels": (16, 16, 8, 8)}
    schema = replace(old, continuous=(*old.continuous, replace(old.continuous[0], name="chin", label="Chin")))
    network = build_imitator("dcgan", options, old).eval()
    tensors = dict(network.state_dict())
    source = Source(path=Path("x"), arch="dcgan", config=options, tensors=tensors, schema=old, regions=REGIONS)
    new = build_imitator("dcgan", options, schema)
    warm_imitator(new, source, schema)
    values = faces(old)
    torch.testing.assert_close(new.eval()(encoded(schema, values)).image, network(encoded(old, values)).image)


@torch.no_grad()
def test_a_larger_picture_by_a_larger_shuffle_starts_as_the_smaller_one_enlarged(bundle: Path) -> None:
    _, source = old_network(bundle, "imitator")
    x = encoded(source.schema, faces(source.schema))
    plain = source.config | {"decals": []}
    for options, atol in ((plain, 1e-6), (source.config, 0.05)):  # a decal of noise changes as it is resized
        base = build_imitator("modulated", options | {"size": 64}, source.schema)
        warm_imitator(base, source, source.schema)
        large = build_imitator("modulated", options | {"size": 128, "shuffle": 4}, source.schema)
        said = warm_imitator(large, source, source.schema)
        assert "fresh" not in said
        wanted, drawn = base.eval()(x), large.eval()(x)
        assert drawn.image.shape[-1] == 128
        torch.testing.assert_close(torch.nn.functional.avg_pool2d(drawn.image, 2), wanted.image, atol=atol, rtol=0)
        back = build_imitator("modulated", options | {"size": 64, "shuffle": 2}, source.schema)
        warm_imitator(back, replace(source, config=dict(options), tensors=large.state_dict()), source.schema)
        torch.testing.assert_close(back.eval()(x).image, wanted.image, atol=atol, rtol=0)


@torch.no_grad()
def test_a_larger_picture_by_one_more_stage_keeps_the_stages_before_it(bundle: Path) -> None:
    _, source = old_network(bundle, "imitator")
    large = build_imitator("modulated", source.config | {"size": 128}, source.schema)
    said = warm_imitator(large, source, source.schema)
    fresh = next(line for line in said.splitlines() if "fresh layers" in line)
    assert {name.rsplit(".", 1)[0] for name in fresh.split(": ")[1].split(", ")} == {
        *(f"stages.3{part}" for part in ("", ".narrow", ".conv", ".modulation")),
        "to_image",
        "to_labels",
    }
    assert large.eval()(encoded(source.schema, faces(source.schema))).image.shape[-1] == 128


@torch.no_grad()
def test_a_narrower_field_keeps_what_it_draws_as_far_as_it_can(bundle: Path) -> None:
    _, source = old_network(bundle, "imitator")
    x = encoded(source.schema, faces(source.schema))
    wide = build_imitator("modulated", source.config | {"fields": [4]}, source.schema)
    warm_imitator(wide, source, source.schema)
    spread = wide.get_parameter("stages.1.spread_field.weight")
    torch.nn.init.normal_(spread, generator=torch.Generator().manual_seed(2))
    spread[:, 3] = spread[:, 1] - 2 * spread[:, 0]  # three channels say what the four say
    wanted = wide.eval()(x).image
    off = []
    for channels in (4, 3, 2):
        narrow = build_imitator("modulated", source.config | {"fields": [channels]}, source.schema)
        said = warm_imitator(narrow, replace(source, tensors=wide.state_dict()), source.schema)
        assert "fresh" not in said
        off.append(float((narrow.eval()(x).image - wanted).abs().max()))
    assert off[0] == 0
    assert off[1] < 1e-5 < off[2]
