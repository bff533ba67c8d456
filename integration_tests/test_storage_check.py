"""Airbyte's check tries the bucket for rejected rows, and says what to grant or correct."""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.request import Request, urlopen

import boto3
import pytest
from airbyte_input import catalog, configured_stream, record, stream_state
from connector_process import ROOT, run
from emulator_process import EmulatorProcess
from stored_rejections import StoredFiles

pytestmark = pytest.mark.usefixtures("untraced")

Json = Any
ROLE_NAME = "stores-rejected-rows"
NOBODY = {"AWS_EC2_METADATA_DISABLED": "true", "AWS_SHARED_CREDENTIALS_FILE": "none", "AWS_CONFIG_FILE": "none"}
WITHOUT_KEYS = {"access_key_id": None, "secret_access_key": None}


@pytest.fixture
def check(
    emulator: EmulatorProcess, bucket: StoredFiles, config_for: Callable[..., dict[str, Json]]
) -> Callable[..., Json]:
    def get(**storage: Json) -> Json:
        finished = run("check", config_for(emulator, object_storage_config=bucket.config | storage))
        assert "bucket-secret-key" not in finished.stdout + finished.stderr
        return finished.status

    return get


@contextmanager
def permissions_hold(url: str) -> Iterator[None]:
    """Let the server ask who may do what, which it does not do otherwise."""
    try:
        _ask_for_permission(url, b"0")
        yield
    finally:
        _ask_for_permission(url, b"Infinity")


def _ask_for_permission(url: str, after_requests: bytes) -> None:
    plain = {"Content-Type": "text/plain"}
    asked = Request(f"{url}/moto-api/reset-auth", after_requests, plain, method="POST")  # noqa: S310 - http
    with urlopen(asked) as answer:  # noqa: S310 - http
        assert answer.status == 200


def _iam(bucket: StoredFiles) -> Any:
    return boto3.client(
        "iam",
        endpoint_url=bucket.config["s3_endpoint"],
        region_name="us-east-1",
        aws_access_key_id="any",
        aws_secret_access_key="any",
    )


def user(bucket: StoredFiles, policy: str) -> dict[str, str]:
    """Make a user who may do this and nothing else; return the keys as they are configured."""
    iam = _iam(bucket)
    name = f"user-of-{bucket.name}"
    iam.create_user(UserName=name)
    iam.put_user_policy(UserName=name, PolicyName="may", PolicyDocument=policy)
    key = iam.create_access_key(UserName=name)["AccessKey"]
    return {"access_key_id": key["AccessKeyId"], "secret_access_key": key["SecretAccessKey"]}


def role(bucket: StoredFiles, *actions: str) -> str:
    """Make a role that may do this and nothing else; return its ARN."""
    iam = _iam(bucket)
    name = f"{ROLE_NAME}-{bucket.name[-8:]}"
    made = iam.create_role(RoleName=name, AssumeRolePolicyDocument=allowed("sts:AssumeRole"))
    iam.put_role_policy(RoleName=name, PolicyName="may", PolicyDocument=allowed(*actions))
    return made["Role"]["Arn"]


def allowed(*actions: str) -> str:
    statement = {"Effect": "Allow", "Action": list(actions), "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def test_a_bucket_that_takes_files_is_right_and_nothing_stays_in_it(
    check: Callable[..., Json], bucket: StoredFiles
) -> None:
    assert check() == {"status": "SUCCEEDED"}
    assert check(bucket_path=None) == {"status": "SUCCEEDED"}
    assert bucket.files() == []


def test_a_bucket_that_is_not_there_is_named(check: Callable[..., Json]) -> None:
    assert check(s3_bucket_name="no-such-bucket") == {
        "status": "FAILED",
        "message": (
            "The bucket `no-such-bucket` for rejected rows cannot be written to: the service says: The specified "
            "bucket does not exist [NoSuchBucket]. Create the bucket, or correct "
            "`object_storage_config.s3_bucket_name`."
        ),
    }


@pytest.mark.parametrize(
    ("permission", "doing", "resource"),
    [
        ("s3:PutObject", "be written to", "{}/rejected/*"),
        ("s3:ListBucket", "be listed", "{}"),
        ("s3:DeleteObject", "have a file deleted", "{}/rejected/*"),
    ],
)
def test_the_permission_that_is_missing_is_named(
    check: Callable[..., Json], bucket: StoredFiles, permission: str, doing: str, resource: str
) -> None:
    others = {"s3:PutObject", "s3:ListBucket", "s3:DeleteObject"} - {permission}
    keys = user(bucket, allowed(*others))

    with permissions_hold(bucket.config["s3_endpoint"]):
        status = check(**keys)

    assert status["status"] == "FAILED"
    assert status["message"].startswith(f"The bucket `{bucket.name}` for rejected rows cannot {doing}: ")
    assert status["message"].endswith(
        f" [AccessDenied]. Grant `{permission}` on `{resource.format(bucket.name)}` to the principal of "
        "`object_storage_config`, or what the service names instead."
    )


def test_the_policy_of_the_page_is_enough(check: Callable[..., Json], bucket: StoredFiles) -> None:
    page = (ROOT / "docs/rejected-rows.md").read_text("utf-8")
    blocks = re.findall(r"^```json\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    (policy,) = [text for text in blocks if "Statement" in text]
    policy = policy.replace("airbyte-rejected-rows/sage-intacct", f"{bucket.name}/rejected")
    keys = user(bucket, policy.replace("airbyte-rejected-rows", bucket.name))

    with permissions_hold(bucket.config["s3_endpoint"]):
        assert check(**keys) == {"status": "SUCCEEDED"}


def test_keys_that_are_not_known_are_to_be_corrected(check: Callable[..., Json], bucket: StoredFiles) -> None:
    with permissions_hold(bucket.config["s3_endpoint"]):
        message = check()["message"]

    assert "[InvalidAccessKeyId]" in message
    assert message.endswith(
        "Correct `object_storage_config.access_key_id` and `object_storage_config.secret_access_key`."
    )


def test_a_service_that_cannot_be_reached_is_named(check: Callable[..., Json]) -> None:
    message = check(s3_endpoint="http://127.0.0.1:9")["message"]

    assert "http://127.0.0.1:9 cannot be reached (EndpointConnectionError)" in message


def test_an_endpoint_that_is_no_s3_is_to_be_corrected(check: Callable[..., Json], emulator: EmulatorProcess) -> None:
    """Sage Intacct's own address, for example."""
    message = check(s3_endpoint=emulator.url)["message"]

    assert "the service says: Unauthorized [401]." in message
    assert "`object_storage_config.s3_endpoint`" in message


def test_a_path_that_s3_does_not_take_is_told_before_a_row_is_rejected(check: Callable[..., Json]) -> None:
    assert check(path_format="{sync_id/")["message"].startswith(
        "`object_storage_config.path_format` holds `{sync_id` with a brace"
    )


def test_check_and_write_warn_of_a_link_to_an_empty_folder(
    emulator: EmulatorProcess,
    bucket: StoredFiles,
    config_for: Callable[..., dict[str, Json]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Airbyte makes none for an endpoint of one's own, so that this one comes from the environment."""
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", bucket.config["s3_endpoint"])
    elsewhere = {"s3_endpoint": None, "path_format": "{stream_name}/{sync_id}/"}
    streams = catalog(configured_stream("customers", columns=("key", "name"), sync_id=42))
    for settings, warnings in ((elsewhere, 1), ({"s3_endpoint": None}, 0)):
        config = config_for(emulator, object_storage_config=bucket.config | settings)
        checked, written = run("check", config), run("write", config, streams)

        assert (checked.status, written.code) == ({"status": "SUCCEEDED"}, 0)
        for finished in (checked, written):
            told = [line for line in finished.log if line.startswith("Airbyte's link from a sync to its rejected rows")]
            assert len(told) == warnings


def test_without_keys_and_role_the_machines_own_identity_is_asked_for(
    check: Callable[..., Json], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in NOBODY.items():
        monkeypatch.setenv(name, value)

    message = check(**WITHOUT_KEYS)["message"]

    assert ": no AWS credentials were found. Fill in `object_storage_config.access_key_id`" in message
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "of the machine")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "of the machine")
    assert check(**WITHOUT_KEYS) == {"status": "SUCCEEDED"}


def test_a_role_is_assumed_by_airbytes_own_identity(
    check: Callable[..., Json],
    emulator: EmulatorProcess,
    bucket: StoredFiles,
    config_for: Callable[..., dict[str, Json]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Only the role may use the bucket, and only Airbyte's identity may assume it."""
    url = bucket.config["s3_endpoint"]
    base = user(bucket, allowed("sts:AssumeRole"))
    arn = role(bucket, "s3:PutObject", "s3:ListBucket", "s3:DeleteObject")
    settings = {
        **NOBODY,
        "AWS_ENDPOINT_URL_STS": url,
        "AWS_ASSUME_ROLE_ACCESS_KEY_ID": base["access_key_id"],
        "AWS_ASSUME_ROLE_SECRET_ACCESS_KEY": base["secret_access_key"],
    }
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    config = config_for(emulator, object_storage_config=bucket.config | WITHOUT_KEYS | {"role_arn": arn})
    streams = catalog(configured_stream("customers", columns=("key", "name")))
    lines = [record("customers", {"key": "not, a key", "name": "N"}), stream_state("customers", 1)]

    with permissions_hold(url):
        status = check(**WITHOUT_KEYS, role_arn=arn)
        finished = run("write", config, streams, lines)

    assert status == {"status": "SUCCEEDED"}
    assert (finished.code, len(finished.states), len(bucket.rows())) == (0, 1, 1)
    assert base["secret_access_key"] not in finished.stdout + finished.stderr


def test_a_role_that_may_not_be_assumed_is_named(
    check: Callable[..., Json], bucket: StoredFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = bucket.config["s3_endpoint"]
    base = user(bucket, allowed("s3:PutObject"))
    arn = role(bucket, "s3:PutObject")
    settings = {
        "AWS_ENDPOINT_URL_STS": url,
        "AWS_ASSUME_ROLE_ACCESS_KEY_ID": base["access_key_id"],
        "AWS_ASSUME_ROLE_SECRET_ACCESS_KEY": base["secret_access_key"],
    }
    for name, value in settings.items():
        monkeypatch.setenv(name, value)

    with permissions_hold(url):
        message = check(**WITHOUT_KEYS, role_arn=arn)["message"]

    assert "AWS STS says: " in message
    assert message.endswith(
        f"The role {arn} could not be assumed: check `object_storage_config.role_arn`, the role's trust policy, and "
        "the external ID that it requires."
    )
