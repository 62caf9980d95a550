"""Manifests of deploy/ as Kubernetes, Envoy and the server understand them."""

import re
from dataclasses import fields
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from f2p import __version__
from f2p.limits import MAX_SERVED_PHOTOS_BYTES
from f2p.serving.checks import _SHARED_MIB, _WORKER_MIB
from f2p.serving.config import ServerConfig, load_config

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
MANIFESTS = sorted((DEPLOY / "kubernetes").glob("*.yaml"))
SETTINGS = {field.name for field in fields(ServerConfig)}


def documents(path: Path) -> list[dict[str, Any]]:
    return list(yaml.safe_load_all(path.read_text(encoding="utf-8")))


def deployment() -> Any:
    return next(item for item in documents(DEPLOY / "kubernetes" / "f2p.yaml") if item["kind"] == "Deployment")


@pytest.mark.parametrize("path", MANIFESTS, ids=lambda path: path.stem)
@pytest.mark.parametrize("version", ["1.29", kubernetes_validate.latest_version()])
def test_kubernetes_takes_the_manifests(path: Path, version: str) -> None:
    kinds = []
    for document in documents(path):
        kubernetes_validate.validate(document, version, strict=True)
        kinds.append(document["kind"])
    assert "Deployment" in kinds


def test_the_schema_check_notices_a_mistake() -> None:
    wrong = deployment()
    wrong["spec"]["template"]["spec"]["containers"][0]["imagee"] = "x"
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(wrong, kubernetes_validate.latest_version(), strict=True)


def test_the_settings_are_the_servers_and_leave_time_to_drain() -> None:
    pod = deployment()["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    config = load_config(None, {item["name"]: item["value"] for item in container["env"]})
    for item in container["env"]:
        assert item["name"].removeprefix("F2P_").lower() in SETTINGS
    pause = int(container["lifecycle"]["preStop"]["exec"]["command"][1])
    assert pod["terminationGracePeriodSeconds"] > config.grace_s + pause
    assert config.grace_s >= config.time_limit_s, "a character on its way is finished"
    assert not config.reflection
    assert config.tokens is not None
    assert pod["enableServiceLinks"] is False, "F2P_PORT would be set to a URL"
    assert container["image"] == f"f2p:{__version__}"


def test_there_is_time_and_memory_to_start() -> None:
    (container,) = deployment()["spec"]["template"]["spec"]["containers"]
    probe = container["startupProbe"]
    assert probe["periodSeconds"] * probe["failureThreshold"] > ServerConfig().start_limit_s
    config = load_config(None, {item["name"]: item["value"] for item in container["env"]})
    gibibytes = {
        kind: int(container["resources"][kind]["memory"].removesuffix("Gi")) for kind in ("requests", "limits")
    }
    workers = config.workers + config.quick_workers
    swapping = 2 * (_SHARED_MIB + _WORKER_MIB * workers)
    assert gibibytes["requests"] * 1024 >= swapping
    assert gibibytes["limits"] * 1024 >= swapping + config.photo_memory_mib * workers
    assert int(container["resources"]["requests"]["cpu"]) >= workers * config.threads


def test_the_kernels_of_the_image_can_be_written_where_they_are_read() -> None:
    """numba reads compiled code from folders alone that it could write to."""
    text = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
    (folder,) = set(re.findall(r"NUMBA_CACHE_DIR=(\S+)", text))
    pod = deployment()["spec"]["template"]["spec"]
    (copying,), (serving,) = pod["initContainers"], pod["containers"]
    (written,) = copying["volumeMounts"]
    assert copying["image"] == serving["image"]
    assert copying["command"] == ["cp", "-r", f"{folder}/.", written["mountPath"]]
    mounts = {mount["mountPath"]: mount for mount in serving["volumeMounts"]}
    assert mounts[folder]["name"] == written["name"]
    assert not mounts[folder].get("readOnly", False)


def test_the_images_torch_is_the_projects() -> None:
    text = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
    for package in ("torch", "torchvision"):
        (wanted,) = re.findall(rf"'({package}[<>=].*?)'", text)
        assert f'"{wanted}"' in (DEPLOY.parent / "pyproject.toml").read_text(encoding="utf-8")


def test_envoy_drains_and_its_admin_is_not_for_everybody() -> None:
    found = {item["kind"]: item for item in documents(DEPLOY / "kubernetes" / "envoy.yaml")}
    pod = found["Deployment"]["spec"]["template"]["spec"]
    pause = pod["containers"][0]["lifecycle"]["preStop"]["sleep"]["seconds"]
    assert pod["terminationGracePeriodSeconds"] > pause
    open_to_all = [rule for rule in found["NetworkPolicy"]["spec"]["ingress"] if "from" not in rule]
    assert [port["port"] for rule in open_to_all for port in rule["ports"]] == [8443]


def test_envoys_body_limit_takes_all_photos_in_base64() -> None:
    text = (DEPLOY / "envoy" / "envoy.yaml").read_text(encoding="utf-8")
    (limit,) = re.findall(r"max_request_body_size: (\d+)", text)
    assert int(limit) > MAX_SERVED_PHOTOS_BYTES * 4 / 3


def test_the_pods_can_call_nobody() -> None:
    (policy,) = [item for item in documents(DEPLOY / "kubernetes" / "f2p.yaml") if item["kind"] == "NetworkPolicy"]
    assert policy["spec"]["egress"] == []
    assert policy["spec"]["policyTypes"] == ["Ingress", "Egress"]


def test_the_image_sets_the_servers_settings() -> None:
    text = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
    found = dict(re.findall(r"(F2P_\w+)=(\S+)", text))
    config = load_config(None, found)
    assert (config.host, config.log_format) == ("0.0.0.0", "json")
    for name in found:
        assert name.removeprefix("F2P_").lower() in SETTINGS
    assert f"EXPOSE {config.port} {config.web_port} {config.http_port}" in text
    assert "USER 10001" in text
    for folder in re.findall(r"^COPY ([a-z]\w+) ", text, re.M):
        assert (DEPLOY.parent / folder).exists()


def test_envoy_waits_longer_than_the_server_works() -> None:
    text = (DEPLOY / "envoy" / "envoy.yaml").read_text(encoding="utf-8")
    assert "lb_policy: LEAST_REQUEST" in text
    assert "timeout: 0s" in text
    assert yaml.safe_load(text)["static_resources"]["clusters"][0]["name"] == "f2p"
