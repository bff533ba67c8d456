"""Package metadata. Tool settings are in pyproject.toml, exact versions in requirements.lock."""

from pathlib import Path

from setuptools import find_packages, setup

VERSION = "0.1.0"

# As metadata.yaml has them.
PAGE = "https://docs.airbyte.com/integrations/destinations/sage-intacct"
API_REFERENCE = "https://developer.sage.com/intacct/apis/intacct/1/intacct-openapi"

PACKAGES = find_packages(include=["destination_sage_intacct*", "intacct_emulator*"])

SCRIPTS = {
    "destination_sage_intacct": "destination-sage-intacct = destination_sage_intacct.run:run",
    "intacct_emulator": "intacct-emulator = intacct_emulator.main:main",
}

# What Airbyte's verbs run on, all that the image holds. Each has a reason.
RUNTIME = [
    "requests>=2.32,<3",  # HTTP to Sage Intacct
    "urllib3>=2,<3",  # the retry policy below requests, which keeps "never sent" and "may have landed" apart
    "jsonschema>=4.23,<5",  # the configuration against spec.json; what is wrong with a body, in words
    "jsonschema-rs>=0.61,<1",  # whether a body is valid: 100 to 400 times as fast as jsonschema
    "msgspec>=0.19,<1",  # JSON with exact decimals both ways; 2.8 times simplejson's speed in, 10 times out
    "boto3>=1.40,<2",  # rejected rows into object storage
]

# Airbyte's destination class, for its tests and clients: destination.py alone imports it, and no verb imports that.
CDK = "airbyte-cdk>=7.39,<8"

# The emulator of the Sage Intacct REST API, for tests, the demo and trying things out.
EMULATOR = [
    "starlette>=0.46,<2",
    "uvicorn>=0.34,<1",
    "httptools>=0.6,<1",  # uvicorn's fast HTTP parser
    "msgspec>=0.19,<1",
]

DEVELOPMENT = [
    *EMULATOR,
    "airbyte-cdk[dev]>=7.39,<8",  # Airbyte's standard tests; wants pytest below 8
    "airbyte-connector-models>=0.1.12,<1",  # the strict model of metadata.yaml
    "airbyte-protocol-models-pdv2>=0.18,<0.19",  # the protocol as today's platform has it; the CDK's own stays below
    "boto3-stubs[s3,sts]>=1.40,<2",
    "coverage>=7.10,<8",
    "hypothesis>=6.100,<7",
    "import-linter>=2.1,<3",
    "flask>=3,<4",  # with flask-cors what moto's server needs; its extra brings some thirty packages for other services
    "flask-cors>=5,<7",
    "moto[s3]>=5,<6",  # an S3 API on loopback
    "mypy>=1.15,<3",
    "pytest>=7.4,<8",
    "pytest-xdist>=3.7,<4",  # `make test` runs tests on two workers; the first that leaves their order alone
    "ruff>=0.11,<1",
    "types-PyYAML",
    "types-jsonschema",
    "types-requests",
    "types-setuptools",
]

setup(
    name="destination-sage-intacct",
    version=VERSION,
    description="Airbyte destination that writes warehouse rows into Sage Intacct over its REST API",
    long_description=Path(__file__).with_name("README.md").read_text("utf-8"),
    long_description_content_type="text/markdown",
    author="The destination-sage-intacct authors",
    license="MIT",
    url=PAGE,
    project_urls={"Documentation": PAGE, "Sage Intacct REST API": API_REFERENCE},
    keywords=["airbyte", "destination", "sage intacct", "erp", "accounting"],
    classifiers=[
        "Development Status :: 3 - Alpha",
        "Environment :: Console",
        "Intended Audience :: Financial and Insurance Industry",
        "Operating System :: POSIX :: Linux",
        "Programming Language :: Python :: 3 :: Only",
        *(f"Programming Language :: Python :: 3.{minor}" for minor in (11, 12, 13)),
        "Topic :: Office/Business :: Financial :: Accounting",
        "Typing :: Typed",
    ],
    python_requires=">=3.11,<3.14",
    packages=PACKAGES,
    package_data={"": ["*.json", "*.txt", "known_fields/*.txt", "py.typed"]},
    install_requires=[CDK, *RUNTIME],
    extras_require={"emulator": EMULATOR, "dev": DEVELOPMENT},
    # The image holds the connector without the emulator, so a script comes only with its package.
    entry_points={"console_scripts": [script for package, script in SCRIPTS.items() if package in PACKAGES]},
)
