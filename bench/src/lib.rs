//! Benchmarks: ratios beside references of the same run.
