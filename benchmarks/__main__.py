"""All benchmarks in one run: `make bench`. What was measured of the same code before is not measured again."""

import sys

from benchmarks import connector_alone, report, shapes
from benchmarks.everyday import everyday

missing = everyday(sys.argv[1:])
print()
print(report.table([*connector_alone.measure(quick=False), *shapes.measure(quick=False)]))
if missing:
    sys.exit(f"Without a result: {', '.join(missing)}. `make bench` measures only these, and the last two parts again.")
