"""Objects of S3 (moto's server) and files of SFTP (OpenSSH): each once, changed ones again, in the order of the source."""

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from orchestration.cli import onboard
from orchestration.landing.pulling.objects import fetch_newest
from orchestration.landing.pulling.results import PullFailed
from tests.pulling.conftest import Bench
from tests.servers.processes import find_port, make_folder
from tests.servers.s3 import run_store
from tests.servers.sftp import SFTP

ENTRY = "from: src, files: in/orders_*.csv, feeds: orders"
SECRET = "s3cr3t+key/with=signs"


def write(order: str, net: str = "10.00") -> bytes:
    return f"order_id,ordered_at,net\n{order},2026-03-01,{net}\n".encode()


class Store:
    """A bucket `shop` of moto's server."""

    def __init__(self, endpoint: str):
        import boto3

        self.endpoint = endpoint
        self.client = boto3.client(
            "s3", endpoint_url=endpoint, aws_access_key_id="key", aws_secret_access_key=SECRET, region_name="us-east-1"
        )
        self.client.create_bucket(Bucket="shop")
        self.settings = (
            "{url: s3://shop/exports, endpoint_url: '${S3_ENDPOINT}', region: us-east-1, access_key_id: key,"
            " secret_access_key: '${S3_SECRET}'}"
        )

    def put(self, key: str, content: bytes) -> None:
        self.client.put_object(Bucket="shop", Key=key, Body=content)


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    server = pytest.importorskip("moto.server", reason="moto is not installed: make test-servers installs it")
    started = server.ThreadedMotoServer(ip_address="127.0.0.1", port=find_port(), verbose=False)
    started.start()
    host, port = started.get_host_and_port()
    yield f"http://{host}:{port}"
    started.stop()


@pytest.fixture
def store(endpoint: str, bench: Bench) -> Store:
    import requests

    requests.post(f"{endpoint}/moto-api/reset", timeout=30)
    bench.environment |= {"S3_ENDPOINT": endpoint, "S3_SECRET": SECRET}
    return Store(endpoint)


def test_each_object_is_fetched_once_and_a_changed_one_again(bench: Bench, store: Store):
    store.put("exports/in/orders_1.csv", write("1"))
    store.put("exports/in/orders_2.csv", write("2"))
    store.put("exports/in/other.csv", write("3"))
    store.put("exports/in/deep/orders_4.csv", write("4"))
    store.put("elsewhere/in/orders_5.csv", write("5"))
    bench.declare(store.settings, ENTRY)
    first = bench.pull()
    assert sorted(Path(file).name for file in first.files) == ["orders_1.csv", "orders_2.csv"] and first.rows is None
    assert bench.pull().files == ()
    bench.land()
    time.sleep(1.1)  # the store's times are whole seconds
    store.put("exports/in/orders_1.csv", write("1", "99.00"))
    [changed] = bench.pull().files
    assert Path(changed).name == "orders_1.csv" and changed not in first.files
    bench.land()
    last = bench.select_raw("order_id, max_by(net, _delivery_order) over (partition by order_id)")
    assert set(last) == {("1", "99.00"), ("2", "10.00")}


def test_folders_are_searched_and_listings_are_paged(bench: Bench, store: Store):
    for number in range(1_050):  # a page of S3 has 1,000
        store.put(f"exports/in/{number % 3}/orders_{number}.csv", write(str(number)))
    bench.declare(store.settings, "from: src, files: in/**/orders_*.csv, feeds: orders")
    assert len(bench.pull().files) == 1_050


def test_with_ids_row_a_corrected_object_replaces_the_earlier_one(bench: Bench, store: Store):
    store.put("exports/in/orders_1.csv", b"order_id,ordered_at,net\n1,2026-03-01,10\n2,2026-03-01,10\n")
    entry = "from: src, files: in/*.csv, feeds: referrals, ids: {referral_id: row}, columns: {referrer_id: who, invited_at: at}"
    store.put("exports/in/orders_1.csv", b"who,at\nada,2026-03-01\nada,2026-03-02\n")
    bench.declare(store.settings, entry)
    bench.pull()
    assert not bench.land().refusals
    time.sleep(1.1)
    store.put("exports/in/orders_1.csv", b"who,at\nada,2026-03-01\n")
    bench.pull()
    bench.land()
    assert len(bench.select_raw("referral_id", "referrals")) == 1 and len(bench.files) == 1


def test_a_wrong_secret_is_not_shown(bench: Bench, store: Store, endpoint: str):
    bench.environment["S3_ENDPOINT"] = "http://127.0.0.1:9"
    bench.declare(store.settings, ENTRY)
    with pytest.raises(PullFailed) as caught:
        bench.pull()
    assert SECRET not in str(caught.value) and "orders ← src" in str(caught.value)


def test_a_pattern_that_matches_nothing_is_warned_of(bench: Bench, store: Store):
    store.put("exports/other.csv", b"")
    bench.declare(store.settings, ENTRY)
    assert bench.pull().warnings == ("orders: nothing matches in/orders_*.csv at src",)


def test_the_newest_object_is_recognised_and_its_pattern_added(
    bench: Bench, store: Store, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    store.put("exports/in/orders_1.csv", b"nothing,that,is,known\n1,2,3,4\n")
    time.sleep(1.1)
    store.put("exports/in/orders_2.csv", write("1") + write("2").partition(b"\n")[2])
    bench.declare(store.settings)
    (bench.path / "extracts.yml").write_text("extracts:\n")
    for name, value in {**bench.environment, "PROGRAMME": str(bench.path)}.items():
        monkeypatch.setenv(name, value)
    assert onboard.main(["--from", "src", "--files", "in/orders_2*.csv", "--add", ""]) == 0
    shown = capsys.readouterr().out
    assert "orders_2.csv is most like the extract orders" in shown and "It would load 2 rows" in shown, shown
    [entry] = bench.read().entries
    assert (entry.source, entry.files, entry.feeds) == ("src", "in/orders_2*.csv", "orders")
    assert len(bench.pull().files) == 1 and len(bench.land().deliveries) == 1


def test_what_cannot_be_onboarded_from_a_store_is_said(
    bench: Bench, store: Store, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    (bench.path / "settings.yml").write_text(
        f"connections:\n  src: {store.settings}\n  tracker: https://127.0.0.1/api\n"
    )
    (bench.path / "extracts.yml").write_text("extracts:\n")
    for name, value in {**bench.environment, "PROGRAMME": str(bench.path)}.items():
        monkeypatch.setenv(name, value)
    for arguments, said in {
        ("src", "--files", "in/*.csv"): "nothing matches in/*.csv at src. make connections lists what is there",
        ("src", "--table", "orders"): "make onboard FROM=src FILES='folder/orders_*.csv'",
        ("tracker",): "Save one answer as a file, and onboard that: make onboard FILE=answer.json",
        ("lake",): "make onboard FROM=… It is one of src, tracker",
    }.items():
        assert onboard.main(["--from", *arguments, ""]) == 1
        assert said in capsys.readouterr().err


def test_a_store_that_fails_twice_is_asked_again(bench: Bench):
    with run_store() as opened:
        bench.environment |= {"S3_ENDPOINT": opened.url, "S3_SECRET": SECRET}
        store = Store(opened.url)
        store.put("exports/in/orders_1.csv", write("1"))
        bench.declare(store.settings, ENTRY)
        opened.fail_next = 2
        assert len(bench.pull().files) == 1 and opened.fail_next < 0


@pytest.fixture(scope="module")
def sftp() -> Iterator[SFTP]:
    with make_folder("root") as folder, SFTP(folder).run() as server:
        yield server


def declare_sftp(bench: Bench, server: SFTP, host_key: str | None = None) -> None:
    settings = f"{{url: '{server.url}', key_file: {server.key_file}, host_key: {host_key or server.host_key}}}"
    bench.declare(settings, ENTRY)


def test_files_of_sftp_are_fetched_once(bench: Bench, sftp: SFTP, tmp_path: Path):
    (sftp.files / "in").mkdir()
    for number in (1, 2):
        file = sftp.files / "in" / f"orders_{number}.csv"
        file.write_bytes(write(str(number)))
        os.utime(file, (1_772_000_000 + number, 1_772_000_000 + number))
    (sftp.files / "in" / "orders_3.csv").write_bytes(write("3"))
    declare_sftp(bench, sftp)
    pulled = bench.pull()
    assert len(pulled.files) == 2 and pulled.warnings == (
        "orders ← in/orders_3.csv changed less than a minute ago; the next run fetches it",
    )
    assert bench.pull().files == ()
    assert int((bench.path / pulled.files[0]).stat().st_mtime) == 1_772_000_001
    assert len(bench.land().deliveries) == 2
    newest = fetch_newest(bench.read().settings.connections["src"].fill("src", {}), "in/orders_[12].csv", tmp_path)
    assert (newest.name, newest.read_bytes()) == ("orders_2.csv", write("2"))


def test_a_server_with_another_key_is_not_trusted(bench: Bench, sftp: SFTP):
    other = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGPKSUTyz1HwHReFVvD5obVsALAgJRNarH4TRpNePnAS"
    declare_sftp(bench, sftp, other)
    with pytest.raises(PullFailed, match="BadHostKey"):
        bench.pull()
