"""`f2p serve --device`: each worker loads the networks onto the device after the fork."""

from pathlib import Path

import pytest

from f2p.bundle import load_bundle
from f2p.cli import main
from f2p.client import CharacterClient, Connection, values
from f2p.creator import CharacterCreator
from tests.helpers.bad_photos import good_photo
from tests.helpers.processes import serving


@pytest.mark.slow
def test_a_device_that_is_loaded_after_the_fork_serves_the_librarys_numbers(tiny_bundle: Path) -> None:
    """`cpu:0` is a device like any other: only `cpu` itself is loaded before the fork."""
    with (
        serving(tiny_bundle, "--device", "cpu:0", "--preset", "instant") as (port, _),
        CharacterClient(Connection(target=f"localhost:{port}", timeout=120)) as client,
    ):
        served = values(client.create(good_photo()))
        assert client.preview(served).startswith(b"\x89PNG"), "the quick worker has the bundle of the fork server"
    with CharacterCreator(load_bundle(tiny_bundle, device="cpu:0"), preset="instant", render=False) as creator:
        assert creator.create(good_photo()).values == served


def test_a_device_that_is_not_there_ends_the_start_with_one_line(
    tiny_bundle: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    for arguments in (["serve", "--port", "0", "--web-port", "0"], ["create", "me.jpg", "--out", str(tmp_path)]):
        assert main([*arguments, "--bundle", str(tiny_bundle), "--device", "nonsense"]) == 1
        told = capfd.readouterr().err
        (line,) = [line for line in told.splitlines() if line.startswith("error ")]
        assert line.startswith("error DEVICE_UNAVAILABLE: ")
        assert "nonsense" in line
        assert "Traceback" not in told
