"""The configuration: what may be set, what it holds, and what can be wrong with it."""

from destination_sage_intacct.config.errors import (
    ConfigError,
)
from destination_sage_intacct.config.files import (
    read_catalog_file,
    read_config,
)
from destination_sage_intacct.config.object_storage import (
    CsvFormat,
    Gzip,
    JsonLinesFormat,
    NoCompression,
    NoStorage,
    ObjectStorage,
    S3Storage,
)
from destination_sage_intacct.config.settings import (
    AccessToken,
    ClientCredentials,
    Config,
    Credentials,
    FieldMapping,
    Lines,
    LinesOnUpdate,
    MatchByFields,
    MatchByRecordKey,
    Matching,
    NullValues,
    OAuth,
    ObjectLabel,
    OnSourceDelete,
    OperationSetting,
    RejectedRows,
    RejectionPolicy,
    StreamSettings,
    parse_config,
)
from destination_sage_intacct.config.spec import (
    load_spec,
    secret_values,
)

__all__ = [
    "AccessToken",
    "ClientCredentials",
    "Config",
    "ConfigError",
    "Credentials",
    "CsvFormat",
    "FieldMapping",
    "Gzip",
    "JsonLinesFormat",
    "Lines",
    "LinesOnUpdate",
    "MatchByFields",
    "MatchByRecordKey",
    "Matching",
    "NoCompression",
    "NoStorage",
    "NullValues",
    "OAuth",
    "ObjectLabel",
    "ObjectStorage",
    "OnSourceDelete",
    "OperationSetting",
    "RejectedRows",
    "RejectionPolicy",
    "S3Storage",
    "StreamSettings",
    "load_spec",
    "parse_config",
    "read_catalog_file",
    "read_config",
    "secret_values",
]
