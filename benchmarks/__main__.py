"""All benchmarks in one run and one table: `make bench`."""

from benchmarks import connector_alone, report, shapes, throughput, unchanged

report.main(__doc__ or "", throughput.measure, unchanged.measure, connector_alone.measure, shapes.measure)
