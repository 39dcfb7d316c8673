"""S3 clients that people use, against the door."""

import os
import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import boto3
import pytest
from boto3.session import Session
from botocore.config import Config
from botocore.exceptions import ClientError

from tests.services.s3_door import S3Door, s3_door

ROOT = Path(__file__).resolve().parents[2]
NAMES = ("plain.txt", "with space", "ünïcödé/Звёзды/星 🔭", "a+b&c=d?e#f%20", "deep/er/and/deeper")


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Door]:
    with s3_door(tmp_path_factory.mktemp("s3")) as opened:
        yield opened


def client(door: S3Door, user: str) -> Any:  # noqa: ANN401 - boto3 makes its clients' methods as it runs
    keys = door.keys(user)
    return boto3.client(
        "s3",
        endpoint_url=door.url,
        region_name="us-east-1",
        aws_access_key_id=keys["accessKeyId"],
        aws_secret_access_key=keys["secretAccessKey"],
        config=Config(signature_version="s3v4", s3={"addressing_style": "path"}, retries={"max_attempts": 1}),
    )


def refusal(call: Callable[..., object], **arguments: object) -> str:
    with pytest.raises(ClientError) as refused:
        call(**arguments)
    return refused.value.response["Error"]["Code"]


def test_boto3_writes_what_others_read_and_reads_what_they_wrote(door: S3Door) -> None:
    s3, home = client(door, "alice"), door.homes / "alice"
    for name in NAMES:
        s3.put_object(Bucket="home", Key=name, Body=f"by boto3: {name}".encode())
        assert (home / name).read_text() == f"by boto3: {name}"
        (home / name).write_text(f"by a shell: {name}")
        assert s3.get_object(Bucket="home", Key=name)["Body"].read().decode() == f"by a shell: {name}"
    listed = [item["Key"] for item in s3.list_objects_v2(Bucket="home")["Contents"]]
    assert listed == sorted(NAMES, key=str.encode)
    s3.delete_objects(Bucket="home", Delete={"Objects": [{"Key": name} for name in NAMES]})
    assert list(home.iterdir()) == []


def test_boto3_moves_large_files_in_parts(door: S3Door, tmp_path: Path) -> None:
    s3 = client(door, "alice")
    large = tmp_path / "large"
    large.write_bytes(os.urandom(40 << 20))
    s3.upload_file(str(large), "home", "folder/large", ExtraArgs={"Metadata": {"night": "3"}})
    assert (door.homes / "alice/folder/large").read_bytes() == large.read_bytes()
    s3.download_file("home", "folder/large", str(tmp_path / "back"))
    assert (tmp_path / "back").read_bytes() == large.read_bytes()
    assert s3.head_object(Bucket="home", Key="folder/large")["Metadata"] == {"night": "3"}
    s3.copy({"Bucket": "home", "Key": "folder/large"}, "stars", "shared")
    assert (door.projects / "stars/shared").read_bytes() == large.read_bytes()
    # A change in place by a shell: no client takes the old sum for the new bytes.
    with (door.homes / "alice/folder/large").open("r+b") as file:
        file.write(b"changed")
    s3.download_file("home", "folder/large", str(tmp_path / "back"))
    assert (tmp_path / "back").read_bytes().startswith(b"changed")


def test_a_large_hole_goes_through_the_door(door: S3Door) -> None:
    s3, sparse = client(door, "alice"), door.homes / "alice/sparse"
    with sparse.open("wb") as file:
        file.truncate(5 << 30)
        file.seek(-3, os.SEEK_END)
        file.write(b"end")
    assert s3.head_object(Bucket="home", Key="sparse")["ContentLength"] == 5 << 30
    assert s3.get_object(Bucket="home", Key="sparse", Range="bytes=-3")["Body"].read() == b"end"
    s3.copy_object(Bucket="home", Key="copy", CopySource="home/sparse")
    copied = (door.homes / "alice/copy").stat()
    assert (copied.st_size, copied.st_blocks < 1000) == (5 << 30, True)


def test_what_is_not_the_callers_is_not_there(door: S3Door) -> None:
    client(door, "alice").put_object(Bucket="home", Key="mine", Body=b"x")
    bob = client(door, "bob")
    assert [bucket["Name"] for bucket in bob.list_buckets()["Buckets"]] == ["home"]
    assert refusal(bob.get_object, Bucket="home", Key="mine") == "NoSuchKey"
    for bucket in ("stars", "alice", "bob"):
        assert refusal(bob.list_objects_v2, Bucket=bucket) == "NoSuchBucket"
    assert refusal(bob.create_bucket, Bucket="mine") == "NotImplemented"


def test_a_signed_link_works_for_who_has_no_key(door: S3Door) -> None:
    s3 = client(door, "alice")
    s3.put_object(Bucket="home", Key="für alle.txt", Body=b"shared")
    link = s3.generate_presigned_url("get_object", Params={"Bucket": "home", "Key": "für alle.txt"})
    with urlopen(link) as answer:  # noqa: S310 - the door's
        assert answer.read() == b"shared"


@contextmanager
def over_tls(door: S3Door, folder: Path) -> Iterator[tuple[str, Path]]:
    """Put TLS in front of the door, as the edge does; yield its URL and the authority to trust."""
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    subprocess.run(
        [
            *(
                "openssl",
                "req",
                "-x509",
                "-newkey",
                "rsa:2048",
                "-nodes",
                "-days",
                "1",
                "-subj",
                "/CN=localhost",
            ),
            *("-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out", certificate),
        ],
        check=True,
        capture_output=True,
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    host, _, port = door.url.removeprefix("http://").partition(":")

    def pump(source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(1 << 16):
                target.sendall(data)
        with suppress(OSError):
            target.shutdown(socket.SHUT_WR)

    def serve() -> None:
        with suppress(OSError):
            while True:
                outer = context.wrap_socket(listening.accept()[0], server_side=True)
                inner = socket.create_connection((host, int(port)))
                for pair in ((outer, inner), (inner, outer)):
                    threading.Thread(target=pump, args=pair, daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=serve, daemon=True).start()
        yield f"https://localhost:{listening.getsockname()[1]}", certificate


def test_over_tls_boto3_adds_checksums_at_the_end_of_chunks(door: S3Door, tmp_path: Path) -> None:
    keys, large = door.keys("alice"), os.urandom(20 << 20)
    with over_tls(door, tmp_path) as (url, certificate):
        s3 = boto3.client(
            "s3",
            endpoint_url=url,
            region_name="us-east-1",
            verify=str(certificate),
            aws_access_key_id=keys["accessKeyId"],
            aws_secret_access_key=keys["secretAccessKey"],
            config=Config(s3={"addressing_style": "path"}, retries={"max_attempts": 1}),
        )
        s3.upload_fileobj(BytesIO(large), "home", "over tls")
        s3.put_object(Bucket="home", Key="small over tls", Body=b"small")
        assert s3.get_object(Bucket="home", Key="over tls")["Body"].read() == large
    assert (door.homes / "alice/over tls").read_bytes() == large
    assert (door.homes / "alice/small over tls").read_bytes() == b"small"


@pytest.fixture
def server_environment(door: S3Door, monkeypatch: pytest.MonkeyPatch) -> None:
    """Set what a server has in its environment, with the files of its image."""
    folder = ROOT / "images/lab/files"
    config = (folder / "etc/science-platform/aws.ini").read_text()
    made = door.homes.parent / "aws.ini"
    made.write_text(
        config.replace("/usr/local/bin/s3-credentials", str(folder / "usr/local/bin/s3-credentials"))
    )
    monkeypatch.setenv("AWS_CONFIG_FILE", str(made))
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", door.url)
    monkeypatch.setenv("JUPYTERHUB_API_TOKEN", "token-of-alice")


@pytest.mark.usefixtures("server_environment")
def test_in_a_server_boto3_needs_no_configuration(door: S3Door) -> None:
    s3 = Session().client("s3")
    s3.put_object(Bucket="home", Key="from a notebook", Body=b"x")
    assert (door.homes / "alice/from a notebook").read_bytes() == b"x"
    link = s3.generate_presigned_url("get_object", Params={"Bucket": "home", "Key": "from a notebook"})
    with urlopen(link) as answer:  # noqa: S310 - the door's
        assert answer.read() == b"x"


@pytest.mark.usefixtures("server_environment")
def test_the_helper_says_why_there_are_no_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    helper = ROOT / "images/lab/files/usr/local/bin/s3-credentials"

    def said() -> tuple[int, str]:
        done = subprocess.run([helper], check=False, capture_output=True, text=True)
        return done.returncode, done.stderr

    monkeypatch.setenv("JUPYTERHUB_API_TOKEN", "revoked")
    status, text = said()
    assert (status, "401" in text or "503" in text, "revoked" in text) == (1, True, False)
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:1")
    assert said()[0] == 1
    monkeypatch.delenv("AWS_ENDPOINT_URL_S3")
    assert said()[0] == 1


def run(*command: str | Path, **environment: str) -> str:
    if shutil.which(str(command[0])) is None:
        pytest.skip(f"{command[0]} is not installed: python -m tests.support.setup")
    # Of the machine's own settings for AWS clients none is wanted, and rclone stumbles over a bundle of authorities.
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    done = subprocess.run(
        command, check=False, capture_output=True, text=True, env={**inherited, **environment}
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_s3cmd(door: S3Door, tmp_path: Path) -> None:
    keys, host = door.keys("alice"), door.url.removeprefix("http://")
    config = tmp_path / "s3cfg"
    config.write_text(
        f"[default]\naccess_key = {keys['accessKeyId']}\nsecret_key = {keys['secretAccessKey']}\n"
        f"host_base = {host}\nhost_bucket = {host}\nuse_https = False\n"
    )
    for folder in ("out/sub", "back"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "out/small").write_text("small")
    (tmp_path / "out/sub/ünïcödé").write_text("name")
    (tmp_path / "out/large").write_bytes(os.urandom(20 << 20))

    def s3cmd(*arguments: str | Path) -> str:
        return run("s3cmd", "-c", config, *arguments)

    assert "s3://home" in s3cmd("ls")
    s3cmd("sync", f"{tmp_path}/out/", "s3://home/s3cmd/")
    assert (door.homes / "alice/s3cmd/large").read_bytes() == (tmp_path / "out/large").read_bytes()
    s3cmd("sync", "s3://home/s3cmd/", f"{tmp_path}/back/")
    assert (tmp_path / "back/sub/ünïcödé").read_text() == "name"
    assert (tmp_path / "back/large").read_bytes() == (tmp_path / "out/large").read_bytes()
    s3cmd("mv", "s3://home/s3cmd/small", "s3://home/s3cmd/moved")
    s3cmd("info", "s3://home/s3cmd/moved")
    s3cmd("del", "--recursive", "s3://home/s3cmd/")
    assert not (door.homes / "alice/s3cmd").exists()


def test_rclone(door: S3Door, tmp_path: Path) -> None:
    keys = door.keys("alice")
    environment = {
        "RCLONE_CONFIG": str(tmp_path / "none"),
        "RCLONE_CONFIG_SITE_TYPE": "s3",
        "RCLONE_CONFIG_SITE_PROVIDER": "Other",
        "RCLONE_CONFIG_SITE_ENDPOINT": door.url,
        "RCLONE_CONFIG_SITE_ACCESS_KEY_ID": keys["accessKeyId"],
        "RCLONE_CONFIG_SITE_SECRET_ACCESS_KEY": keys["secretAccessKey"],
        "RCLONE_S3_NO_CHECK_BUCKET": "true",
    }
    (tmp_path / "out/sub").mkdir(parents=True)
    (tmp_path / "out/sub/ünïcödé").write_text("name")
    (tmp_path / "out/empty").write_text("")
    (tmp_path / "out/large").write_bytes(os.urandom(20 << 20))

    def rclone(*arguments: str | Path) -> str:
        return run("rclone", *arguments, "--s3-upload-cutoff=8M", **environment)

    rclone("copy", tmp_path / "out", "site:home/rclone")
    rclone("check", tmp_path / "out", "site:home/rclone")
    assert (door.homes / "alice/rclone/large").read_bytes() == (tmp_path / "out/large").read_bytes()
    (door.homes / "alice/rclone/by a shell").write_text("x")
    rclone("sync", "site:home/rclone", tmp_path / "back")
    assert (tmp_path / "back/by a shell").read_text() == "x"
    assert (tmp_path / "back/empty").read_text() == ""
    rclone("purge", "site:home/rclone")
    assert not (door.homes / "alice/rclone").exists()
