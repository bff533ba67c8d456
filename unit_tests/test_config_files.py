import json
import traceback
from pathlib import Path

import pytest
from configurations import LEAST

from destination_sage_intacct.config import ConfigError, read_config


def test_a_configuration_file_is_read(tmp_path):
    path = tmp_path / "config.json"
    path.write_text("\ufeff" + json.dumps(LEAST), "utf-8")

    assert read_config(path) == LEAST


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "is empty; fill it in."),
        (b" \n", "is empty; fill it in."),
        (b'{\n  "company_id": demo-secret\n}', "is not JSON at line 2, column 17; correct it there."),
        (b'{"company_id": "demo"', "is not JSON at line 1, column 22; correct it there."),
        (b'{"a": 1} demo-secret', "is not JSON at line 1, column 10; correct it there."),
        (b'["demo-secret"]', "must hold a JSON object; it holds a list."),
        (b"null", "must hold a JSON object; it holds nothing."),
        (b'{"company_id": "\xff"}', "is not text in UTF-8; save it as UTF-8."),
        (b'{"max_retries": ' + b"1" * 5000 + b"}", "is not JSON that can be read; correct it."),
        (b"[" * 100_000, "is not JSON that can be read; correct it."),
    ],
    ids=range(10),
)
def test_a_file_that_cannot_be_used_is_told_without_its_content(tmp_path: Path, content, problem):
    path = tmp_path / "config.json"
    path.write_bytes(content)

    with pytest.raises(ConfigError) as raised:
        read_config(path)

    assert str(raised.value) == f"The configuration file {path} {problem}"
    assert "demo-secret" not in "".join(traceback.format_exception(raised.value))


def test_a_missing_file_is_told_with_its_path(tmp_path: Path):
    path = tmp_path / "config.json"
    expected = f"The configuration file {path} cannot be read (No such file or directory); check the path."

    with pytest.raises(ConfigError) as raised:
        read_config(path)
    assert str(raised.value) == expected

    with pytest.raises(ConfigError, match="Is a directory"):
        read_config(tmp_path)
